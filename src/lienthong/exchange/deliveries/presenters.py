"""What the pages of deliveries show: the list, one delivery with its reports, and what it would do before it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.export import Cell
from lienthong.exchange.deliveries.actions import confirmation_of
from lienthong.exchange.deliveries.facts import Counts, DeliveryFacts, ReportFacts
from lienthong.exchange.deliveries.wording import delivery_words
from lienthong.exchange.wording import finding_words, reason_words, state_words
from lienthong.findings import Finding

KINDS: Mapping[str, str | Promise] = {
    "FORM": gettext_lazy("form"),
    "REPORT": gettext_lazy("reports in JSON"),
    "HL7": gettext_lazy("HL7 v2"),
}
TONES: Mapping[str, tuple[str, str]] = {
    "processed": ("good", "yes"),
    "refused": ("bad", "no"),
    "discarded": ("plain", "na"),
    "waiting": ("warn", "na"),
}
EFFECTS: Mapping[str, str | Promise] = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("new version"),
    "unchanged": gettext_lazy("changes nothing"),
    "held": gettext_lazy("held"),
}
SHOWN = 200


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery in words."""

    number: str
    name: str
    source: str
    facility: str
    kind: str
    entrance: str
    received_at: dt.datetime
    state: str
    tone: str
    symbol: str
    counts: Counts
    findings: int

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        counts = self.counts
        return [
            *(self.number, self.name, self.source, self.facility, self.kind, self.entrance, self.received_at),
            *(self.state, counts.found, counts.stored, counts.unchanged, counts.held, counts.refused, counts.waiting),
            *(counts.results_stored, counts.results_held, self.findings),
        ]


@dataclass(frozen=True, slots=True)
class FindingLine:
    where: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report of a delivery, and what became or would become of it."""

    number: str
    where: str
    state: str
    reason: str
    stored: int
    held: int
    inbox_id: int
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What one row would do."""

    where: str
    number: str
    code: str
    effect: str


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    row: DeliveryRow
    is_working: bool
    done: int
    findings: tuple[FindingLine, ...]
    findings_left: int
    reports: tuple[ReportLine, ...]
    effects: tuple[EffectLine, ...]
    tally: tuple[tuple[str, int], ...]
    tried: int
    confirmation: str


def delivery_rows(found: Iterable[DeliveryFacts]) -> list[DeliveryRow]:
    return [_row(one) for one in found]


def delivery_header() -> list[str]:
    return [
        *(_("Transaction number"), _("File"), _("Sender"), _("Facility"), _("Kind"), _("Came by"), _("Received")),
        *(_("State"), _("Reports"), _("Stored"), _("Unchanged"), _("Held"), _("Refused"), _("Waiting")),
        *(_("Results stored"), _("Results held"), _("Things that are wrong")),
    ]


def delivery_page(facts: DeliveryFacts, reports: Sequence[ReportFacts]) -> DeliveryPage:
    """Lay out one delivery: before it is confirmed what it would do, after that what it did."""
    preview = facts.row.preview or {"tried": 0, "reports": []}
    is_checked = facts.row.state == "checked"
    tried = [_tried(one) for one in preview["reports"]] if is_checked else []
    effects = _effects(preview["reports"]) if is_checked else []
    counts = facts.counts
    findings = fault_lines(facts.findings)
    return DeliveryPage(
        row=_row(facts),
        is_working=facts.row.state == "uploaded" or facts.state in ("received", "processing"),
        done=counts.found - counts.waiting,
        findings=tuple(findings[:SHOWN]),
        findings_left=max(len(findings) - SHOWN, 0),
        reports=tuple(tried if is_checked else map(_line, reports))[:SHOWN],
        effects=tuple(effects[:SHOWN]),
        tally=_tally(effects),
        tried=preview["tried"] if is_checked else 0,
        confirmation=confirmation_of(facts.row) if is_checked else "",
    )


def finding_lines(findings: Iterable[Finding]) -> list[FindingLine]:
    """Say what was found in the messages of reports."""
    return [FindingLine(one.where, one.code, finding_words(one)) for one in findings]


def fault_lines(findings: Iterable[Finding]) -> list[FindingLine]:
    """Say what of a delivery could not be read."""
    return [FindingLine(one.where, one.code, delivery_words(one)) for one in findings]


def error_cells(facts: DeliveryFacts, reports: Iterable[ReportFacts]) -> list[list[Cell]]:
    """Return all that is wrong as rows of the Excel file: of the file, then of each report."""
    cells: list[list[Cell]] = [["", one.where, one.code, one.words] for one in fault_lines(facts.findings)]
    for report in reports:
        cells += [[report.number, one.where, one.code, one.words] for one in finding_lines(report.findings)]
    return cells


def error_header() -> list[str]:
    return [_("Report number"), _("Where"), _("Code"), _("What is wrong")]


def _row(facts: DeliveryFacts) -> DeliveryRow:
    row, state = facts.row, facts.state
    tone, symbol = TONES.get(state, ("info", "na"))
    if state == "processed" and (facts.counts.held or facts.counts.refused or facts.findings):
        tone, symbol = "warn", "na"
    words = _("being stored") if state == "processing" else str(row.get_state_display())
    return DeliveryRow(
        number=row.number,
        name=row.name,
        source=row.source.code,
        facility=row.source.facility.name,
        kind=str(KINDS.get(row.kind, row.kind)),
        entrance=str(row.get_entrance_display()),
        received_at=row.received_at,
        state=words,
        tone=tone,
        symbol=symbol,
        counts=facts.counts,
        findings=len(facts.findings),
    )


def _line(one: ReportFacts) -> ReportLine:
    return ReportLine(
        number=one.number,
        where=one.where,
        state=state_words(one.state, one.reason),
        reason=reason_words(one.reason) if one.reason else "",
        stored=one.results_stored,
        held=one.results_held,
        inbox_id=one.inbox_id,
        findings=tuple(finding_lines(one.findings)),
    )


def _tried(one: Mapping[str, object]) -> ReportLine:
    listed = one["findings"]
    told = [Finding(*each) for each in listed] if isinstance(listed, list) else []
    reason = str(one["reason"])
    return ReportLine(
        number=str(one["number"]),
        where=str(one["where"]),
        state=state_words(str(one["state"]), reason),
        reason=reason_words(reason) if reason else "",
        stored=int(str(one["stored"])),
        held=int(str(one["held"])),
        inbox_id=0,
        findings=tuple(finding_lines(told)),
    )


def _effects(reports: Iterable[Mapping[str, object]]) -> list[EffectLine]:
    lines = []
    for one in reports:
        rows = one["rows"]
        for where, code, effect in rows if isinstance(rows, list) else ():
            lines.append(EffectLine(where, str(one["number"]), code, str(EFFECTS[effect])))
    return lines


def _tally(effects: Iterable[EffectLine]) -> tuple[tuple[str, int], ...]:
    told = [one.effect for one in effects]
    return tuple((str(words), told.count(str(words))) for words in EFFECTS.values() if str(words) in told)
