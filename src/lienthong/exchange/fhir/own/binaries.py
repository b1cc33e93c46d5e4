"""Files and pictures beside reports as Binaries (R4, Binary): read by whoever may read the report, never searched."""

from __future__ import annotations

import datetime as dt
import re
from base64 import b64encode
from dataclasses import dataclass

from lienthong.errors import NotFound
from lienthong.exchange.fhir.own.shelf import meta
from lienthong.exchange.imaging.pictures import picture_of
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.interop.fhir import Element

_ID = re.compile(r"(\d{1,18})-(file|image)-(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Named:
    """What the id of a Binary names: a file or a picture, and its report."""

    report_id: int
    kind: str
    key: int


def named(id_: str) -> Named | None:
    """Return what an id names; None where it is the id of something else."""
    found = _ID.fullmatch(id_)
    return Named(int(found[1]), found[2], int(found[3])) if found else None


def binary(one: Named, id_: str, *, changed_at: dt.datetime) -> Element | None:
    """Return the bytes as a Binary; None where there are none, or none that can be shown here."""
    try:
        media_type, content = _content(one)
    except NotFound:
        return None
    return {
        "resourceType": "Binary",
        "id": id_,
        "meta": meta(version=1, changed_at=changed_at),
        "contentType": media_type,
        "data": b64encode(content).decode(),
    }


def _content(one: Named) -> tuple[str, bytes]:
    if one.kind == "image":
        return "image/jpeg", picture_of(one.report_id, one.key, "large")
    found = file_of_report(one.report_id, one.key)
    return found.media_type, found.content
