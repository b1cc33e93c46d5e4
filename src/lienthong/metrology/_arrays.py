"""Array types, and the checks by which every public function takes its arguments."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]


def floats(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 of any shape; nan passes, infinity raises with its position."""
    array = np.asarray(given)
    if array.dtype.kind not in "buif" and array.size:
        raise ValueError(f"{name} must be numbers, but got {array.dtype}")
    array = array.astype(np.float64, copy=False)
    _refuse(name, array, np.isinf(array), "must be finite or nan")
    return array


def flat(name: str, given: ArrayLike) -> FloatArray:
    """Return `given` as float64 of shape (n,)."""
    array = floats(name, given)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, but has {array.ndim}")
    return array


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
    order = np.lexsort(columns[::-1])
    new = np.zeros(order.size, dtype=np.bool_)
    new[:1] = True
    for column in columns:
        in_order = column[order]
        new[1:] |= in_order[1:] != in_order[:-1]
    code = np.empty(order.size, dtype=np.intp)
    code[order] = np.cumsum(new) - 1
    return code, order[new]


def _refuse(name: str, array: FloatArray, wrong: BoolArray, demand: str) -> None:
    if np.any(wrong):
        where = np.argwhere(wrong)[0]
        at = f" at position {', '.join(map(str, where))}" if where.size else ""
        raise ValueError(f"{name} {demand}, but got {array[tuple(where)]}{at}")
