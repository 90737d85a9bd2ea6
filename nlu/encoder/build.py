"""Fine-tune the lower half of multilingual-e5-small on the written lines, and write what `nlu.components.encoder` reads.

``python -m nlu.encoder.build`` (``make encoder``) takes 70 minutes of one core with AMX, and 4 GB; ``--rounds 0.05`` tries it.
Each round shows every line once: half of them without marks, one in five as another hand would have typed it.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional as F

from nlu.encoder import pretrained
from nlu.encoder.pieces import END, MOST, START, UNKNOWN, Pieces, marked
from nlu.encoder.pretrained import Pretrained
from nlu.labels import HEADS, INTENTS, TYPES
from nlu.lines import DATA, TOLD, Line, read
from nlu.noise import noisy
from nlu.text import fold, is_syllable, tokens

HERE = Path(__file__).resolve().parent
LAYERS = 6
"""Of twelve: the lower ones hold what a language is made of, and half of them answer in half the time."""
_RATE, _HEAD_RATE, _WARM = 2e-4, 1e-3, 0.06
_TOKENS = 2_400
"""Pieces that are shown at a time."""
_HIDDEN = 0.06
"""Share of pieces that are hidden while learning."""
_PAD = -1
_TOLD, _DANGER, _WITNESS = (HEADS.index(name) for name in ("told", "danger", "witness"))


def main() -> None:
    """Learn, and write the two files."""
    parser = argparse.ArgumentParser(prog="python -m nlu.encoder.build", description=__doc__)
    parser.add_argument("--rounds", type=float, default=12, help="how often every line is shown")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, default=HERE / "weights", help="folder of the files")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    lines, given = list(read(DATA)), pretrained.load()
    pieces, rows = vocabulary(lines, given)
    model = Encoder(given, rows)
    learn(model, pieces, lines, options.rounds, random.Random(options.seed))  # noqa: S311 - which lines when
    options.to.mkdir(parents=True, exist_ok=True)
    write(model, pieces, options.to)


class Layer(nn.Module):
    """One layer of BERT: attention over the whole message, then each piece by itself."""

    def __init__(self, given: Pretrained, number: int) -> None:
        super().__init__()
        width, inner = given.width, given.inner
        self.heads = given.heads
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fi, self.fo = nn.Linear(width, inner), nn.Linear(inner, width)
        self.n1, self.n2 = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12)
        name = f"l{number}."
        parts = {"o": ("ao", width), "fi": ("fi", width), "fo": ("fo", inner)}
        state = {
            "qkv.weight": np.concatenate([given.matrix(f"{name}{part}.w", width) for part in "qkv"]),
            "qkv.bias": np.concatenate([given.vector(f"{name}{part}.b") for part in "qkv"]),
            **{f"{ours}.weight": given.matrix(f"{name}{its}.w", columns) for ours, (its, columns) in parts.items()},
            **{f"{ours}.bias": given.vector(f"{name}{its}.b") for ours, (its, _) in parts.items()},
            **{f"{ours}.weight": given.vector(f"{name}{its}.w") for ours, its in (("n1", "aln"), ("n2", "oln"))},
            **{f"{ours}.bias": given.vector(f"{name}{its}.b") for ours, its in (("n1", "aln"), ("n2", "oln"))},
        }
        self.load_state_dict({key: torch.tensor(value) for key, value in state.items()})

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Return the messages one layer further on."""
        messages, length, width = x.shape
        q, k, v = self.qkv(x).view(messages, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        near = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5
        weight = torch.softmax(near if mask is None else near + mask, -1)
        x = self.n1(x + self.o((weight @ v).transpose(1, 2).reshape(messages, length, width)))
        return self.n2(x + self.fo(F.gelu(self.fi(x))))


class Encoder(nn.Module):
    """The pieces of messages in, one log-odds a head out."""

    def __init__(self, given: Pretrained, rows: np.ndarray) -> None:
        super().__init__()
        width = given.width
        places = given.vector("emb.pos").reshape(-1, width)[: MOST + 4] + given.vector("emb.type")[:width]
        self.emb = nn.Embedding.from_pretrained(torch.tensor(rows), freeze=False)
        self.pos = nn.Parameter(torch.tensor(places))
        self.n = nn.LayerNorm(width, 1e-12)
        weight, bias = torch.tensor(given.vector("emb.ln.w")), torch.tensor(given.vector("emb.ln.b"))
        self.n.load_state_dict({"weight": weight, "bias": bias})
        self.layers = nn.ModuleList(Layer(given, number) for number in range(LAYERS))
        self.head = nn.Linear(2 * width, len(HEADS))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, hidden: int) -> Tensor:
        """Return the heads of messages that are filled up with `_PAD`; while learning, some pieces become `hidden`."""
        empty = ids == _PAD
        shown = ids.masked_fill(empty, hidden)
        if self.training:
            shown = shown.masked_fill((torch.rand(ids.shape) < _HIDDEN) & (ids > 1), hidden)
        return self.heads(self.emb(shown) + self.pos[: ids.shape[1]], empty)

    def heads(self, x: Tensor, empty: Tensor | None = None) -> Tensor:
        """Return the heads for what the pieces at their places are, one message or several."""
        mask = None if empty is None else torch.zeros_like(empty, dtype=x.dtype).masked_fill(empty, -1e4)[:, None, None]
        x = self.n(x)
        for layer in self.layers:
            x = layer(x, mask)
        if empty is None:
            mean, most = x.mean(1), x.amax(1)
        else:
            kept = (~empty)[..., None]
            mean, most = (x * kept).sum(1) / kept.sum(1), x.masked_fill(~kept, -1e4).amax(1)
        both = torch.cat([mean, most], 1)
        found: Tensor = self.head(F.dropout(both, 0.1, self.training))
        return found.float()


