"""Schemes and their rounds, and who takes part in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core.audit import record
from lienthong.core.models import User
from lienthong.eqa.models import Enrolment, Participant, Round, RoundStep, Sample, Scheme
from lienthong.eqa.permissions import MANAGER, OFFICER, check_officer_of, check_organiser, check_part_of, day_of
from lienthong.errors import BadInput, Conflict
from lienthong.findings import Finding
from lienthong.registry.reads import ProcedureFacts, procedures


@transaction.atomic
def create_scheme(
    *,
    code: str,
    names: Mapping[str, str],
    organiser: str,
    reach: str,
    region_ids: Collection[int],
    is_own: bool,
    verdict_read: str,
    by: User,
    at: dt.datetime,
    sigma_from_s_star: bool = False,
    boundary_counts: bool = True,
    two_warnings_fail: bool = False,
) -> int:
    """Create a scheme and return its key; the same again changes nothing, another of that code raises Conflict.

    `names` has vi, zh and en. A scheme that is run here needs a region, whose policy says how it is scored.
    """
    check_officer_of(by, region_ids if is_own else (), at=at)
    if is_own and not region_ids:
        message = _("scheme %(code)s is run here and must name its regions") % {"code": code}
        raise BadInput([Finding("regions", "missing-value", message)])
    fields = {
        **{f"name_{language}": names.get(language, "") for language in ("vi", "zh", "en")},
        "organiser": organiser,
        "reach": Scheme.Reach(reach).value,
        "is_own": is_own,
        "verdict_read": Scheme.Scoring(verdict_read).value,
        "sigma_from_s_star": sigma_from_s_star,
        "boundary_counts": boundary_counts,
        "two_warnings_fail": two_warnings_fail,
    }
    scheme, created = Scheme.objects.get_or_create(code=code, defaults=fields)
    if created:
        scheme.regions.set(region_ids)
        record("create-eqa-scheme", by=by, at=at, object_kind="eqa-scheme", object_key=code)
    elif any(getattr(scheme, name) != value for name, value in fields.items()):
        message = _("scheme %(code)s is stored with other settings; give the new scheme another code")
        raise Conflict(message % {"code": code})
    return scheme.pk


@transaction.atomic
def create_round(
    *,
    scheme_code: str,
    code: str,
    sample_codes: Collection[str],
    opens_on: dt.date,
    closes_at: dt.datetime,
    by: User,
    at: dt.datetime,
    year: int | None = None,
) -> int:
    """Create an open round of a scheme that is run here and return its key; the same again changes nothing."""
    scheme = scheme_named(scheme_code)
    check_organiser(by, scheme, at=at)
    if not scheme.is_own:
        message = _("scheme %(code)s is scored by %(organiser)s; import its scores instead")
        raise Conflict(message % {"code": scheme_code, "organiser": scheme.organiser})
    if not sample_codes or len(set(sample_codes)) != len(sample_codes):
        message = _("round %(code)s must have samples of different codes") % {"code": code}
        raise BadInput([Finding("samples", "bad-samples", message)])
    stored = Round.objects.filter(scheme=scheme, code=code).first()
    if stored is not None:
        _check_same_round(stored, sample_codes=sample_codes, opens_on=opens_on, closes_at=closes_at)
        return stored.pk
    row = Round.objects.create(
        scheme=scheme,
        code=code,
        year=year or opens_on.year,
        status=Round.Status.OPEN,
        opens_on=opens_on,
        closes_at=closes_at,
    )
    Sample.objects.bulk_create(Sample(round=row, code=sample) for sample in sample_codes)
    RoundStep.objects.create(round=row, status=Round.Status.OPEN, at=at, by=by)
    record("create-eqa-round", by=by, at=at, object_kind="eqa-round", object_key=row.pk, detail={"code": code})
    return row.pk


@transaction.atomic
def enrol(
    *,
    round_id: int,
    laboratory_id: int,
    participant_code: str,
    procedure_ids: Collection[int],
    by: User,
    at: dt.datetime,
    peer_groups: Mapping[int, str] | None = None,
) -> int:
    """Enrol measuring systems of a laboratory in an open round under its participant code; return how many are new.

    A peer group that isn't given is method and instrument of the day. Qualitative analytes are refused: a round here
    is scored by numbers.
    """
    check_part_of(by, laboratory_id, MANAGER, OFFICER, at=at)
    row = open_round(round_id)
    facts = procedures(procedure_ids, on=day_of(at))
    findings = [
        Finding(f"procedure {pk}", code, message)
        for pk in procedure_ids
        for code, message in _enrolment_faults(facts.get(pk), laboratory_id)
    ]
    if findings:
        raise BadInput(findings)
    participant = _participant(row, laboratory_id, participant_code)
    groups = dict(peer_groups or {})
    enrolled = set(participant.enrolments.values_list("procedure_id", flat=True))
    fresh = [pk for pk in dict.fromkeys(procedure_ids) if pk not in enrolled]
    Enrolment.objects.bulk_create(
        Enrolment(participant=participant, procedure_id=pk, peer_group=groups.get(pk) or peer_group_of(facts[pk]))
        for pk in fresh
    )
    detail: dict[str, str | int] = {"participant": participant_code, "procedures": len(fresh)}
    record("enrol-in-eqa-round", by=by, at=at, object_kind="eqa-round", object_key=round_id, detail=detail)
    return len(fresh)


def scheme_named(code: str) -> Scheme:
    """Return a scheme by its code; raise BadInput where there is none."""
    scheme = Scheme.objects.filter(code=code).first()
    if scheme is None:
        message = _("scheme %(code)s is not stored; create it first") % {"code": code}
        raise BadInput([Finding("scheme", "unknown-scheme", message)])
    return scheme


def open_round(round_id: int) -> Round:
    """Lock and return a round that takes enrolments and results; raise Conflict once it is closed."""
    row = Round.objects.select_for_update(of=("self",)).select_related("scheme").get(pk=round_id)
    if row.status != Round.Status.OPEN:
        raise Conflict(_("round %(code)s is closed; nothing can be entered any more") % {"code": row.code})
    return row


def peer_group_of(facts: ProcedureFacts) -> str:
    """Return the peer group of a measuring system: method and instrument."""
    return ", ".join(part for part in (facts.method, facts.instrument) if part)


def _check_same_round(
    stored: Round, *, sample_codes: Collection[str], opens_on: dt.date, closes_at: dt.datetime
) -> None:
    samples = set(stored.samples.values_list("code", flat=True))
    if (samples, stored.opens_on, stored.closes_at) != (set(sample_codes), opens_on, closes_at):
        message = _("round %(code)s is stored with other samples or dates; give the new round another code")
        raise Conflict(message % {"code": stored.code})


def _enrolment_faults(facts: ProcedureFacts | None, laboratory_id: int) -> list[tuple[str, str]]:
    if facts is None:
        return [("unknown-procedure", _("no procedure of this code is in use"))]
    faults = []
    if facts.laboratory_id != laboratory_id:
        faults.append(("wrong-laboratory", _("a procedure belongs to another laboratory")))
    if not facts.analyte.is_quantitative:
        faults.append(("qualitative", _("this procedure is qualitative; a round here is scored by numbers")))
    return faults


def _participant(row: Round, laboratory_id: int, code: str) -> Participant:
    taken = Participant.objects.filter(round=row, code=code).exclude(laboratory_id=laboratory_id)
    if taken.exists():
        message = _("participant code %(code)s is taken in round %(round)s; choose another")
        raise Conflict(message % {"code": code, "round": row.code})
    participant, _created = Participant.objects.get_or_create(
        round=row, laboratory_id=laboratory_id, defaults={"code": code}
    )
    if participant.code != code:
        message = _("the laboratory takes part in round %(round)s under code %(code)s")
        raise Conflict(message % {"round": row.code, "code": participant.code})
    return participant
