"""What a system is answered. The description of the interface is made of these structs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
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


def answer(facts: DeliveryFacts, reports: Iterable[ReportFacts], following: str) -> bytes:
    """Say how far a delivery is; `following` is the address of further reports."""
    row = facts.row
    told = DeliveryAnswer(
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
    return msgspec.json.encode(told)


def receipt(facts: DeliveryFacts, href: str, *, is_repeated: bool) -> bytes:
    """Say under which number a delivery is asked for."""
    state: State = facts.state  # type: ignore[assignment]  # one of the states, as a test proves
    return msgspec.json.encode(ReceiptAnswer(facts.row.number, state, is_repeated, href))


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