def vocabulary(lines: list[Line], given: Pretrained) -> tuple[Pieces, np.ndarray]:
    """Return the pieces that Vietnamese needs, and the row of each: of a bare word, the mean of what it may stand for."""
    known = {piece: number for number, piece in enumerate(given.pieces) if piece}
    scores = {piece: float(given.scores[number]) for piece, number in known.items()}
    every = Pieces(known, scores, {})
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    used = {START, END, UNKNOWN}
    for line in lines:
        words = tokens(line.text)
        for word in words:
            used.update(every.cut(word), every.cut(fold(word)))
        if marked(words) >= 0.3:
            for word in words:
                forms[fold(word)][word] += 1
    kept = [piece for piece in known if piece in used or _may_be_needed(piece)]
    kept.sort(key=lambda piece: (piece not in (START, END), known[piece]))
    embeddings = given.matrix("emb.word", given.width)
    rows = [embeddings[known[piece]] for piece in kept]
    for word in sorted(forms):
        share = [n * embeddings[[known[p] for p in every.cut(form)]].mean(axis=0) for form, n in forms[word].items()]
        rows.append(np.sum(share, axis=0) / forms[word].total())
    bare = {word: len(kept) + n for n, word in enumerate(sorted(forms))}
    return Pieces({p: n for n, p in enumerate(kept)}, {p: scores[p] for p in kept}, bare), np.stack(rows)


def _may_be_needed(piece: str) -> bool:
    """Tell whether a piece that no line holds may stand in a message: a syllable, a letter, a bit of a Latin word."""
    bare = piece.removeprefix("\u2581")
    return piece == piece.lower() and (len(bare) <= 1 or is_syllable(bare) or (len(bare) <= 3 and bare.isascii()))


def learn(model: Encoder, pieces: Pieces, lines: list[Line], rounds: float, chance: random.Random) -> None:
    """Show the lines; weights are bfloat16, and what they add up in is float32."""
    truth = np.stack([_truth(line) for line in lines])
    hidden = pieces.rows[UNKNOWN]
    kept = [weight.detach().clone().requires_grad_() for weight in model.parameters()]
    groups = [
        {
            "params": [weight],
            "full": _HEAD_RATE if name.startswith("head") else _RATE,
            "weight_decay": 0.01 if weight.ndim == 2 and not name.startswith(("emb", "pos")) else 0.0,
        }
        for weight, (name, _) in zip(kept, model.named_parameters(), strict=True)
    ]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
    model.to(torch.bfloat16).train()
    weights, start, done, total = list(model.parameters()), time.monotonic(), 0, 0
    while not total or done < total:
        shown = [pieces.of(tokens(_shown(line.text, chance))) for line in lines]
        batches = _batches(shown, chance)
        total = total or max(1, int(len(batches) * rounds))
        for batch in batches[: total - done]:
            part = done / total
            for group in optimiser.param_groups:
                group["lr"] = group["full"] * (min(1.0, part / _WARM) * (1 - part) + 0.002)
            loss = _loss(model(_filled([shown[n] for n in batch]), hidden), torch.tensor(truth[batch]))
            loss.backward()
            with torch.no_grad():
                for weight, sum_ in zip(weights, kept, strict=True):
                    sum_.grad = weight.grad.float() if weight.grad is not None else None
                    weight.grad = None
                nn.utils.clip_grad_norm_(kept, 1.0)
                optimiser.step()
                torch._foreach_copy_(weights, kept)
            done += 1
            if done % 100 == 0:
                print(f"{done}/{total}: loss {loss.item():.2f}, {time.monotonic() - start:.0f} s", flush=True)
    model.float().eval()
    with torch.no_grad():
        torch._foreach_copy_(list(model.parameters()), kept)


