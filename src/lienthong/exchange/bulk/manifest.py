"""What a finished export is made of, as the client is told (Bulk Data Access STU 2, complete status)."""

from __future__ import annotations

from lienthong.exchange.bulk.models import BulkExport, BulkFile
from lienthong.exchange.fhir.own.shelf import instant
from lienthong.interop.fhir import Element

EXTENSION = "urn:lienthong:fhir:export"
WHY_FAILED = {
    "interrupted": "the export was interrupted again and again; tell the operator of the platform",
    "no-room": "the disk of the platform is full; tell its operator, and ask again when there is room",
    "not-written": "the files could not be written; tell the operator of the platform",
    "not-found": "the facility of the system is not in the registry",
    "unforeseen": "the export could not be made; tell the operator of the platform",
}


def manifest(export: BulkExport, *, base: str) -> Element:
    """Return the files of a complete export with their addresses; `base` is that of the FHIR interface.

    The extension says whether what names patients was left out.
    """
    files = list(export.files.all())
    time = export.transaction_time
    return {
        "transactionTime": instant(time) if time else "",
        "request": export.request,
        "requiresAccessToken": True,
        "output": [_file(export, one, base) for one in files if not one.is_message],
        "deleted": [],
        "error": [_file(export, one, base) for one in files if one.is_message],
        "extension": {EXTENSION: {"pseudonymised": export.is_oversight}},
    }


def why_failed(export: BulkExport) -> str:
    return WHY_FAILED.get(export.reason, f"the export could not be made ({export.reason})")


def progress(export: BulkExport) -> str:
    """Return how far an export is, in fewer than a hundred signs."""
    if export.state == BulkExport.State.WAITING or not export.doing:
        return "waiting" if export.state == BulkExport.State.WAITING else "beginning"
    place = export.kinds.index(export.doing) + 1 if export.doing in export.kinds else 0
    return f"{export.written} resources written, at {export.doing} (type {place} of {len(export.kinds)})"


def _file(export: BulkExport, one: BulkFile, base: str) -> Element:
    return {"type": one.kind, "url": f"{base}/exports/{export.key}/{one.name}", "count": one.lines}
