"""The fine-tuned encoder, which answers beside the linear model and the network; `nlu.encoder.build` makes its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from nlu.encoder.pieces import Pieces

WEIGHTS = Path(__file__).resolve().parent.parent / "encoder" / "weights"


class Encoder:
    """Gives the log-odds of every head; one thread, one message at a time."""

    def __init__(self, folder: Path) -> None:
        kept = np.load(folder / "pieces.npz", allow_pickle=False)
        known, bare = (str(kept[name]).split("\n") for name in ("pieces", "bare"))
        rows = {piece: row for row, piece in enumerate(known)}
        scores = dict(zip(known, map(float, kept["scores"]), strict=True))
        self._pieces = Pieces(rows, scores, {word: row for row, word in enumerate(bare, len(known))})
        self._rows, self._scale, self._places = kept["rows"], kept["scale"], kept["places"].astype(np.float32)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(folder / "encoder.onnx", options, ["CPUExecutionProvider"])

    @classmethod
    def load(cls, folder: Path = WEIGHTS) -> Encoder | None:
        """Return the encoder, or None where its files are missing; whatever is wrong with them is raised."""
        return cls(folder) if (folder / "encoder.onnx").exists() else None

    def heads(self, messages: list[list[str]]) -> np.ndarray:
        """Return log-odds, one row a message of normalised words."""
        return np.concatenate([self._session.run(None, {"x": self._seen(words)})[0] for words in messages])

    def _seen(self, words: list[str]) -> np.ndarray:
        ids = self._pieces.of(words)
        return (self._rows[ids] * self._scale[ids, None] + self._places[: len(ids)])[None]
