"""What participants returned, from a file. No row is dropped silently: it is stored, unchanged, or has a finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core.audit import record
from lienthong.core.models import User
from lienthong.core.tabular import Row, read_table
from lienthong.eqa.actions.schemes import open_round
from lienthong.eqa.columns import RESULTS
from lienthong.eqa.imports import ImportOutcome, refused
from lienthong.eqa.models import Enrolment, Participant, Round, SampleResult
from lienthong.eqa.parameters import zone_of
from lienthong.eqa.permissions import check_organiser
from lienthong.eqa.units import NotConvertible, converted, number_of
from lienthong.errors import BadInput, Conflict
from lienthong.findings import Finding
from lienthong.registry.reads import ProcedureFacts, procedures

Place = tuple[int, int]  # enrolment, sample


@dataclass(frozen=True, slots=True)
class _Round:
    """What rows are checked against."""

    row: Round
    at: dt.datetime
    participants: Mapping[str, Participant]
    by_laboratory: Mapping[str, Participant]
    enrolments: Mapping[tuple[int, str], Enrolment]
    facts: Mapping[int, ProcedureFacts]
    samples: Mapping[str, int]


@transaction.atomic
def import_results(
    round_code: str, data: bytes, name: str, *, by: User, at: dt.datetime, good_rows_only: bool = False
) -> ImportOutcome:
    """Store the results of a file in an open round, converted to the analyte's unit; the same file changes nothing.

    A row with a fault keeps the whole file out unless `good_rows_only`. A result that differs from a stored one takes
    its place, and the stored one stays readable. `round_code` may be SCHEME/CODE where two schemes have that code.
    """
    row = open_round(round_named(round_code).pk)
    check_organiser(by, row.scheme, at=at)
    rows, findings = read_table(data, name, RESULTS, zone=zone_of(row.scheme))
    known = _known(row, at)
    fresh: dict[Place, SampleResult] = {}
    for one in rows:
        findings += _check(one, known, fresh)
    if findings and not good_rows_only:
        return refused(findings, rows=len(rows))
    outcome = _store(row, fresh, findings, rows=len(rows), at=at)
    if outcome.stored or outcome.changed:
        counts = {"stored": outcome.stored, "changed": outcome.changed, "refused": outcome.refused}
        detail: dict[str, str | int] = {"file": name, **counts}
        record("import-eqa-results", by=by, at=at, object_kind="eqa-round", object_key=row.pk, detail=detail)
    return outcome


def round_named(code: str) -> Round:
    """Return the one round of that code (or SCHEME/CODE); raise BadInput for none, Conflict for several."""
    rows = list(Round.objects.named(code)[:2])
    if not rows:
        message = _("round %(code)s is not stored; create it first") % {"code": code}
        raise BadInput([Finding("round", "unknown-round", message)])
    if len(rows) > 1:
        raise Conflict(_("several schemes have a round %(code)s; name it as SCHEME/%(code)s") % {"code": code})
    return rows[0]


def _known(row: Round, at: dt.datetime) -> _Round:
    participants = list(row.participants.select_related("laboratory"))
    enrolments = Enrolment.objects.filter(participant__round=row).select_related("procedure")
    by_code = {(one.participant_id, one.procedure.code): one for one in enrolments}
    return _Round(
        row=row,
        at=at,
        participants={one.code: one for one in participants},
        by_laboratory={one.laboratory.code: one for one in participants},
        enrolments=by_code,
        facts=procedures([one.procedure_id for one in by_code.values()], on=row.opens_on),
        samples=dict(row.samples.values_list("code", "pk")),
    )


def _check(row: Row, known: _Round, fresh: dict[Place, SampleResult]) -> list[Finding]:
    """Add the row's result to `fresh`, or return what is wrong with it."""
    enrolment, findings = _enrolment(row, known)
    sample_id = known.samples.get(row.text("sample"))
    if sample_id is None:
        codes = ", ".join(known.samples)
        message = _("this sample is not of the round; its samples are: %(codes)s") % {"codes": codes}
        findings.append(row.finding("sample", "unknown-sample", message))
    returned_at = row.moment("returned_at") or known.at
    if returned_at > known.at:
        findings.append(row.finding("returned_at", "in-the-future", _("this moment has not come yet")))
    if enrolment is None or sample_id is None:
        return findings
    value, faults = _value(row, known.facts[enrolment.procedure_id])
    findings += faults
    if (enrolment.pk, sample_id) in fresh:
        findings.append(row.finding("sample", "duplicate-row", _("the file has this sample and procedure twice")))
    if value is not None and not findings:
        fresh[enrolment.pk, sample_id] = SampleResult(
            enrolment=enrolment,
            sample_id=sample_id,
            value=value,
            reported_value=row.text("value"),
            reported_unit=row.text("unit"),
            returned_at=returned_at,
            source=row.name,
            recorded_at=known.at,
        )
    return findings


def _enrolment(row: Row, known: _Round) -> tuple[Enrolment | None, list[Finding]]:
    code, laboratory = row.text("participant"), row.text("laboratory")
    if not code and not laboratory:
        message = _("give the participant code or the laboratory code")
        return None, [row.finding("participant", "empty", message)]
    key = "participant" if code else "laboratory"
    participant = known.participants.get(code) if code else known.by_laboratory.get(laboratory)
    if participant is None:
        return None, [row.finding(key, "unknown-participant", _("no such participant is in this round"))]
    if code and laboratory and participant.laboratory.code != laboratory:
        message = _("participant code and laboratory code name two laboratories")
        return None, [row.finding("laboratory", "codes-differ", message)]
    enrolment = known.enrolments.get((participant.pk, row.text("procedure")))
    if enrolment is None:
        message = _("this procedure of the participant is not enrolled in the round; enrol it first")
        return None, [row.finding("procedure", "not-enrolled", message)]
    return enrolment, []


def _value(row: Row, facts: ProcedureFacts) -> tuple[float | None, list[Finding]]:
    number = number_of(row.text("value"))
    if number is None:
        message = _("this is not a number, so it can't be scored; write it as 7.5 or 7,5")
        return None, [row.finding("value", "not-a-number", message)]
    try:
        return converted(number, row.text("unit"), facts.analyte.unit, facts.analyte.molar_mass), []
    except NotConvertible as error:
        message = _("%(analyte)s is scored in %(unit)s; this unit can't be converted: %(reason)s") % {
            "analyte": facts.analyte.key,
            "unit": facts.analyte.unit,
            "reason": error,
        }
        return None, [row.finding("unit", "bad-unit", message)]


def _store(
    row: Round, fresh: dict[Place, SampleResult], findings: list[Finding], *, rows: int, at: dt.datetime
) -> ImportOutcome:
    stored = {
        (one.enrolment_id, one.sample_id): one
        for one in SampleResult.objects.current().filter(enrolment__participant__round=row)
    }
    changed = [place for place, one in fresh.items() if place in stored and not _is_same(stored[place], one)]
    new = [place for place in fresh if place not in stored]
    SampleResult.objects.filter(pk__in=[stored[place].pk for place in changed]).update(superseded_at=at)
    SampleResult.objects.bulk_create([fresh[place] for place in (*new, *changed)], batch_size=2000)
    return ImportOutcome(
        rows=rows,
        stored=len(new),
        changed=len(changed),
        unchanged=len(fresh) - len(new) - len(changed),
        findings=tuple(findings),
        is_written=True,
    )


def _is_same(stored: SampleResult, fresh: SampleResult) -> bool:
    return (stored.reported_value, stored.reported_unit, stored.returned_at) == (
        fresh.reported_value,
        fresh.reported_unit,
        fresh.returned_at,
    )
