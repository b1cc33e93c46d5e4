"""Target means and SDs: those of the file, or from the laboratory's own results."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.qc.reading import Controls

FORM = re.compile(r"(?P<kind>first|cumulative)(?::(?P<n>[1-9]\d*))?")
SETUP = 20
ALLOWED = "first:N (mean and SD of the first N results of each series, level and lot) or cumulative:N; N at least 2"


@dataclass(frozen=True, slots=True)
class Target:
    """How targets are had from the results: of the first `n`, or of all before each result, the first `n` as set-up."""

    kind: str
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Mean and SD of each result, in the file's order; nan where none is known."""

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]


def parse_target(text: str) -> Target:
    """Return what `text` asks for; ValueError with what is allowed."""
    found = FORM.fullmatch(text)
    n = int((found and found["n"]) or SETUP)
    if not found or n < 2:
        raise ValueError(f"{text!r} is not a way to a target; allowed are {ALLOWED}")
    return Target(found["kind"], n)


def targets_of(controls: Controls, target: Target | None) -> Targets:
    """Return the file's targets, or those that `target` makes of the results that aren't excluded."""
    if target is None:
        return Targets(controls.table.numbers("mean"), controls.table.numbers("sd"))
    if target.kind == "first":
        return _first(controls, target.n)
    from lienthong.metrology import control

    groups = controls.groups("level", "lot").codes
    order = np.arange(groups.size) if controls.order is None else controls.order
    excluded = np.zeros(groups.size, dtype=np.bool_) if controls.excluded is None else controls.excluded
    found = control.cumulative(
        controls.values[order], groups=groups[order], excluded=excluded[order], setup=target.n, with_own=False
    )
    mean, sd = np.empty(order.size), np.empty(order.size)
    mean[order], sd[order] = found.mean, found.sd
    return Targets(mean, sd)


def _first(controls: Controls, n: int) -> Targets:
    groups = controls.groups("level", "lot")
    order = np.arange(groups.codes.size) if controls.order is None else controls.order
    counts = ~np.isnan(controls.values)
    if controls.excluded is not None:
        counts &= ~controls.excluded
    order = order[counts[order]]
    order = order[np.argsort(groups.codes[order], kind="stable")]
    codes = groups.codes[order]
    begins = np.searchsorted(codes, np.arange(groups.first.size))
    early = order[np.arange(order.size) - begins[codes] < n]
    return _by_group(controls.values[early], groups.codes[early], groups.codes, n)


def _by_group(values: NDArray[np.float64], of: NDArray[np.intp], codes: NDArray[np.intp], n: int) -> Targets:
    """Return mean and SD of `values` by group, spread over `codes`; nan for groups of fewer than `n`, and SD 0."""
    size = int(codes.max()) + 1
    count = np.bincount(of, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(of, values, size) / np.where(count < n, np.nan, count)
        sd = np.sqrt(np.bincount(of, (values - mean[of]) ** 2, size) / (count - 1))
    return Targets(mean[codes], np.where(sd > 0, sd, np.nan)[codes])
