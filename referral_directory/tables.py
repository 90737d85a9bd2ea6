"""The directory with all of its tables: who makes, changes or lists them takes it from here, where none is forgotten."""

from __future__ import annotations

from referral_directory import events, keeping, season
from referral_directory.models import directory

__all__ = ["directory", "events", "keeping", "season"]