def _truth(line: Line) -> np.ndarray:
    """Return one 0 or 1 for each of `HEADS`."""
    flags = line.risk in TOLD, line.risk == "emergency", line.reporter == "witness"
    intents, kinds = (name == line.intent for name in INTENTS), (kind in line.types for kind in TYPES)
    return np.array([*intents, *flags, *kinds], np.float32)


def _shown(text: str, chance: random.Random) -> str:
    if chance.random() < 0.2:
        text = noisy(text, chance)
    return fold(text) if chance.random() < 0.5 else text


def _batches(shown: list[list[int]], chance: random.Random) -> list[list[int]]:
    """Return the numbers of messages that are shown together: of about one length, in any order."""
    order = list(range(len(shown)))
    chance.shuffle(order)
    found: list[list[int]] = []
    for start in range(0, len(order), 4096):
        batch: list[int] = []
        for number in sorted(order[start : start + 4096], key=lambda n: len(shown[n])):
            if batch and (len(batch) + 1) * len(shown[number]) > _TOKENS:
                found.append(batch)
                batch = []
            batch.append(number)
        found.append(batch)
    chance.shuffle(found)
    return found


def _filled(messages: list[list[int]]) -> Tensor:
    length = -(-max(map(len, messages)) // 8) * 8
    return torch.tensor([ids + [_PAD] * (length - len(ids)) for ids in messages])


def _loss(heads: Tensor, truth: Tensor) -> Tensor:
    """Return one number: the intent is one of many, all else yes or no; who tells counts where something is told."""
    many = len(INTENTS)
    intent = F.cross_entropy(heads[:, :many], truth[:, :many].argmax(1), label_smoothing=0.05)
    each = F.binary_cross_entropy_with_logits(heads, truth, reduction="none")
    told = truth[:, _TOLD]
    witness = (each[:, _WITNESS] * told).sum() / (told.sum() + 1)
    kinds = each[:, -len(TYPES) :].sum(1).mean()
    return intent + 2 * each[:, _TOLD].mean() + each[:, _DANGER].mean() + 0.5 * witness + kinds


def write(model: Encoder, pieces: Pieces, folder: Path) -> None:
    """Write `encoder.onnx` (weights in eight bits) and `pieces.npz` (rows in eight bits, each with its scale)."""
    rows = model.emb.weight.detach().numpy()
    scale = np.abs(rows).max(axis=1) / 127
    np.savez_compressed(
        folder / "pieces.npz",
        pieces=np.array("\n".join(pieces.rows)),
        scores=np.array(list(pieces.scores.values()), np.float32),
        bare=np.array("\n".join(pieces.bare)),
        rows=np.round(rows / scale[:, None]).astype(np.int8),
        scale=scale.astype(np.float32),
        places=model.pos.detach().numpy().astype(np.float16),
    )
    model.forward = model.heads  # type: ignore[method-assign]
    whole = folder / "whole.onnx"
    shape = torch.zeros(1, 12, rows.shape[1])
    names: dict[str, list[str]] = {"input_names": ["x"], "output_names": ["heads"]}
    torch.onnx.export(model, (shape,), str(whole), dynamo=False, dynamic_axes={"x": {1: "length"}}, **names)
    quantize_dynamic(onnx.load(whole), folder / "encoder.onnx", per_channel=True, weight_type=QuantType.QInt8)
    whole.unlink()


if __name__ == "__main__":
    main()
