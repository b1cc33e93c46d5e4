"""A laboratory's own results in a round, with what to do about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lienthong.eqa.lookups import laboratories_of
from lienthong.eqa.models import ProcedureScore, Round, SampleResult
from lienthong.eqa.presenters.results import shown
from lienthong.eqa.presenters.words import PASSED, VERDICTS, Chip
from lienthong.registry.reads import Access, AnalyteFacts, analytes

ADVICE: dict[str, str | Promise] = {
    "satisfactory": gettext_lazy("Nothing to do."),
    "questionable": gettext_lazy(
        "A warning: look at bias in the control charts and at the calibration before the next round."
    ),
    "not_returned": gettext_lazy(
        "A result that is not returned scores 0. Find out why it was not sent, and record it."
    ),
    "not_evaluated": gettext_lazy("The round gives no verdict. Take part in another scheme for this analyte."),
    "decimal": gettext_lazy(
        "A result looks like a slip of the decimal point. Check how results are copied to the form."
    ),
    "unit": gettext_lazy("A result looks as if given in another unit. Check the unit on the form and in the system."),
    "swapped": gettext_lazy("Two samples look swapped. Check labels and the order of measurement."),
    "bias": gettext_lazy("All deviations go one way. Check calibrator lot, calibration and the control charts' mean."),
    "scatter": gettext_lazy("Check instrument, reagent and the controls of that day; record cause and action."),
    "failed_outside": gettext_lazy("Ask the provider for the report, find the cause and record the action."),
}


@dataclass(frozen=True, slots=True)
class MineRow:
    laboratory: str
    procedure: str
    analyte: str
    percent: float | None
    worst_z: float | None
    verdict: Chip | None
    passed: Chip
    row_class: str
    source: str
    advice: str | Promise


@dataclass(frozen=True, slots=True)
class RoundOption:
    id: int
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MinePage:
    heading: str
    lead: str
    options: tuple[RoundOption, ...]
    rows: tuple[MineRow, ...]
    round_id: int | None


def mine_page(access: Access, chosen: str) -> MinePage:
    """Return one's own results in the chosen round, else in the newest with scores."""
    reach = laboratories_of(access)
    rounds = list(
        Round.objects.filter(
            pk__in=ProcedureScore.objects.current().of_laboratories(reach).values("round")
        ).select_related("scheme")
    )
    row = next((one for one in rounds if str(one.pk) == chosen), rounds[0] if rounds else None)
    rows = _rows(row, reach) if row else ()
    return MinePage(
        heading=_heading(row, rows),
        lead=_lead(row),
        options=tuple(RoundOption(one.pk, f"{one.scheme.name} {one.code}", one is row) for one in rounds),
        rows=rows,
        round_id=row.pk if row else None,
    )


def _heading(row: Round | None, rows: Sequence[MineRow]) -> str:
    if row is None:
        return _("Your laboratory has no EQA result yet")
    failed = sum(one.passed is PASSED[False] for one in rows)
    numbers = {"failed": failed, "count": len(rows), "round": row.code}
    if failed:
        return _("%(failed)s of %(count)s measuring systems failed in round %(round)s") % numbers
    text = ngettext(
        "%(count)s measuring system, none failed in round %(round)s",
        "%(count)s measuring systems, none failed in round %(round)s",
        len(rows),
    )
    return text % numbers


def _lead(row: Round | None) -> str:
    if row is None:
        return _("Results appear here when a round is scored, or when a provider's scores were entered.")
    if row.status == Round.Status.FINAL:
        return _("The report is final: it counts for the right to recognition.")
    return _("The report is interim: it informs, and nothing rests on it yet.")


def _rows(row: Round, reach: frozenset[int]) -> tuple[MineRow, ...]:
    known = analytes()
    scores = list(
        row.scores.current()
        .of_laboratories(reach)
        .select_related("procedure__laboratory__facility")
        .order_by("procedure__code")
    )
    results: dict[int, list[SampleResult]] = {}
    for result in (
        SampleResult.objects.current()
        .filter(sample__round=row, enrolment__procedure__laboratory__in=reach)
        .select_related("enrolment")
    ):
        results.setdefault(result.enrolment.procedure_id, []).append(result)
    found = [_row(score, results.get(score.procedure_id, []), known) for score in scores]
    return tuple(sorted(found, key=lambda one: (one.passed is not PASSED[False], one.analyte)))


def _row(score: ProcedureScore, results: Sequence[SampleResult], known: dict[int, AnalyteFacts]) -> MineRow:
    verdict = score.z_verdict if score.round.scheme.verdict_read == "z" else score.percent_verdict
    return MineRow(
        laboratory=score.procedure.laboratory.title,
        procedure=score.procedure.code,
        analyte=known[score.procedure.analyte_id].name,
        percent=score.percent,
        worst_z=shown(score.worst_z),
        verdict=VERDICTS[verdict] if verdict else None,
        passed=PASSED[score.passed],
        row_class="is-bad" if score.passed is False else "is-warn" if verdict == "questionable" else "",
        source=score.get_source_display(),
        advice=ADVICE[_advice(score, verdict, results)],
    )


def _advice(score: ProcedureScore, verdict: str, results: Sequence[SampleResult]) -> str:
    if not verdict:
        return "satisfactory" if score.passed else "failed_outside"
    suspicion = next((result.suspicion for result in results if result.suspicion), "")
    if suspicion:
        return suspicion
    if score.passed is None:
        return "not_evaluated"
    if score.z_verdict == "not_returned":
        return "not_returned"
    if score.z_verdict == "unsatisfactory" or not score.passed:
        signs = {result.z > 0 for result in results if result.z is not None and abs(result.z) > 1}
        return "bias" if len(results) > 1 and len(signs) == 1 else "scatter"
    return score.z_verdict if score.z_verdict in ADVICE else "satisfactory"
