"""What a system is answered. The description of the interface is made of these structs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Literal, get_args

import msgspec
from django.utils import timezone
from msgspec import Meta, Struct

from lienthong.exchange.deliveries.facts import Counts, DeliveryFacts, ReportFacts
from lienthong.exchange.senders import source_by_code
from lienthong.findings import Finding
from lienthong.interop.vn_xml import GatewayAnswer, GatewayState, gateway_answer

# An answer as this interface gives it, or in the shape of Viet Nam's insurance gateway.
Shape = Literal["plain", "gateway"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
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


def answer(facts: DeliveryFacts, reports: Iterable[ReportFacts], following: str, *, shape: Shape = "plain") -> bytes:
    """Say how far a delivery is; `following` is the address of further reports."""
    if shape == "gateway":
        return msgspec.json.encode(_of_gateway(facts, reports))
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


def receipt(facts: DeliveryFacts, href: str, *, is_repeated: bool, shape: Shape = "plain") -> bytes:
    """Say under which number a delivery is asked for."""
    if shape == "gateway":
        return msgspec.json.encode(_of_gateway(facts))
    state: State = facts.state  # type: ignore[assignment]  # one of the states, as a test proves
    return msgspec.json.encode(ReceiptAnswer(facts.row.number, state, is_repeated, href))


def _of_gateway(facts: DeliveryFacts, reports: Iterable[ReportFacts] = ()) -> GatewayAnswer:
    row = facts.row
    of_reports = [finding for one in reports for finding in _placed(one)]
    source = source_by_code(row.source.code, on=timezone.localdate(row.received_at))
    received_at = timezone.localtime(row.received_at, source.zone if source else None)
    findings = [*facts.findings, *of_reports]
    return gateway_answer(row.number, _gateway_state(facts), received_at=received_at, findings=findings)


def _placed(report: ReportFacts) -> list[Finding]:
    """Return why a report waits or was refused, and what was found in it, each with the place of the report."""
    told = [Finding(f"{report.where}/{one.where}", one.code, one.message) for one in report.findings]
    is_told = not report.reason or any(one.code == report.reason for one in told)
    return told if is_told else [Finding(report.where, report.reason, report.reason), *told]


def _gateway_state(facts: DeliveryFacts) -> GatewayState:
    if facts.state in ("refused", "discarded"):
        return "refused"
    if facts.state == "processed":
        return "partly" if facts.counts.held or facts.counts.refused or facts.findings else "done"
    return "processing" if facts.state == "processing" else "received"


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
