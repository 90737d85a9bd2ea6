"""The communes of today nearest to a shared location."""

from __future__ import annotations

import math

from referral_directory.places.units import Commune, load

_EARTH = 6371.0


def nearest(lat: float, lon: float, limit: int = 5) -> tuple[Commune, ...]:
    """Return the `limit` communes whose centres are nearest to the point (degrees), nearest first.

    Centres, not borders: the person chooses among them. A point that is no place on Earth gives none.
    """
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        return ()
    known = [
        (kilometres(lat, lon, c.lat, c.lon), c.code, c)
        for c in load().communes
        if c.lat is not None and c.lon is not None
    ]
    return tuple(commune for _, _, commune in sorted(known)[: max(limit, 0)])


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance in kilometres between two points given in degrees."""
    a, b = math.radians(lat), math.radians(other_lat)
    turn = math.radians(other_lon - lon)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))
