"""What the list of exports shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.templatetags.numbers import fixed
from lienthong.exchange.bulk.lookups import ExportFacts
from lienthong.exchange.bulk.models import BulkExport

State = BulkExport.State
_CHIPS: Mapping[str, tuple[str, str]] = {
    State.WAITING: ("info", "wait"),
    State.RUNNING: ("info", "wait"),
    State.COMPLETE: ("good", "in"),
    State.FAILED: ("bad", "out"),
    State.REMOVED: ("plain", "none"),
    State.EXPIRED: ("plain", "none"),
}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export in words; `size` is that of the files as NDJSON in bytes."""

    client_id: str
    name: str
    facility: str
    asked_at: dt.datetime
    finished_at: dt.datetime | None
    state: str
    tone: str
    symbol: str
    why: str
    what: str
    kinds: str
    since: dt.datetime | None
    resources: int
    patients: int
    size: int
    expires_at: dt.datetime | None

    @property
    def size_told(self) -> str:
        """The size in kB where it is less than a tenth of an MB, which would be told as 0.0."""
        kilobytes = self.size / 1000
        return f"{fixed(kilobytes)} kB" if kilobytes < 100 else f"{fixed(kilobytes / 1000)} MB"

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        return [
            *(self.client_id, self.name, self.facility, self.asked_at, self.finished_at, self.state, self.why),
            *(
                self.what,
                self.kinds,
                self.since,
                self.resources,
                self.patients,
                round(self.size / 1_000_000, 1),
                self.expires_at,
            ),
        ]


def header() -> list[str]:
    return [
        *("client_id", _("Name"), _("Facility"), _("Asked for"), _("Finished"), _("State"), _("Why it failed")),
        *(_("What it holds"), _("Types"), _("Changed since"), _("Resources"), _("Patients"), _("MB"), _("Until")),
    ]


def export_rows(found: Iterable[ExportFacts], facilities: Mapping[str, str]) -> list[ExportRow]:
    """Lay out exports; `facilities` are the names by code."""
    return [_row(one, facilities) for one in found]


def _row(facts: ExportFacts, facilities: Mapping[str, str]) -> ExportRow:
    row = facts.row
    tone, symbol = _CHIPS[row.state]
    return ExportRow(
        client_id=row.client_id,
        name=row.client_name,
        facility=facilities.get(row.facility, row.facility),
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        state=str(State(row.state).label),
        tone=tone,
        symbol=symbol,
        why=_why(row.reason),
        what=_("the region, without names of patients") if row.is_oversight else _("what the facility may read"),
        kinds=" ".join(row.kinds),
        since=row.since,
        resources=row.written,
        patients=row.patients,
        size=facts.size,
        expires_at=row.expires_at if row.state == State.COMPLETE else None,
    )


def _why(reason: str) -> str:
    words = {
        "interrupted": _("It was interrupted again and again."),
        "no-room": _("The disk was full."),
        "not-written": _("The files could not be written."),
        "not-found": _("The facility is not in the registry."),
        "unforeseen": _("It could not be made; the log of the worker says more."),
    }
    return words.get(reason, reason)
