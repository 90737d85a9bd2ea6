"""The communes of today nearest to a shared location."""

from __future__ import annotations

import math
from bisect import bisect
from functools import lru_cache
from operator import itemgetter

from referral_directory.places.units import Commune, load

_EARTH = 6371.0


def nearest(lat: float, lon: float, limit: int = 5) -> tuple[Commune, ...]:
    """Return the `limit` communes whose centres are nearest to the point (degrees), nearest first.

    Centres, not borders: the person chooses among them. A point that is no place on Earth gives none.
    """
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        return ()
    known = _centres()
    first, last = (bisect(known, lat + to, key=itemgetter(0)) for to in (-_BOX, _BOX))
    box = [at for at in known[first:last] if abs(at[1] - lon) < _BOX]
    found = _by_distance(lat, lon, box)[: max(limit, 0)]
    if len(found) < limit or (found and found[-1][0] > _IN_THE_BOX):
        found = _by_distance(lat, lon, known)[: max(limit, 0)]
    return tuple(commune for _, _, commune in found)


_BOX, _IN_THE_BOX = 0.4, 40.0
"""Degrees each way that are looked at first; whatever lies outside is farther than so many kilometres (in Vietnam)."""


@lru_cache(maxsize=1)
def _centres() -> list[tuple[float, float, Commune]]:
    """Return the communes with their centres, from south to north."""
    found = [(c.lat, c.lon, c) for c in load().communes if c.lat is not None and c.lon is not None]
    return sorted(found, key=itemgetter(0))


def _by_distance(lat: float, lon: float, known: list[tuple[float, float, Commune]]) -> list[tuple[float, int, Commune]]:
    return sorted((kilometres(lat, lon, a, b), c.code, c) for a, b, c in known)


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance in kilometres between two points given in degrees."""
    a, b = math.radians(lat), math.radians(other_lat)
    turn = math.radians(other_lon - lon)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))
