"""What pages may ask of imaging: the bytes of a file beside a report, and where its images can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.errors import NotFound
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.imaging.documents import content_at
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.processing.parsing import parse_kept
from lienthong.exchange.senders import source_by_code
from lienthong.results.imaging.reads import digests_of_objects, document_versions
from lienthong.results.reads import inbox_message


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file that came with a report, as it came."""

    title: str
    media_type: str
    content: bytes


def missing_files(files: ImageFiles) -> int:
    """Return how many rows name a file of a DICOM object that is not there."""
    return sum(not files.has(digest) for digest in digests_of_objects())


def file_of_report(report_id: int, document_id: int) -> ReportFile:
    """Return the bytes of a file beside a report, also of a replaced one, taken from its message; raise NotFound."""
    found = next((one for one in document_versions(report_id) if one.id == document_id), None)
    if found is None or found.kind != "file":
        raise NotFound(_("There is no such file beside this report."))
    message = inbox_message(found.inbox_id)
    source = source_by_code(message.source, on=timezone.localdate(message.received_at)) if message else None
    if message is None or source is None:
        raise NotFound(_("The message that brought this file is not here any more."))
    try:
        oru = parse_kept(message.message_type, message.raw, source)
    except Unstorable:
        raise NotFound(_("The message that brought this file can't be read.")) from None
    content = content_at(oru.orders, found.place)
    if content is None or sha256(content).hexdigest() != found.digest:
        raise NotFound(_("The file is not in its message any more."))
    return ReportFile(found.title, found.media_type, content)
