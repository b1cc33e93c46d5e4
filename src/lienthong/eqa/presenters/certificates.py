"""Certificates as lists and as one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.models import User
from lienthong.eqa.models import Certificate
from lienthong.eqa.presenters.words import CERTIFICATE, PASSED, Chip
from lienthong.registry.reads import Access, analytes

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class CertificateRow:
    id: int
    number: str
    laboratory: str
    scheme: str
    round_code: str
    finished_on: dt.date
    handed_in_at: dt.datetime
    chip: Chip


@dataclass(frozen=True, slots=True)
class CertificatesPage:
    heading: str
    rows: tuple[CertificateRow, ...]
    is_cut: bool
    may_hand_in: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    procedure: str
    analyte: str
    percent: float | None
    chip: Chip


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """One certificate; `why_not` says why this user may not check it, "" where they may."""

    row: CertificateRow
    organiser: str
    document_name: str
    handed_in_by: str
    checked_by: str
    checked_at: dt.datetime | None
    reason: str
    lines: tuple[LineRow, ...]
    is_waiting: bool
    may_check: bool
    why_not: str


def certificates_page(access: Access) -> CertificatesPage:
    """Return the certificates that a user may see, those that wait first."""
    visible = Certificate.objects.visible_to(access)
    waiting = visible.waiting().count()
    found = list(
        visible.waiting_first().defer("document").select_related("laboratory__facility", "scheme")[: MOST_ROWS + 1]
    )
    text = ngettext("%(count)s certificate waits to be checked", "%(count)s certificates wait to be checked", waiting)
    return CertificatesPage(
        heading=text % {"count": waiting} if waiting else _("No certificate waits to be checked"),
        rows=tuple(_row(one) for one in found[:MOST_ROWS]),
        is_cut=len(found) > MOST_ROWS,
        may_hand_in=bool(access.laboratories_as("manager")),
    )


def certificate_page(one: Certificate, access: Access, user: User) -> CertificatePage:
    """Return one certificate with its lines."""
    known = analytes()
    is_officer = one.laboratory_id in access.laboratories_as("officer")
    is_waiting = one.status == Certificate.Status.WAITING
    is_second = one.handed_in_by_id != user.pk
    return CertificatePage(
        row=_row(one),
        organiser=one.scheme.organiser,
        document_name=one.document_name,
        handed_in_by=one.handed_in_by.full_name,
        checked_by=one.checked_by.full_name if one.checked_by else "",
        checked_at=one.checked_at,
        reason=one.reason,
        lines=tuple(
            LineRow(
                procedure=line.procedure.code,
                analyte=known[line.procedure.analyte_id].name,
                percent=line.percent,
                chip=PASSED[line.passed],
            )
            for line in one.lines.select_related("procedure").order_by("procedure__code")
        ),
        is_waiting=is_waiting,
        may_check=is_officer and is_waiting and is_second,
        why_not=_("You handed it in: a second person checks it.") if is_officer and not is_second else "",
    )


def _row(one: Certificate) -> CertificateRow:
    return CertificateRow(
        id=one.pk,
        number=one.number,
        laboratory=one.laboratory.title,
        scheme=one.scheme.name,
        round_code=one.round_code,
        finished_on=one.finished_on,
        handed_in_at=one.handed_in_at,
        chip=CERTIFICATE[one.status],
    )
