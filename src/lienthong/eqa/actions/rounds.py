"""The steps of a round: closed, scored (interim report), final."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lienthong.core.audit import record
from lienthong.core.happenings import publish
from lienthong.core.models import User
from lienthong.eqa import scoring
from lienthong.eqa.models import AssignedValue, Enrolment, ProcedureScore, Round, RoundStep, SampleResult
from lienthong.eqa.parameters import allowable_error, policy_of, settings_of, zone_of
from lienthong.eqa.permissions import check_organiser
from lienthong.errors import Conflict
from lienthong.findings import Finding
from lienthong.registry.reads import AnalyteFacts, analytes

Status = Round.Status
ALLOWED_TRANSITIONS: dict[str, frozenset[str]] = {
    Status.OPEN: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset({Status.INTERIM}),
    Status.INTERIM: frozenset({Status.INTERIM, Status.FINAL}),
    Status.FINAL: frozenset(),
}
MARK_SQL = """
UPDATE eqa_sampleresult AS result
SET judged_against_id = scored.judged_against, z = scored.z, d_percent = scored.d_percent,
    is_acceptable = scored.is_acceptable, suspicion = scored.suspicion
FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::float8[], %s::boolean[], %s::text[])
    AS scored(id, judged_against, z, d_percent, is_acceptable, suspicion)
WHERE result.id = scored.id
"""


@dataclass(frozen=True, slots=True)
class ScoreOutcome:
    """What scoring a round gave, in measuring systems; `findings` name what could not be evaluated, and why."""

    round_id: int
    passed: int
    failed: int
    not_evaluated: int
    findings: tuple[Finding, ...]


@transaction.atomic
def close_round(round_id: int, *, by: User, at: dt.datetime) -> None:
    """Close a round: what was not returned by now is missing. Raise Conflict before its deadline."""
    row = _locked(round_id, by, at)
    if at < row.closes_at:
        message = _("round %(code)s takes results until %(moment)s")
        raise Conflict(message % {"code": row.code, "moment": f"{row.closes_at:%Y-%m-%d %H:%M %Z}"})
    _step(row, Status.CLOSED, by=by, at=at)


@transaction.atomic
def score_round(round_id: int, *, by: User, at: dt.datetime) -> ScoreOutcome:
    """Score a closed round and let its interim report stand; scoring again supersedes the earlier scores."""
    row = _locked(round_id, by, at)
    _check_transition(row, Status.INTERIM)
    policy, known = policy_of(row), analytes()
    settings = settings_of(row.scheme, policy)
    systems, returned = _systems(row), _returned(row)
    samples = dict(row.samples.values_list("pk", "code"))
    scores = scoring.score(
        systems,
        returned,
        sample_ids=list(samples),
        settings=settings,
        allowable=allowable_error(policy, known),
        molar_mass={pk: analyte.molar_mass for pk, analyte in known.items()},
        warned_before=_warned_before(row),
    )
    _store(row, scores, at)
    row.policy_edition, row.pass_percent = policy.edition, settings.pass_percent
    row.min_peer_group = settings.min_peer_group
    row.save(update_fields=["policy_edition", "pass_percent", "min_peer_group"])
    _step(row, Status.INTERIM, by=by, at=at)
    return _outcome(row, scores, samples, known)


@transaction.atomic
def publish_final(round_id: int, *, by: User, at: dt.datetime) -> None:
    """Make a round's report final: from now on its scores count for recognition."""
    row = _locked(round_id, by, at)
    _check_transition(row, Status.FINAL)
    row.final_on = at.astimezone(zone_of(row.scheme)).date()
    row.save(update_fields=["final_on"])
    _step(row, Status.FINAL, by=by, at=at)
    publish("eqa-final", [row.pk], at=at)


def _locked(round_id: int, by: User, at: dt.datetime) -> Round:
    row = Round.objects.select_for_update(of=("self",)).select_related("scheme").get(pk=round_id)
    check_organiser(by, row.scheme, at=at)
    if not row.scheme.is_own:
        message = _("round %(code)s was scored by %(organiser)s")
        raise Conflict(message % {"code": row.code, "organiser": row.scheme.organiser})
    return row


def _check_transition(row: Round, to: Status) -> None:
    if to not in ALLOWED_TRANSITIONS[row.status]:
        wanted = ", ".join(str(Status(state).label) for state, targets in ALLOWED_TRANSITIONS.items() if to in targets)
        message = _("round %(code)s has the status “%(is)s”; this step needs: %(wanted)s")
        raise Conflict(message % {"code": row.code, "is": row.get_status_display(), "wanted": wanted})


