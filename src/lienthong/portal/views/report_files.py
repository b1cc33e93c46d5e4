"""Files and pictures beside a report: read by the same relation as the report, and entered in the access log."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lienthong.errors import NotFound
from lienthong.exchange.imaging.pictures import picture_of, picture_of_file
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.portal.relations import Reading
from lienthong.portal.views.reading import log, reading_of, reads_records
from lienthong.results import reads as results

# What a sender made is shown alone: it runs nothing, loads nothing and is framed by nobody.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
SHOWN = {"image/jpeg": "jpg", "image/png": "png"}
ENDINGS = {"application/pdf": "pdf", **SHOWN}


@require_GET
@reads_records
def report_file(request: HttpRequest, report_id: int, document_id: int) -> HttpResponse:
    """Give a file that came with a report: a picture to look at, anything else to keep."""
    reading, record_id, at = _allowed(request, report_id)
    found = file_of_report(report_id, document_id)
    log(reading, {record_id}, kind="report_file", key=document_id, at=at)
    name = f"{report_id}-{document_id}.{ENDINGS.get(found.media_type, 'bin')}"
    return _alone(found.content, found.media_type, name=name, is_shown=found.media_type in SHOWN)


@require_GET
@reads_records
def report_picture(request: HttpRequest, report_id: int, object_id: int, size: str) -> HttpResponse:
    """Give a picture of an image that is tied to a report, `small` or `large`."""
    reading, record_id, at = _allowed(request, report_id)
    picture = picture_of(report_id, object_id, size)
    log(reading, {record_id}, kind="report_picture", key=object_id, at=at)
    return _alone(picture, "image/jpeg", name=f"{report_id}-{object_id}.jpg", is_shown=True)


@require_GET
@reads_records
def report_file_picture(request: HttpRequest, report_id: int, document_id: int, size: str) -> HttpResponse:
    """Give a smaller picture of a photograph that came as a file, `small` or `large`."""
    reading, record_id, at = _allowed(request, report_id)
    picture = picture_of_file(report_id, document_id, size)
    log(reading, {record_id}, kind="report_file", key=document_id, at=at)
    return _alone(picture, "image/jpeg", name=f"{report_id}-{document_id}.jpg", is_shown=True)


def _allowed(request: HttpRequest, report_id: int) -> tuple[Reading, int, dt.datetime]:
    """Return by which relation whose record is read, and when; raise NoRelation, NotFound."""
    at = timezone.now()
    found = results.report(report_id)
    if found is None:
        raise NotFound(_("There is no such report."))
    return reading_of(request, found.patient, at=at), found.patient.record_id, at


def _alone(content: bytes, media_type: str, *, name: str, is_shown: bool) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    way = "inline" if is_shown else "attachment"
    answer["Content-Disposition"] = f'{way}; filename="{quote(name)}"'
    answer["Content-Security-Policy"] = ALONE
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
