"""Compares what is in the database with what the input implies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lienthong.cli.demo.table import Numbers


def differences(numbers: Numbers, manifest: Mapping[str, Any], *, listed: Mapping[str, str]) -> list[str]:
    """Return one sentence for each number that is not what the input implies; an empty list is success.

    `listed` gives each right that is expected: the planted state of every system whose analyte is on its list.
    """
    return list(_differences(numbers, manifest, listed))


def _differences(numbers: Numbers, manifest: Mapping[str, Any], listed: Mapping[str, str]) -> Iterator[str]:
    implied = manifest["messages"]
    yield from _differ("messages", numbers.received, implied["states"])
    yield from _differ_one("results stored", numbers.results_stored, implied["results_stored"])
    yield from _differ_one("results held for mapping", numbers.results_held, implied["results_held"])
    yield from _differ("measuring systems", numbers.iqc, manifest["iqc"])
    yield from _differ_one("EQA systems failed", numbers.eqa_failed, manifest["eqa"]["failed"])
    scored = numbers.eqa_passed + numbers.eqa_failed
    yield from _differ_one("EQA systems scored", scored, manifest["eqa"]["systems"])
    yield from _differ("rights", numbers.grants, counted(listed))
    for number, outcomes in manifest["orders"].items():
        yield from _differ(f"order {number}", numbers.orders.get(number, {}), outcomes)


def counted(values: Mapping[str, str]) -> dict[str, int]:
    """Count how often each value occurs."""
    found: dict[str, int] = {}
    for value in values.values():
        found[value] = found.get(value, 0) + 1
    return found


def _differ(what: str, found: Mapping[str, object], implied: Mapping[str, object]) -> Iterator[str]:
    for key in sorted({*found, *implied}):
        yield from _differ_one(f"{what} {key}", found.get(key, 0), implied.get(key, 0))


def _differ_one(what: str, found: object, implied: object) -> Iterator[str]:
    if found != implied:
        yield f"{what}: found {found}, but the input implies {implied}"
