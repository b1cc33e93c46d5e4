"""Tables of dated values: by region, by key, by the day on which a value enters into force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class Absent(Enum):
    """What a dated entry can say instead of a value."""

    ENDED = "ended"  # from this day the region has no value of its own; its parent's holds again
    NONE = "none"  # from this day there is explicitly no value here, whatever the parent holds


@dataclass(frozen=True, slots=True)
class Timeline(Generic[T]):
    """The entries of one key in one region, oldest first."""

    entries: tuple[tuple[date, T | Absent], ...]

    def on(self, day: date) -> T | Absent:
        """Return what holds on `day`: the newest entry that has entered into force."""
        held: T | Absent = Absent.ENDED
        for since, entry in self.entries:
            if since > day:
                break
            held = entry
        return held


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A quantity of a pack: region → key → timeline. A region's value goes before its parent's."""

    regions: Mapping[str, Mapping[str, Timeline[T]]]

    def lookup(self, keys: Iterable[str], *, region_path: tuple[str, ...], on: date) -> T | None:
        """Return the value that holds for the first of `keys`, narrowest region first; None where there is none."""
        keys = tuple(keys)
        for region in reversed(region_path):
            for key in keys:
                held = self._held(region, key, on)
                if held is Absent.NONE:
                    return None
                if not isinstance(held, Absent):
                    return held
        return None

    def in_force(self, *, region_path: tuple[str, ...], on: date) -> dict[str, T]:
        """Return every key that holds in the region on the day, in the order of the pack."""
        keys = dict.fromkeys(key for region in region_path for key in self.regions.get(region, {}))
        found = ((key, self.lookup((key,), region_path=region_path, on=on)) for key in keys)
        return {key: value for key, value in found if value is not None}

    def _held(self, region: str, key: str, on: date) -> T | Absent:
        timeline = self.regions.get(region, {}).get(key)
        return Absent.ENDED if timeline is None else timeline.on(on)
