"""Certificates of outside providers: a laboratory hands one in, a second person of the centre checks it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core.audit import record
from lienthong.core.models import User
from lienthong.eqa.actions.outside import Verdict, outside_round, store_scores
from lienthong.eqa.models import Certificate, CertificateLine, ProcedureScore, Scheme
from lienthong.eqa.permissions import MANAGER, OFFICER, check_part_of, day_of
from lienthong.errors import BadInput, Conflict, NotAllowed
from lienthong.findings import Finding
from lienthong.registry.reads import procedures

Status = Certificate.Status
ALLOWED_TRANSITIONS: dict[str, frozenset[str]] = {
    Status.WAITING: frozenset({Status.ACCEPTED, Status.REFUSED}),
    Status.ACCEPTED: frozenset(),
    Status.REFUSED: frozenset(),
}
SIGNATURES = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
LARGEST_DOCUMENT = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """What a certificate says of one procedure."""

    procedure_id: int
    passed: bool
    percent: float | None = None


@transaction.atomic
def hand_in_certificate(
    *,
    laboratory_id: int,
    scheme_code: str,
    round_code: str,
    finished_on: dt.date,
    number: str,
    lines: Collection[Line],
    document: bytes,
    document_name: str,
    by: User,
    at: dt.datetime,
) -> int:
    """Store a certificate for the centre to check and return its key; the same again changes nothing."""
    check_part_of(by, laboratory_id, MANAGER, at=at)
    scheme = Scheme.objects.outside().filter(code=scheme_code).first()
    findings = _faults(laboratory_id, scheme, finished_on, lines, document, today=day_of(at))
    if findings or scheme is None:
        raise BadInput(findings)
    digest = hashlib.sha256(document).hexdigest()
    stored = Certificate.objects.filter(laboratory_id=laboratory_id, scheme=scheme, number=number)
    stored = stored.exclude(status=Status.REFUSED)
    if (same := stored.first()) is not None:
        return _same(same, digest)
    row = Certificate.objects.create(
        laboratory_id=laboratory_id,
        scheme=scheme,
        round_code=round_code,
        finished_on=finished_on,
        number=number,
        document=document,
        document_name=document_name,
        document_sha256=digest,
        handed_in_by=by,
        handed_in_at=at,
    )
    CertificateLine.objects.bulk_create(
        CertificateLine(certificate=row, procedure_id=one.procedure_id, percent=one.percent, passed=one.passed)
        for one in lines
    )
    detail = {"scheme": scheme_code, "round": round_code, "document": digest}
    record("hand-in-eqa-certificate", by=by, at=at, object_kind="eqa-certificate", object_key=row.pk, detail=detail)
    return row.pk


@transaction.atomic
def check_certificate(certificate_id: int, *, accept: bool, by: User, at: dt.datetime, reason: str = "") -> None:
    """Accept a certificate, so that its scores count, or refuse it with a reason. The one who handed it in may not."""
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("scheme")
    row = rows.get(pk=certificate_id)
    check_part_of(by, row.laboratory_id, OFFICER, at=at)
    if row.handed_in_by_id == by.pk:
        raise NotAllowed(_("a certificate is checked by a second person, not by the one who handed it in"))
    to = Status.ACCEPTED if accept else Status.REFUSED
    if to not in ALLOWED_TRANSITIONS[row.status]:
        raise Conflict(_("certificate %(number)s was checked already") % {"number": row.number})
    if not accept and not reason.strip():
        raise BadInput([Finding("reason", "empty", _("say why the certificate is refused"))])
    row.status, row.checked_by, row.checked_at, row.reason = to, by, at, reason.strip()
    row.save(update_fields=["status", "checked_by", "checked_at", "reason"])
    if accept:
        _let_count(row, by=by, at=at)
    record(f"eqa-certificate-{to.value}", by=by, at=at, object_kind="eqa-certificate", object_key=row.pk)


def media_type(document: bytes) -> str | None:
    """Return the media type of a document by its first bytes; None for what is not taken."""
    return next((kind for start, kind in SIGNATURES.items() if document.startswith(start)), None)


def _let_count(row: Certificate, *, by: User, at: dt.datetime) -> None:
    verdicts = [
        Verdict(
            procedure_id=line.procedure_id,
            percent=line.percent,
            z=None,
            passed=line.passed,
            source=ProcedureScore.Source.CERTIFICATE,
            certificate_id=row.pk,
        )
        for line in row.lines.all()
    ]
    store_scores(outside_round(row.scheme, row.round_code, row.finished_on, by=by, at=at), verdicts, at=at)


def _faults(
    laboratory_id: int,
    scheme: Scheme | None,
    finished_on: dt.date,
    lines: Collection[Line],
    document: bytes,
    *,
    today: dt.date,
) -> list[Finding]:
    findings = []
    if scheme is None:
        findings.append(Finding("scheme", "unknown-scheme", _("choose a scheme of an outside provider")))
    if finished_on > today:
        findings.append(
            Finding("finished_on", "in-the-future", _("this day has not come yet; only final scores count"))
        )
    if len(document) > LARGEST_DOCUMENT or media_type(document) is None:
        findings.append(
            Finding("document", "bad-document", _("the document must be a PDF, PNG or JPEG of at most 5 MB"))
        )
    if not lines:
        findings.append(Finding("lines", "empty", _("say for at least one procedure what the certificate states")))
    mine = procedures([one.procedure_id for one in lines], laboratory_ids=[laboratory_id], on=today)
    if {one.procedure_id for one in lines} - set(mine):
        findings.append(Finding("lines", "wrong-laboratory", _("a procedure belongs to another laboratory")))
    if len({one.procedure_id for one in lines}) != len(lines):
        findings.append(Finding("lines", "duplicate-row", _("a procedure is named twice")))
    return findings


def _same(stored: Certificate, digest: str) -> int:
    if stored.document_sha256 != digest:
        message = _("certificate %(number)s is stored with another document; wait until it is checked")
        raise Conflict(message % {"number": stored.number})
    return stored.pk
