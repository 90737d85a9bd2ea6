"""The lower half of multilingual-e5-small with one head for every label, as it learns."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nlu.encoder.pieces import MOST
from nlu.encoder.pretrained import Pretrained
from nlu.labels import HEADS

LAYERS = 6
"""Of twelve: the lower ones hold what a language is made of, and half of them answer in half the time."""
ROUND = 8
"""Messages that are shown together are filled up to a multiple of this length."""
PAD = -1
_PLACES = -(-MOST // ROUND) * ROUND
_HIDDEN = 0.06
"""Share of pieces that are hidden while learning."""
_FRAME = 2
"""The first rows are the start and the end of a message, which are never hidden."""


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


class Learner(nn.Module):
    """The pieces of messages in, one log-odds a head out."""

    def __init__(self, given: Pretrained, rows: np.ndarray) -> None:
        super().__init__()
        width = given.width
        places = given.vector("emb.pos").reshape(-1, width)[:_PLACES] + given.vector("emb.type")[:width]
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
        """Return the heads of messages that are filled up with `PAD`; while learning, some pieces become `hidden`."""
        empty = ids == PAD
        shown = ids.masked_fill(empty, hidden)
        if self.training:
            shown = shown.masked_fill((torch.rand(ids.shape) < _HIDDEN) & (ids >= _FRAME), hidden)
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
