"""The fine-tuned encoder, which answers beside the linear model and the network; `nlu.encoder.build` makes its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from nlu.components.progress import tell
from nlu.encoder.pieces import Pieces
from nlu.labels import HEADS

WEIGHTS = Path(__file__).resolve().parent.parent / "encoder" / "weights"
FILES = ("encoder.onnx", "pieces.npz")


class Encoder:
    """Gives the log-odds of every head; one thread, one message at a time."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # an environment without it still has the other two models

        kept = np.load(folder / "pieces.npz", allow_pickle=False)
        known, bare, heads = (str(kept[name]).split("\n") for name in ("pieces", "bare", "heads"))
        if tuple(heads) != HEADS:
            raise ValueError("other labels")
        scores = dict(zip(known, map(float, kept["scores"]), strict=True))
        rows = {piece: row for row, piece in enumerate(known)}
        self._pieces = Pieces(rows, scores, {word: row for row, word in enumerate(bare, len(known))})
        self._rows, self._scale, self._places = kept["rows"], kept["scale"], kept["places"].astype(np.float32)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(folder / "encoder.onnx", options, ["CPUExecutionProvider"])

    @classmethod
    def load(cls, folder: Path = WEIGHTS) -> Encoder | None:
        """Return the encoder, or None, with a word of it, where its files are missing or do not fit."""
        if not all((folder / name).exists() for name in FILES):
            return None
        try:
            return cls(folder)
        except Exception as error:  # whatever is wrong with 20 MB of weights, the other two models answer
            tell(f"Không dùng được bộ mã hóa ({type(error).__name__}); chạy: make encoder")
            return None

    @staticmethod
    def fingerprint(folder: Path = WEIGHTS) -> str:
        """Return what these very weights are told by: thresholds belong to them."""
        found = hashlib.sha256()
        for name in FILES:
            found.update((folder / name).read_bytes())
        return found.hexdigest()

    def heads(self, messages: list[str]) -> np.ndarray:
        """Return log-odds, one row a message."""
        return np.concatenate([self._session.run(None, {"x": self._seen(text)})[0] for text in messages])

    def _seen(self, text: str) -> np.ndarray:
        ids = self._pieces.of(text)
        return (self._rows[ids] * self._scale[ids, None] + self._places[: len(ids)])[None]
