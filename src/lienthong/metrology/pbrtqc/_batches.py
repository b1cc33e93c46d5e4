"""Streams packed into batches of lanes, and the limits that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lienthong.metrology._arrays import FloatArray, IntArray
from lienthong.metrology.pbrtqc._lanes import LANES
from lienthong.metrology.pbrtqc._limits import Limits
from lienthong.metrology.pbrtqc._running import MEAN, Plan
from lienthong.metrology.pbrtqc._streams import Streams

# Lanes that must be in use on average for them to beat one stream after the other.
WORTH_IT = LANES // 4


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Places of streams, shape (batches, LANES), and their limits, shape (plans, batches, LANES)."""

    starts: IntArray
    ends: IntArray
    lower: FloatArray
    upper: FloatArray


def pays(by: Streams) -> bool:
    """Return whether streams are many and even enough for lanes."""
    lengths = (by.ends - by.starts)[_by_length(by)]
    return bool(lengths.sum() >= WORTH_IT * max(lengths[::LANES].sum(), 1))


def batches(by: Streams, plans: list[Plan], bounds: list[tuple[FloatArray, FloatArray]]) -> Batches:
    """Return batches of streams of similar length; lanes without a stream are empty."""
    order = _by_length(by)
    lower = [-_greatest_sum(-low, plan) for plan, (low, _) in zip(plans, bounds, strict=True)]
    upper = [_greatest_sum(high, plan) for plan, (_, high) in zip(plans, bounds, strict=True)]
    return Batches(
        starts=_packed(by.starts[order]),
        ends=_packed(by.ends[order]),
        lower=np.stack([_packed(one[order]) for one in lower]),
        upper=np.stack([_packed(one[order]) for one in upper]),
    )


def per_stream(limits: Limits, by: Streams) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper limit of each stream."""
    return _spread("lower", limits.lower, by), _spread("upper", limits.upper, by)


def _spread(name: str, limit: float | FloatArray, by: Streams) -> FloatArray:
    given = np.asarray(limit, dtype=np.float64)
    if given.ndim and given.shape != (by.channels,):
        raise ValueError(f"{name} must be one number or one per channel ({by.channels},), but has shape {given.shape}")
    return np.broadcast_to(given, by.channels)[by.channel]


def _by_length(by: Streams) -> IntArray:
    return np.argsort(by.starts - by.ends, kind="stable")


def _packed(given: NDArray[Any]) -> NDArray[Any]:
    packed = np.zeros(-(-given.size // LANES) * LANES, dtype=given.dtype)
    packed[: given.size] = given
    return packed.reshape(-1, LANES)


def _greatest_sum(limit: FloatArray, plan: Plan) -> FloatArray:
    """Return the greatest sums whose mean is not above `limit`: comparing sums saves a division for each result."""
    if plan.kind != MEAN:
        return limit
    total = limit * plan.window
    while np.any(above := total / plan.window > limit):
        total = np.where(above, np.nextafter(total, -np.inf), total)
    while np.any(room := np.isfinite(total) & (np.nextafter(total, np.inf) / plan.window <= limit)):
        total = np.where(room, np.nextafter(total, np.inf), total)
    return total
