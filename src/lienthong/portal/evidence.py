"""What stands behind the results that a page shows, read in bulk: analyte, system, facility, and the lost marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import day
from lienthong.policy import Verdict
from lienthong.recognition import reads as recognition
from lienthong.registry import reads as registry
from lienthong.results import reads as results


@dataclass(frozen=True, slots=True)
class Comment:
    """What a laboratory wrote, and words that say on what."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a result with its analyte, the facility that gave it, and the system it names."""

    result: results.ResultFacts
    analyte: registry.AnalyteFacts
    facility: registry.FacilityFacts
    procedure: registry.ProcedureFacts | None

    @property
    def method(self) -> str:
        """Method and instrument, of an imaging service its examiner, as far as the result names its system."""
        if self.procedure is None and self.analyte.is_narrative:
            return _("the imaging service is not known")
        if self.procedure is None:
            return _("the message names no measuring system")
        named = (self.procedure.method, self.procedure.instrument, self.procedure.examiner)
        return ", ".join(part for part in named if part)

    @property
    def comments(self) -> tuple[Comment, ...]:
        """What the laboratory wrote on the result, and on its report."""
        on_result = Comment(_("Comment of the laboratory:"), self.result.comment)
        on_report = Comment(_("Comment of the laboratory on the report:"), self.result.report_comment)
        return tuple(one for one in (on_result, on_report) if one.text)

    @property
    def measured_on(self) -> dt.date | None:
        instant = self.result.measured_at or self.result.collected_at
        return timezone.localdate(instant) if instant else None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Results by key."""

    shown: Mapping[int, Shown]

    def get(self, result_id: int | None) -> Shown | None:
        return self.shown.get(result_id) if result_id is not None else None

    def why_no_mark(self, one: Shown, item: str) -> str:
        """Say what the register knows of the right that the laboratory lacked when it measured; empty: nothing."""
        if one.procedure is None or one.measured_on is None:
            return ""
        standing = recognition.recognised(one.procedure.id, item, one.measured_on)
        right = next((one for one in standing.rights if one.status != "in_force"), None)
        if right is None or standing.is_recognised:
            return ""
        failed = [
            recognition.rule_words(rule, jurisdiction=right.jurisdiction)
            for rule in right.rules
            if rule.verdict is not Verdict.YES
        ]
        found = "; ".join(f"{rule.title}: {rule.found}" for rule in failed) or right.reason
        return _status_words(right.status) % {"day": day(right.valid_from)} + (f" {found}." if found else "")


def shelf_of(found: Iterable[results.ResultFacts], *, on: dt.date) -> Shelf:
    """Return results with what stands behind them, by a fixed number of queries.

    What held for a system on the day `on` is shown only where it already held when the result was measured.
    """
    rows = list(found)
    analytes = registry.analytes()
    facilities = registry.facilities({row.facility_id for row in rows}, on=on)
    procedures = registry.procedures({row.procedure_id for row in rows if row.procedure_id}, on=on)
    return Shelf(
        {
            row.id: Shown(
                result=row,
                analyte=analytes[row.analyte_id],
                facility=facilities[row.facility_id],
                procedure=_as_measured(procedures.get(row.procedure_id or 0), row),
            )
            for row in rows
        }
    )


def _as_measured(procedure: registry.ProcedureFacts | None, row: results.ResultFacts) -> registry.ProcedureFacts | None:
    """Take instrument, examiner and interval away from a system whose present period began after the measurement."""
    instant = row.measured_at or row.collected_at
    if procedure is None or instant is None or procedure.period_from is None:
        return procedure
    if timezone.localdate(instant) >= procedure.period_from:
        return procedure
    return replace(procedure, instrument="", examiner="", reference_low=None, reference_high=None)


def results_of_check(check: recognition.OrderCheckFacts) -> list[results.ResultFacts]:
    """Return the versions that a check judged: the current ones, and those replaced since."""
    wanted = {one.result_id for line in check.lines for one in line.candidates}
    if not wanted:
        return []
    current = results.current_results(check.patient_record_id, analyte_ids=set(registry.analytes()), until=check.at)
    found = {one.id: one for one in current if one.id in wanted}
    return [*found.values(), *results.results_by_id(wanted - set(found))]


def _status_words(status: str) -> str:
    return {
        "suspended": _("The laboratory’s right to the mark was suspended on %(day)s."),
        "revoked": _("The laboratory’s right to the mark was revoked from %(day)s."),
        "refused": _("The laboratory was refused the right to the mark from %(day)s."),
    }[status]
