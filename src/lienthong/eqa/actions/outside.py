"""Scores from outside providers: a national or provincial centre, a university's centre, a commercial scheme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core.audit import record
from lienthong.core.happenings import publish
from lienthong.core.models import User
from lienthong.core.tabular import Row, read_table
from lienthong.eqa.columns import SCORES
from lienthong.eqa.imports import ImportOutcome, refused
from lienthong.eqa.laboratories import laboratory_ids
from lienthong.eqa.models import ProcedureScore, Round, RoundStep, Scheme
from lienthong.eqa.permissions import check_officer, day_of
from lienthong.errors import Conflict
from lienthong.findings import Finding
from lienthong.registry.reads import ProcedureFacts, procedures

RoundName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a provider says of a procedure in a round."""

    procedure_id: int
    percent: float | None
    z: float | None
    passed: bool
    source: str
    certificate_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What rows are checked against. `laboratory_ids` is None for one who reaches all."""

    schemes: Mapping[str, Scheme]
    finished: Mapping[RoundName, dt.date | None]
    by_code: Mapping[tuple[int, str], Sequence[ProcedureFacts]]
    by_analyte: Mapping[tuple[int, str], Sequence[ProcedureFacts]]
    laboratories: Mapping[str, int]
    reached: frozenset[int] | None
    today: dt.date


@transaction.atomic
def import_scores(data: bytes, name: str, *, by: User, at: dt.datetime, good_rows_only: bool = False) -> ImportOutcome:
    """Store a provider's final scores from a file; the same file again changes nothing, a changed score supersedes.

    A row names its procedure, or an analyte that the laboratory measures by one procedure only.
    """
    access = check_officer(by, at=at)
    rows, findings = read_table(data, name, SCORES)
    known = _known(rows, access.laboratories_as("officer") if access else None, at)
    verdicts: dict[RoundName, dict[int, Verdict]] = {}
    ends: dict[RoundName, dt.date] = {}
    for row in rows:
        findings += _check(row, known, verdicts, ends)
    if findings and not good_rows_only:
        return refused(findings, rows=len(rows))
    counts = [
        store_scores(
            outside_round(known.schemes[place[0]], place[1], ends[place], by=by, at=at), list(found.values()), at=at
        )
        for place, found in verdicts.items()
    ]
    stored, changed = sum(one for one, _changed in counts), sum(one for _stored, one in counts)
    good = sum(len(found) for found in verdicts.values())
    if stored or changed:
        detail: dict[str, str | int] = {"file": name, "stored": stored, "changed": changed}
        record("import-eqa-scores", by=by, at=at, object_kind="eqa-scores", object_key=name, detail=detail)
    return ImportOutcome(len(rows), stored, changed, good - stored - changed, tuple(findings), is_written=True)


def outside_round(scheme: Scheme, code: str, finished_on: dt.date, *, by: User, at: dt.datetime) -> Round:
    """Return the finished round of an outside scheme, made where it isn't stored; raise Conflict for another day."""
    row, created = Round.objects.get_or_create(
        scheme=scheme,
        code=code,
        defaults={
            "year": finished_on.year,
            "status": Round.Status.FINAL,
            "opens_on": finished_on,
            "closes_at": dt.datetime.combine(finished_on, dt.time(), tzinfo=at.tzinfo),
            "final_on": finished_on,
        },
    )
    if created:
        RoundStep.objects.create(round=row, status=Round.Status.FINAL, at=at, by=by)
    elif row.final_on != finished_on:
        message = _("round %(code)s of %(scheme)s is stored as finished on %(day)s; correct the day")
        raise Conflict(message % {"code": code, "scheme": scheme.code, "day": row.final_on})
    return row


def store_scores(row: Round, verdicts: Sequence[Verdict], *, at: dt.datetime) -> tuple[int, int]:
    """Store a provider's verdicts on a round and let recognition follow; return how many are new and changed."""
    current = {
        score.procedure_id: score
        for score in ProcedureScore.objects.current().filter(
            round=row, procedure__in=[one.procedure_id for one in verdicts]
        )
    }
    changed = [one for one in verdicts if one.procedure_id in current and not _is_same(current[one.procedure_id], one)]
    new = [one for one in verdicts if one.procedure_id not in current]
    superseded = [current[one.procedure_id].pk for one in changed]
    ProcedureScore.objects.filter(pk__in=superseded).update(superseded_at=at)
    ProcedureScore.objects.bulk_create(
        ProcedureScore(
            round=row,
            procedure_id=one.procedure_id,
            source=one.source,
            certificate_id=one.certificate_id,
            percent=one.percent,
            worst_z=one.z,
            passed=one.passed,
            recorded_at=at,
        )
        for one in (*new, *changed)
    )
    if new or changed:
        publish("eqa-final", [row.pk], at=at)
    return len(new), len(changed)


