"""Exports as those see them who may: the system that asked, and the administrators of its facility."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from lienthong.exchange.bulk.models import BulkExport, BulkFile

MOST_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """An export with the bytes that its files had, as NDJSON."""

    row: BulkExport
    size: int


def export_of(client_id: str, key: UUID, *, at: dt.datetime) -> BulkExport | None:
    """Return an export of a system whose files it may still fetch, or will; None where there is none."""
    row = BulkExport.objects.of_client(client_id).prefetch_related("files").filter(key=key).first()
    return None if row is None or (row.expires_at is not None and row.expires_at <= at) else row


def file_of(export: BulkExport, name: str) -> BulkFile | None:
    """Return a file of a complete export."""
    if export.state != BulkExport.State.COMPLETE:
        return None
    return next((one for one in export.files.all() if one.name == name), None)


def latest_exports(facilities: Collection[str]) -> list[ExportFacts]:
    """Return the latest exports of the systems of some facilities, by code, newest first."""
    rows = BulkExport.objects.filter(facility__in=list(facilities)).annotate(size=Sum("files__size")).order_by("-id")
    return [ExportFacts(row, row.size or 0) for row in rows[:MOST_LISTED]]
