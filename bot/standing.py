"""How the understanding of this machine is, for those who look after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How the understanding is: `state` of the server, when its model was taken, its figures where it was judged."""

    state: str
    """Of `NluServer.state`; "" where no server belongs to this process."""
    taken: datetime | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
