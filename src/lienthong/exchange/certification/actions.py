"""Opening and closing a run of the entrance test."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import Conflict, NotFound
from lienthong.exchange.certification.cases import Filling, edition
from lienthong.exchange.certification.judging import CaseVerdict, judge
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.certification.signing import sign
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import check_operator
from lienthong.registry import reads as registry
from lienthong.results import reads as results

DAYS_OPEN = 14
# Glucose: what every laboratory measures, in mmol/L or by mass.
LOINCS = ("14749-6", "2345-7", "15074-8", "2339-0")


@transaction.atomic
def open_certification(
    source: str, *, by: User, at: dt.datetime, days: int = DAYS_OPEN, is_self_test: bool = False
) -> int:
    """Open a run for a sender for some days; its cases can then be downloaded and replayed.

    A self-test is a run that the platform sends itself; it is never signed.

    Raises NotFound where no analyte of the registry is one that the cases report; Conflict where a run is open, and of
    an analyser that speaks ASTM: it sends what it measures and can't be given messages to send, so that nothing could
    be compared with what was published.
    """
    sender = Source.objects.select_for_update().filter(code=source).first()
    if sender is None:
        raise NotFound(_("There is no such sender."))
    check_operator(by, sender, at=at)
    if sender.protocol == Source.Protocol.ASTM:
        raise Conflict(_("An analyser takes no entrance test: it can't be given messages to send. Try it with tubes."))
    if sender.protocol != Source.Protocol.HL7V2:
        raise Conflict(_("Only a system that speaks HL7 v2 takes an entrance test: its cases are messages."))
    reported_loinc()
    if Certification.objects.open().filter(source=sender, is_self_test=is_self_test).exists():
        raise Conflict(_("An entrance test of this sender is open; close it first."))
    closes_at = at + dt.timedelta(days=days)
    run = Certification.objects.create(
        source=sender,
        edition=edition(),
        is_self_test=is_self_test,
        opened_by=by,
        opened_at=at,
        closes_at=closes_at,
    )
    _record("open-certification", run, by=by, at=at)
    return run.pk


@transaction.atomic
def close_certification(certification_id: int, *, by: User, at: dt.datetime) -> bool:
    """Judge a run for the last time and close it; sign the report where every case passed. Return whether it did."""
    run = Certification.objects.select_for_update(of=("self",)).select_related("source").filter(pk=certification_id)
    row = run.first()
    if row is None:
        raise NotFound(_("There is no such entrance test."))
    check_operator(by, row.source, at=at)
    if row.closed_at is not None:
        raise Conflict(_("This entrance test is closed already."))
    verdicts = judge_certification(row, at=at)
    row.closed_by, row.closed_at = by, at
    row.has_passed = all(one.verdict == "passed" for one in verdicts)
    row.verdicts = [_kept(one) for one in verdicts]
    row.signed = sign(_said(row)) if row.has_passed and not row.is_self_test else ""
    row.save(update_fields=["closed_by", "closed_at", "has_passed", "verdicts", "signed"])
    _record("close-certification", row, by=by, at=at)
    return row.has_passed


def judge_certification(run: Certification, *, at: dt.datetime) -> list[CaseVerdict]:
    """Judge what has arrived of a run so far; nothing is stored."""
    arrived = results.messages_of_run(source=run.source.code, prefix=run.prefix, since=run.opened_at)
    filling = filling_of(run)
    return judge(filling, arrived, default_charset=run.source.default_charset, zone=zone_of(run.source), at=at)


def filling_of(run: Certification) -> Filling:
    """Return what the cases of a run are filled in with; its days are those of its opening, so that they stay."""
    sender = run.source
    return Filling(
        application=sender.sending_application,
        facility=sender.sending_facility,
        prefix=run.prefix,
        loinc=reported_loinc(),
        at=run.opened_at.astimezone(zone_of(sender)).replace(second=0, microsecond=0),
    )


def zone_of(sender: Source) -> ZoneInfo:
    """Return the time zone of a sender's facility."""
    places = registry.facilities({sender.facility_id}, on=timezone.localdate())
    return ZoneInfo(places[sender.facility_id].time_zone)


def reported_loinc() -> str:
    """Return the LOINC code of glucose that the registry knows; raise NotFound where it knows none."""
    known = {one.loinc for one in registry.analytes().values()}
    found = next((loinc for loinc in LOINCS if loinc in known), None)
    if found is None:
        raise NotFound(_("The cases report glucose; bring in the analytes with glucose first."))
    return found


def _kept(one: CaseVerdict) -> dict[str, object]:
    steps = [
        {"id": step.step.id, "verdict": step.verdict, "state": step.state, "reason": step.reason}
        | {
            "results": step.results,
            "numbers": step.numbers,
            "differs": list(step.differs),
            "is_out_of_order": step.is_out_of_order,
        }
        | {"inbox_id": step.inbox_id}
        for step in one.steps
    ]
    return {"case": one.case.number, "key": one.case.key, "verdict": one.verdict, "steps": steps}


def _said(run: Certification) -> dict[str, object]:
    """What is signed: who passed which edition of the cases when. No message is in it."""
    assert run.closed_at is not None  # noqa: S101 — it is being closed
    return {
        "iss": "lienthong",
        "sub": run.source.code,
        "msh_3": run.source.sending_application,
        "msh_4": run.source.sending_facility,
        "run": run.prefix,
        "edition": run.edition,
        "opened_at": run.opened_at.isoformat(timespec="seconds"),
        "iat": int(run.closed_at.timestamp()),
        "passed": [one["case"] for one in run.verdicts],
    }


def _record(action: str, run: Certification, *, by: User, at: dt.datetime) -> None:
    detail: dict[str, str | int | float | bool | None] = {"run": run.prefix, "edition": run.edition}
    if run.has_passed is not None:
        detail["has_passed"] = run.has_passed
    audit.record(action, by=by, at=at, object_kind="source", object_key=run.source.code, detail=detail)
