"""Tells on the terminal how far a training is; `tincay train` shows these lines."""

from __future__ import annotations


def tell(line: str) -> None:
    """Write one line at once."""
    print(f"[tincay] {line}", flush=True)
