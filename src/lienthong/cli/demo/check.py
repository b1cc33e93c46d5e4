"""Compares what is in the database with what the input implies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lienthong.cli.demo.table import Numbers


def differences(numbers: Numbers, manifest: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each number that is not what the input implies; an empty list is success."""
    return list(_differences(numbers, manifest))


def _differences(numbers: Numbers, manifest: Mapping[str, Any]) -> Iterator[str]:
    implied = manifest["messages"]
    yield from _differ("messages", numbers.received, implied["states"])
    yield from _differ_one("results stored", numbers.results_stored, implied["results_stored"])
    yield from _differ_one("results held for mapping", numbers.results_held, implied["results_held"])
    yield from _differ("measuring systems", numbers.iqc, manifest["iqc"])
    yield from _differ_one("EQA systems failed", numbers.eqa_failed, manifest["eqa"]["failed"])
    scored = numbers.eqa_passed + numbers.eqa_failed
    yield from _differ_one("EQA systems scored", scored, manifest["eqa"]["systems"])
    yield from _differ("rights", numbers.grants, manifest["grants"])
    for number, outcomes in manifest["orders"].items():
        yield from _differ(f"order {number}", numbers.orders.get(number, {}), outcomes)


def _differ(what: str, found: Mapping[str, object], implied: Mapping[str, object]) -> Iterator[str]:
    for key in sorted({*found, *implied}):
        yield from _differ_one(f"{what} {key}", found.get(key, 0), implied.get(key, 0))


def _differ_one(what: str, found: object, implied: object) -> Iterator[str]:
    if found != implied:
        yield f"{what}: found {found}, but the input implies {implied}"