def _step(row: Round, to: Status, *, by: User, at: dt.datetime) -> None:
    _check_transition(row, to)
    row.status = to
    row.save(update_fields=["status"])
    RoundStep.objects.create(round=row, status=to, at=at, by=by)
    record(f"eqa-round-{to.value}", by=by, at=at, object_kind="eqa-round", object_key=row.pk)


def _systems(row: Round) -> list[scoring.System]:
    rows = Enrolment.objects.filter(participant__round=row).order_by("pk")
    return [
        scoring.System(*values)
        for values in rows.values_list("pk", "procedure_id", "procedure__analyte_id", "peer_group")
    ]


def _returned(row: Round) -> list[scoring.Returned]:
    systems = {system.enrolment_id: system for system in _systems(row)}
    rows = SampleResult.objects.current().filter(enrolment__participant__round=row).order_by("pk")
    return [
        scoring.Returned(pk, systems[enrolment], sample, value)
        for pk, enrolment, sample, value in rows.values_list("pk", "enrolment_id", "sample_id", "value")
    ]


def _warned_before(row: Round) -> set[int]:
    """Return the procedures with a warning signal in the scheme's last final round, where the scheme counts two."""
    if not row.scheme.two_warnings_fail:
        return set()
    earlier = row.scheme.rounds.filter(status=Status.FINAL, closes_at__lt=row.closes_at).order_by("-closes_at").first()
    if earlier is None:
        return set()
    warned = earlier.scores.current().filter(z_verdict=ProcedureScore.Verdict.QUESTIONABLE)
    return set(warned.values_list("procedure_id", flat=True))


def _store(row: Round, scores: scoring.RoundScores, at: dt.datetime) -> None:
    AssignedValue.objects.current().filter(sample__round=row).update(superseded_at=at)
    ProcedureScore.objects.current().filter(round=row).update(superseded_at=at)
    assigned = {key: _assigned_row(key, value, at) for key, value in scores.assigned.items()}
    AssignedValue.objects.bulk_create(assigned.values())
    _mark_results(row, scores.results, {key: value.pk for key, value in assigned.items()})
    ProcedureScore.objects.bulk_create(
        ProcedureScore(
            round=row,
            procedure_id=score.system.procedure_id,
            source=ProcedureScore.Source.SCORED,
            percent=score.percent,
            worst_z=score.worst_z,
            z_verdict=score.z_verdict,
            percent_verdict=score.percent_verdict,
            passed=score.passed,
            recorded_at=at,
        )
        for score in scores.systems
    )


def _assigned_row(key: scoring.Key, value: scoring.Assigned, at: dt.datetime) -> AssignedValue:
    sample_id, analyte_id, peer_group = key
    return AssignedValue(
        sample_id=sample_id,
        analyte_id=analyte_id,
        peer_group=peer_group,
        x_pt=value.x_pt,
        u_x_pt=value.u_x_pt,
        sigma_pt=value.sigma_pt,
        delta_e=value.delta_e,
        s_star=value.s_star,
        participants=value.participants,
        uncertainty_is_negligible=value.is_negligible,
        recorded_at=at,
    )


def _mark_results(row: Round, scores: Sequence[scoring.ScoredResult], assigned: Mapping[scoring.Key, int]) -> None:
    """Write the scores beside the results in one statement: row by row a round of a province takes ten times longer."""
    SampleResult.objects.current().filter(sample__round=row).update(
        judged_against=None, z=None, d_percent=None, is_acceptable=None, suspicion=""
    )
    with connection.cursor() as cursor:
        cursor.execute(
            MARK_SQL,
            [
                [score.result_id for score in scores],
                [assigned[score.key] for score in scores],
                [score.z for score in scores],
                [score.d_percent for score in scores],
                [score.is_acceptable for score in scores],
                [score.suspicion for score in scores],
            ],
        )


def _outcome(
    row: Round, scores: scoring.RoundScores, samples: dict[int, str], known: dict[int, AnalyteFacts]
) -> ScoreOutcome:
    verdicts = [score.passed for score in scores.systems]
    findings = tuple(
        Finding(
            f"{known[analyte_id].key}, sample {samples[sample_id]}",
            "not-evaluated",
            _("nothing is scored: it needs %(fewest)s results and a usable limit in the policy")
            % {"fewest": scoring.FEWEST_FOR_CONSENSUS},
        )
        for analyte_id, sample_id in scores.unscored
    )
    return ScoreOutcome(row.pk, verdicts.count(True), verdicts.count(False), verdicts.count(None), findings)
