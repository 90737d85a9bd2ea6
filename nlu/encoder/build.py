"""Fine-tune the lower half of multilingual-e5-small on the written lines, and write what `nlu.components.encoder` reads.

``python -m nlu.encoder.build`` (``make encoder``) takes 70 minutes of one core with AMX, and 4 GB; ``--rounds 0.05`` tries it.
Each round shows every line once: half of them without marks, one in five as another hand would have typed it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional as F

from nlu.encoder import pretrained
from nlu.encoder.learner import PAD, ROUND, Learner
from nlu.encoder.pieces import MOST, UNKNOWN, Pieces
from nlu.encoder.vocabulary import vocabulary
from nlu.labels import DANGER_AT, HEADS, KINDS, ONE_OF, TOLD_AT, WITNESS_AT, truth
from nlu.lines import DATA, Line, read
from nlu.noise import noisy
from nlu.text import fold

HERE = Path(__file__).resolve().parent
_RATE, _HEAD_RATE, _WARM = 2e-4, 1e-3, 0.06
_TOKENS = 2_400
"""Pieces that are shown at a time."""


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
    model = Learner(given, rows)
    learn(model, pieces, lines, options.rounds, random.Random(options.seed))  # noqa: S311 - which lines when
    write(model, pieces, options.to)


def learn(model: Learner, pieces: Pieces, lines: list[Line], rounds: float, chance: random.Random) -> None:
    """Show the lines; weights are bfloat16, and what they add up in is float32."""
    real = np.array([truth(x.intent, x.risk, x.types, x.reporter) for x in lines], np.float32)
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
        shown = [pieces.of(_shown(line.text, chance)) for line in lines]
        batches = _batches(shown, chance)
        total = total or max(1, int(len(batches) * rounds))
        for batch in batches[: total - done]:
            part = done / total
            for group in optimiser.param_groups:
                group["lr"] = group["full"] * (min(1.0, part / _WARM) * (1 - part) + 0.002)
            loss = _loss(model(_filled([shown[n] for n in batch]), hidden), torch.tensor(real[batch]))
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
    length = -(-max(map(len, messages)) // ROUND) * ROUND
    return torch.tensor([ids + [PAD] * (length - len(ids)) for ids in messages])


def _loss(heads: Tensor, real: Tensor) -> Tensor:
    """Return one number: the intent is one of many, all else yes or no; who tells counts where something is told."""
    intent = F.cross_entropy(heads[:, ONE_OF], real[:, ONE_OF].argmax(1), label_smoothing=0.05)
    each = F.binary_cross_entropy_with_logits(heads, real, reduction="none")
    told = real[:, TOLD_AT]
    witness = (each[:, WITNESS_AT] * told).sum() / (told.sum() + 1)
    kinds = each[:, KINDS].sum(1).mean()
    return intent + 2 * each[:, TOLD_AT].mean() + each[:, DANGER_AT].mean() + 0.5 * witness + kinds


def write(model: Learner, pieces: Pieces, folder: Path) -> None:
    """Write `encoder.onnx` (weights in eight bits) and `pieces.npz` (rows in eight bits, each with its scale)."""
    rows = model.emb.weight.detach().numpy()
    scale = np.maximum(np.abs(rows).max(axis=1) / 127, 1e-8)
    model.forward = model.heads  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        made = Path(name)
        np.savez_compressed(
            made / "pieces.npz",
            pieces=np.array("\n".join(pieces.rows)),
            scores=np.array(list(pieces.scores.values()), np.float32),
            bare=np.array("\n".join(pieces.bare)),
            heads=np.array("\n".join(HEADS)),
            rows=np.round(rows / scale[:, None]).astype(np.int8),
            scale=scale.astype(np.float32),
            places=model.pos.detach().numpy()[:MOST].astype(np.float16),
        )
        given, named = torch.zeros(1, 12, rows.shape[1]), {"input_names": ["x"], "output_names": ["heads"]}
        torch.onnx.export(
            model, (given,), str(made / "whole.onnx"), dynamo=False, dynamic_axes={"x": {1: "length"}}, **named
        )
        quantize_dynamic(
            onnx.load(made / "whole.onnx"), made / "encoder.onnx", per_channel=True, weight_type=QuantType.QInt8
        )
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("pieces.npz", "encoder.onnx"):
            (made / file).replace(folder / file)


if __name__ == "__main__":
    main()
