"""How results of many channels lie in memory: streams in time order, one behind the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, IntArray, labels


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """Results by stream: those of one channel between two resets.

    ``values``, shape (n,), are float32 or float64 and, where the caller's memory allows, a view of it. Stream s has
    places ``starts[s]`` to ``ends[s]`` and belongs to channel ``channel[s]``. ``order`` leads from places to the
    caller's flat positions, None where they are the same.
    """

    values: NDArray[Any]
    starts: IntArray
    ends: IntArray
    channel: IntArray
    channels: int
    order: IntArray | None
    shape: tuple[int, ...]

    def restored(self, by_place: NDArray[Any]) -> NDArray[Any]:
        """Return an array by place, shape (…, n), as the caller's values lie."""
        placed = by_place
        if self.order is not None:
            placed = np.empty_like(by_place)
            placed[..., self.order] = by_place
        return placed.reshape(*by_place.shape[:-1], *self.shape)

    def position(self, place: int) -> str:
        """Return where the caller finds the value at `place`."""
        flat = place if self.order is None else int(self.order[place])
        return ", ".join(str(i) for i in np.unravel_index(flat, self.shape))


def streams(values: ArrayLike, *, series: ArrayLike | None, segment: ArrayLike | None) -> Streams:
    """Return `values` by stream; float32 stays as it is, other numbers become float64."""
    array = _numbers(values)
    if array.ndim == 2 and series is not None:
        raise ValueError("series must not be given with two-dimensional values, whose rows are the series")
    if array.ndim not in (1, 2):
        raise ValueError(f"values must have one dimension, or two (channels, n), but has {array.ndim}")
    order, bounds = _channels(array, series)
    resets = _resets(segment, array.shape, order)
    starts = np.union1d(bounds[:-1], resets).astype(np.int64) if resets.size else bounds[:-1]
    flat = array.reshape(-1)
    return Streams(
        values=flat if order is None else flat[order],
        starts=starts,
        ends=np.append(starts[1:], array.size),
        channel=np.searchsorted(bounds[:-1], starts, side="right") - 1,
        channels=bounds.size - 1,
        order=order,
        shape=array.shape,
    )


def _numbers(values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind not in "buif" and array.size:
        raise ValueError(f"values must be numbers, but got {array.dtype}")
    # Byte order and layout that compiled loops read; no copy of what already has them.
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype == np.float32 else np.float64)


def _channels(array: NDArray[Any], series: ArrayLike | None) -> tuple[IntArray | None, IntArray]:
    """Return the order that puts channels one behind the other, and the places where each begins, and the end."""
    if array.ndim == 2:
        return None, np.arange(array.shape[0] + 1, dtype=np.int64) * array.shape[1]
    if series is None:
        return None, np.array([0, array.size], dtype=np.int64)
    names: NDArray[Any] = labels("series", series, array.size)
    rising = bool(np.all(names[1:] >= names[:-1]))
    order = None if rising else np.argsort(names, kind="stable")
    in_order = names if order is None else names[order]
    changes = np.flatnonzero(in_order[1:] != in_order[:-1]) + 1
    return order, np.concatenate(([0] if array.size else [], changes, [array.size])).astype(np.int64)


def _resets(segment: ArrayLike | None, shape: tuple[int, ...], order: IntArray | None) -> IntArray:
    """Return the places at which a new segment begins."""
    if segment is None:
        return np.empty(0, dtype=np.int64)
    given = np.asarray(segment)
    if given.shape != shape:
        raise ValueError(f"segment must have one entry per value {shape}, but has shape {given.shape}")
    flat = labels("segment", given.reshape(-1), given.size)
    by_place = flat if order is None else flat[order]
    changed: BoolArray = by_place[1:] != by_place[:-1]
    return np.flatnonzero(changed) + 1