def _known(rows: Sequence[Row], reached: frozenset[int] | None, at: dt.datetime) -> _Known:
    facts = procedures(on=day_of(at)) if rows else {}
    schemes = {scheme.code: scheme for scheme in Scheme.objects.outside()}
    rounds = Round.objects.filter(scheme__is_own=False).values_list("scheme__code", "code", "final_on")
    return _Known(
        schemes=schemes,
        finished={(scheme, code): day for scheme, code, day in rounds},
        by_code=_grouped(((one.laboratory_id, one.code), one) for one in facts.values()),
        by_analyte=_grouped(((one.laboratory_id, one.analyte.key), one) for one in facts.values()),
        laboratories=laboratory_ids(),
        reached=reached,
        today=day_of(at),
    )


def _check(
    row: Row, known: _Known, verdicts: dict[RoundName, dict[int, Verdict]], ends: dict[RoundName, dt.date]
) -> list[Finding]:
    """Add the row's verdict to `verdicts`, or return what is wrong with it."""
    place = (row.text("scheme"), row.text("round"))
    findings = [*_scheme_faults(row, known), *_day_faults(row, known, ends.get(place))]
    procedure_id, faults = _procedure(row, known)
    findings += faults
    if procedure_id is None or findings:
        return findings
    if procedure_id in verdicts.get(place, {}):
        return [row.finding("procedure", "duplicate-row", _("the file has this procedure twice in the round"))]
    percent, z, finished_on = row.decimal("percent"), row.decimal("z"), row.day("finished_on")
    ends.setdefault(place, finished_on or known.today)
    verdicts.setdefault(place, {})[procedure_id] = Verdict(
        procedure_id=procedure_id,
        percent=None if percent is None else float(percent),
        z=None if z is None else float(z),
        passed=bool(row.yes_no("passed")),
        source=ProcedureScore.Source.FILE,
    )
    return []


def _scheme_faults(row: Row, known: _Known) -> list[Finding]:
    scheme = known.schemes.get(row.text("scheme"))
    if scheme is None:
        message = _("no outside scheme has this code; create the scheme first")
        return [row.finding("scheme", "unknown-scheme", message)]
    if scheme.organiser.casefold() != row.text("provider").casefold():
        message = _("this scheme is organised by %(organiser)s") % {"organiser": scheme.organiser}
        return [row.finding("provider", "other-provider", message)]
    return []


def _day_faults(row: Row, known: _Known, earlier: dt.date | None) -> list[Finding]:
    finished_on = row.day("finished_on") or known.today
    if finished_on > known.today:
        return [row.finding("finished_on", "in-the-future", _("this day has not come yet; only final scores count"))]
    stored = known.finished.get((row.text("scheme"), row.text("round"))) or earlier
    if stored is not None and stored != finished_on:
        message = _("this round finished on %(day)s") % {"day": stored.isoformat()}
        return [row.finding("finished_on", "other-day", message)]
    return []


def _procedure(row: Row, known: _Known) -> tuple[int | None, list[Finding]]:
    """Return the procedure that a row means and what is wrong with it."""
    code, analyte, laboratory = row.text("procedure"), row.text("analyte"), row.text("laboratory")
    if not laboratory:
        return None, [row.finding("laboratory", "empty", _("give the laboratory code"))]
    laboratory_id = known.laboratories.get(laboratory)
    if laboratory_id is None or (known.reached is not None and laboratory_id not in known.reached):
        return None, [row.finding("laboratory", "unknown-laboratory", _("no laboratory of yours has this code"))]
    index = known.by_code if code else known.by_analyte
    found = index.get((laboratory_id, code or analyte), ())
    if len(found) == 1:
        return found[0].id, []
    key = "procedure" if code else "analyte"
    if found:
        message = _("the laboratory measures this analyte by several procedures; give the procedure code")
        return None, [row.finding(key, "several-procedures", message)]
    return None, [row.finding(key, "unknown-procedure", _("the laboratory has no such procedure in use"))]


def _grouped(pairs: Iterable[tuple[tuple[int, str], ProcedureFacts]]) -> dict[tuple[int, str], list[ProcedureFacts]]:
    found: dict[tuple[int, str], list[ProcedureFacts]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


def _is_same(stored: ProcedureScore, one: Verdict) -> bool:
    return (stored.percent, stored.worst_z, stored.passed) == (one.percent, one.z, one.passed)
