"""Array types, and the checks by which every public function takes its arguments."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
Scalar = TypeVar("Scalar", bound=np.generic)


def floats(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 of any shape; nan passes, infinity raises with its position."""
    array = _as_numbers(name, given)
    with np.errstate(all="ignore"):
        suspect = not np.isfinite(array.sum())  # one pass where all is well, which is nearly always
    if suspect:
        _refuse(name, array, np.isinf(array), "must be finite or nan")
    return array


def numbers(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 of shape (n,) in one stretch of memory; the caller refuses infinity."""
    array = np.ascontiguousarray(_as_numbers(name, given))
    _one_dimension(name, array)
    return read_only(array)


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return a view that can't be written to: compiled loops are made once for it, whatever the caller's flags."""
    view = array.view()
    view.flags.writeable = False
    return view


def flat(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 of shape (n,)."""
    array = floats(name, given)
    _one_dimension(name, array)
    return array


def present(name: str, given: ArrayLike, *, at_least: int) -> FloatArray:
    """Return `given`, shape (n,), without its nan; fewer than `at_least` left raises."""
    array = flat(name, given)
    there = array[~np.isnan(array)]
    if there.size < at_least:
        raise ValueError(f"{name} must hold at least {at_least} results, but hold {there.size}")
    return there


def positive(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 above 0; nan passes."""
    array = floats(name, given)
    _refuse(name, array, array <= 0, "must be greater than 0")
    return array


def not_negative(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 of 0 or more; nan passes."""
    array = floats(name, given)
    _refuse(name, array, array < 0, "must not be negative")
    return array


def known(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 without nan."""
    array = floats(name, given)
    _refuse(name, array, np.isnan(array), "must be known")
    return array


def like(name: str, given: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return `given`, one number or one per value, spread over `shape`."""
    if given.ndim and given.shape != shape:
        raise ValueError(f"{name} must be one number or one per value {shape}, but has shape {given.shape}")
    return np.broadcast_to(given, shape)


def labels(name: str, given: ArrayLike, n: int) -> NDArray[np.generic]:
    """Return `given`, shape (n,), as labels that can be sorted: integers, strings or dates."""
    array = np.asarray(given)
    if array.shape != (n,):
        raise ValueError(f"{name} must have one entry per value ({n},), but has shape {array.shape}")
    if array.dtype.kind not in "biuUSM" and n:
        raise ValueError(f"{name} must be integers, strings or dates, but got {array.dtype}")
    return array


def codes(*columns: NDArray[np.generic]) -> tuple[IntArray, IntArray]:
    """Return a code per row, 0 … g − 1 in sorted order of the rows, and the first row, shape (g,), of each code."""
    if len(columns) == 1 and columns[0].size and bool(np.all(np.greater_equal(columns[0][1:], columns[0][:-1]))):
        changes = _changes(columns)
        return np.cumsum(changes) - 1, np.flatnonzero(changes)
    order = np.lexsort(columns[::-1])
    new = _changes(tuple(column[order] for column in columns))
    code = np.empty(order.size, dtype=np.intp)
    code[order] = np.cumsum(new) - 1
    return code, order[new]


def fraction(name: str, given: float) -> float:
    """Return `given`, one number, strictly between 0 and 1: a confidence or a probability."""
    if not 0 < given < 1:
        raise ValueError(f"{name} must be above 0 and below 1, but got {given}")
    return float(given)


def whole(name: str, given: ArrayLike, *, at_least: int) -> FloatArray:
    """Return `given` as float64 whole numbers of `at_least` or more; nan passes."""
    array = floats(name, given)
    _refuse(name, array, (array < at_least) | (array % 1 > 0), f"must be a whole number of at least {at_least}")
    return array


def pairs(x: ArrayLike, y: ArrayLike, *, at_least: int) -> tuple[FloatArray, FloatArray]:
    """Return `x` and `y`, shape (n,), without the pairs in which either is nan; fewer than `at_least` left raises."""
    first, second = flat("x", x), flat("y", y)
    if first.size != second.size:
        raise ValueError(f"x and y must have the same length, but have {first.size} and {second.size}")
    there = ~(np.isnan(first) | np.isnan(second))
    if np.count_nonzero(there) < at_least:
        raise ValueError(f"x and y must have at least {at_least} pairs, but have {np.count_nonzero(there)}")
    return first[there], second[there]


def flags(name: str, given: ArrayLike, n: int) -> BoolArray:
    """Return `given` as `n` booleans."""
    array = np.asarray(given)
    if array.shape != (n,) or (array.dtype != np.bool_ and n):
        raise ValueError(f"{name} must be {n} booleans, but got {array.dtype} of shape {array.shape}")
    return array.astype(np.bool_, copy=False)


def count(name: str, given: int, *, at_least: int) -> int:
    """Return `given`, one whole number of `at_least` or more."""
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, but got {given!r}")
    return int(given)


def _changes(columns: tuple[NDArray[np.generic], ...]) -> BoolArray:
    """Return True at the first row, and wherever a row differs from the one before it."""
    new = np.zeros(columns[0].size, dtype=np.bool_)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new


def _as_numbers(name: str, given: ArrayLike) -> FloatArray:
    array = np.asarray(given)
    if array.dtype.kind not in "buif" and array.size:
        raise ValueError(f"{name} must be numbers, but got {array.dtype}")
    return array.astype(np.float64, copy=False)


def _one_dimension(name: str, array: FloatArray) -> None:
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, but has {array.ndim}")


def _refuse(name: str, array: FloatArray, wrong: BoolArray, demand: str) -> None:
    if np.any(wrong):
        where = np.argwhere(wrong)[0]
        at = f" at position {', '.join(map(str, where))}" if where.size else ""
        raise ValueError(f"{name} {demand}, but got {array[tuple(where)]}{at}")
