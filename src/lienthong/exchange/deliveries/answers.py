"""What a system is answered. The description of the interface is made of these structs.

A kind of delivery whose systems expect another shape has its own functions in `SHAPES` and `RECEIPTS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lienthong.exchange.deliveries.facts import Counts, DeliveryFacts, ReportFacts
from lienthong.findings import Finding

State = Literal["waiting", "received", "processing", "processed", "refused", "discarded"]


class FindingAnswer(Struct):
    """What is wrong, where, and what is allowed; no value is repeated."""

    where: str
    code: str
    message: str


class CountsAnswer(Struct):
    """Reports by what became of them, and results."""

    found: int
    waiting: int
    stored: int
    unchanged: int
    controls: int
    held: int
    refused: int
    results_stored: int
    results_held: int


class ReportAnswer(Struct):
    """What became of one report."""

    number: str
    where: str
    state: Annotated[
        Literal["received", "stored", "duplicate", "control", "held", "rejected", "training"],
        Meta(
            description="received: not yet stored; duplicate: changed nothing; held: a person must do something first"
        ),
    ]
    reason: str
    results_stored: int
    results_held: int
    findings: list[FindingAnswer]


class ReceiptAnswer(Struct):
    """The transaction number under which a delivery is asked for."""

    number: str
    state: State
    is_repeated: Annotated[bool, Meta(description="the same bytes came before; this call changed nothing")]
    href: str


class DeliveryAnswer(Struct):
    """How far a delivery is. `next` is the address of the further reports, empty at the end."""

    number: str
    source: str
    kind: str
    state: State
    received_at: dt.datetime
    size: int
    sha256: str
    counts: CountsAnswer
    findings: list[FindingAnswer]
    reports: list[ReportAnswer]
    next: str


class ErrorAnswer(Struct):
    """Why a call was refused."""

    code: str
    message: str
    findings: list[FindingAnswer]


Shape = Callable[[DeliveryFacts, Iterable[ReportFacts], str], Struct | dict[str, object]]
ReceiptShape = Callable[[DeliveryFacts, str, bool], Struct | dict[str, object]]


def plain(facts: DeliveryFacts, reports: Iterable[ReportFacts], following: str) -> DeliveryAnswer:
    """Say how far a delivery is; `following` is the address of further reports."""
    row = facts.row
    return DeliveryAnswer(
        number=row.number,
        source=row.source.code,
        kind=row.kind,
        state=facts.state,  # type: ignore[arg-type]  # one of the states, as a test proves
        received_at=row.received_at,
        size=row.size,
        sha256=row.digest,
        counts=_counts(facts.counts),
        findings=_findings(facts.findings),
        reports=[_report(one) for one in reports],
        next=following,
    )


def plain_receipt(facts: DeliveryFacts, href: str, is_repeated: bool) -> ReceiptAnswer:
    """Say under which number a delivery is asked for."""
    state: State = facts.state  # type: ignore[assignment]  # one of the states, as a test proves
    return ReceiptAnswer(facts.row.number, state, is_repeated, href)


# By kind of delivery, the answers to a poll and to a push; the plain shapes are everyone else's.
SHAPES: Mapping[str, Shape] = {}
RECEIPTS: Mapping[str, ReceiptShape] = {}


def answer(facts: DeliveryFacts, reports: Iterable[ReportFacts], following: str) -> bytes:
    """Write the answer to a poll in the shape of the delivery's kind."""
    return msgspec.json.encode(SHAPES.get(facts.row.kind, plain)(facts, reports, following))


def receipt(facts: DeliveryFacts, href: str, *, is_repeated: bool) -> bytes:
    """Write the answer to a push in the shape of the delivery's kind."""
    return msgspec.json.encode(RECEIPTS.get(facts.row.kind, plain_receipt)(facts, href, is_repeated))


def _counts(counts: Counts) -> CountsAnswer:
    return CountsAnswer(**{name: getattr(counts, name) for name in CountsAnswer.__struct_fields__})


def _report(one: ReportFacts) -> ReportAnswer:
    return ReportAnswer(
        number=one.number,
        where=one.where,
        state=one.state,  # type: ignore[arg-type]  # a state of the inbox
        reason=one.reason,
        results_stored=one.results_stored,
        results_held=one.results_held,
        findings=_findings(one.findings),
    )


def _findings(findings: Iterable[Finding]) -> list[FindingAnswer]:
    return [FindingAnswer(one.where, one.code, one.message) for one in findings]
