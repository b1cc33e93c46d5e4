"""What other apps may ask of EQA: the evidence of rounds, and how a round went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count, Model, QuerySet

from lienthong.eqa.models import Enrolment, ProcedureScore, Round, SampleResult
from lienthong.policy import EqaEvidence

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A round in numbers: participants, enrolled systems, results returned of those owed, and verdicts on systems."""

    round_id: int
    scheme_code: str
    scheme_name: str
    code: str
    status: str
    participants: int
    systems: int
    results: int
    results_owed: int
    passed: int
    failed: int
    not_evaluated: int


def evidence(
    procedure_ids: Collection[int], *, until: dt.date, known_at: dt.datetime | None = None
) -> dict[int, tuple[EqaEvidence, ...]]:
    """Return each procedure's rounds that finished by a day, newest first, as known at an instant (None is now).

    A system enrolled in a closed round without a score is there too, with `passed` None. A round whose report was not
    final by that day, as known then, isn't final and finished on the day it closed.
    """
    known = _scores(procedure_ids, known_at)
    rounds = {
        row.pk: row
        for row in Round.objects.filter(pk__in={round_id for round_id, _procedure in known})
        .with_final_at()
        .select_related("scheme")
        .prefetch_related("scheme__regions")
    }
    found: dict[int, list[EqaEvidence]] = {pk: [] for pk in procedure_ids}
    for (round_id, procedure_id), score in known.items():
        one = _evidence(rounds[round_id], procedure_id, score, until=until, known_at=known_at)
        if one.finished_on <= until:
            found[procedure_id].append(one)
    return {pk: tuple(sorted(rows, key=lambda one: one.finished_on, reverse=True)) for pk, rows in found.items()}


def round_summary(round_ids: Collection[int] | None = None) -> list[RoundSummary]:
    """Return rounds in numbers, newest first; None is all."""
    rows = Round.objects.select_related("scheme").prefetch_related("samples")
    if round_ids is not None:
        rows = rows.filter(pk__in=round_ids)
    found = list(rows)
    ids = [row.pk for row in found]
    systems = _counted(Enrolment.objects.filter(participant__round__in=ids), "participant__round")
    participants = dict(
        Round.objects.filter(pk__in=ids).values_list("pk").annotate(count=Count("participants")).order_by("pk")
    )
    results = _counted(SampleResult.objects.current().filter(sample__round__in=ids), "sample__round")
    verdicts: dict[int, list[bool | None]] = {pk: [] for pk in ids}
    for round_id, passed in ProcedureScore.objects.current().filter(round__in=ids).values_list("round_id", "passed"):
        verdicts[round_id].append(passed)
    return [
        RoundSummary(
            round_id=row.pk,
            scheme_code=row.scheme.code,
            scheme_name=row.scheme.name,
            code=row.code,
            status=row.status,
            participants=participants[row.pk],
            systems=systems.get(row.pk, 0),
            results=results.get(row.pk, 0),
            results_owed=systems.get(row.pk, 0) * len(row.samples.all()),
            passed=verdicts[row.pk].count(True),
            failed=verdicts[row.pk].count(False),
            not_evaluated=verdicts[row.pk].count(None),
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class _Score:
    passed: bool | None
    percent: float | None
    worst_z: float | None

    def in_words(self) -> str:
        parts = [] if self.percent is None else [f"{self.percent:g} %"]
        return ", ".join([*parts, *([] if self.worst_z is None else [f"z {self.worst_z:+.1f}"])])


def _scores(procedure_ids: Collection[int], known_at: dt.datetime | None) -> dict[tuple[int, int], _Score]:
    """Return scores by round and procedure; enrolled systems without one have a score of which nothing is known."""
    waiting = Enrolment.objects.filter(procedure__in=procedure_ids).exclude(participant__round__status="open")
    known = {place: _Score(None, None, None) for place in waiting.values_list("participant__round_id", "procedure_id")}
    scores = ProcedureScore.objects.known_at(known_at).filter(procedure__in=procedure_ids)
    for row in scores.only("round_id", "procedure_id", "passed", "percent", "worst_z"):
        known[row.round_id, row.procedure_id] = _Score(row.passed, row.percent, row.worst_z)
    return known


def _evidence(
    row: Round, procedure_id: int, score: _Score, *, until: dt.date, known_at: dt.datetime | None
) -> EqaEvidence:
    final_at: dt.datetime | None = getattr(row, "final_at", None)
    is_known_final = final_at is not None and (known_at is None or final_at <= known_at)
    final_on = row.final_on if is_known_final and row.final_on is not None and row.final_on <= until else None
    regions = list(row.scheme.regions.all())
    zone = ZoneInfo(regions[0].time_zone) if regions else dt.UTC
    return EqaEvidence(
        evidence_id=f"eqa:{row.pk}:{procedure_id}",
        organiser=row.scheme.organiser,
        organiser_level=row.scheme.reach,
        organiser_regions=tuple(sorted(region.code for region in regions)),
        round_code=f"{row.scheme.code} {row.code}",
        year=row.year,
        finished_on=final_on or row.closes_at.astimezone(zone).date(),
        passed=score.passed,
        is_final=final_on is not None,
        summary=score.in_words(),
    )


def _counted(rows: QuerySet[Row], key: str) -> dict[int, int]:
    return dict(rows.values_list(key).annotate(count=Count("pk")).order_by(key))
