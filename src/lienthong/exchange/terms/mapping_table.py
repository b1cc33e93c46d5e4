"""A table of mappings: what each row would propose, and proposing it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.models import User
from lienthong.core.tabular import Column, Kind, Row, read_table
from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.exchange.actions import propose_mapping
from lienthong.exchange.models import CodeMapping
from lienthong.exchange.terms.quantity import Clues, clashes
from lienthong.exchange.terms.specimens import KINDS
from lienthong.findings import Finding
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts

COLUMNS = (
    Column("sender", gettext_lazy("Sender"), longest=60, aliases=("source",)),
    Column("local_code", gettext_lazy("Code"), longest=60, aliases=("code",)),
    Column("local_system", gettext_lazy("Code system"), is_required=False, longest=60),
    Column("local_name", gettext_lazy("Name"), is_required=False),
    Column("unit", gettext_lazy("Unit"), is_required=False, longest=60),
    Column("analyte", gettext_lazy("Analyte"), is_required=False, longest=20, aliases=("key",)),
    Column("loinc", gettext_lazy("LOINC code"), is_required=False, longest=10),
    Column("procedure", gettext_lazy("Measuring system"), is_required=False, longest=60),
    Column("equipment", gettext_lazy("Analyser"), is_required=False, longest=60),
    Column(
        "specimen",
        gettext_lazy("Specimen"),
        kind=Kind.CHOICE,
        is_required=False,
        choices={kind: () for kind in KINDS},
    ),
    Column("valid_from", gettext_lazy("Holds from"), kind=Kind.DAY),
)
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """What one good row does: it proposes, or its mapping holds already."""

    where: str
    sender: str
    local_code: str
    analyte: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class TableReport:
    name: str
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    is_written: bool

    @property
    def proposed(self) -> int:
        return sum(one.is_new for one in self.lines)

    @property
    def unchanged(self) -> int:
        return len(self.lines) - self.proposed


def preview_table(data: bytes, name: str, *, by: User, at: dt.datetime) -> TableReport:
    """Return what proposing a table would do, without doing it."""
    with transaction.atomic():
        report = _propose(data, name, by=by, at=at)
        transaction.set_rollback(True)
    return report


def propose_table(data: bytes, name: str, *, good_rows_only: bool, by: User, at: dt.datetime) -> TableReport:
    """Propose what each row of a table says; a second person confirms.

    With a finding nothing is proposed, unless only the good rows are wanted. The same table again changes nothing.
    """
    with transaction.atomic():
        report = _propose(data, name, by=by, at=at)
        is_written = bool(report.lines) and (good_rows_only or not report.findings)
        if not is_written:
            transaction.set_rollback(True)
    return TableReport(report.name, report.lines, report.findings, is_written)


def _propose(data: bytes, name: str, *, by: User, at: dt.datetime) -> TableReport:
    rows, findings = read_table(data, name, COLUMNS)
    if len(rows) > MOST_ROWS:
        words = _("the file has %(number)d rows; bring at most %(most)d at once")
        return TableReport(
            name, (), (Finding(name, "too-many-rows", words % {"number": len(rows), "most": MOST_ROWS}),), False
        )
    analytes = list(registry.analytes().values())
    lines: list[Line] = []
    for row in rows:
        done = _one(row, analytes, by=by, at=at)
        if isinstance(done, Line):
            lines.append(done)
        else:
            findings += done
    return TableReport(name, tuple(lines), tuple(findings), is_written=False)


def _one(row: Row, analytes: list[AnalyteFacts], *, by: User, at: dt.datetime) -> Line | list[Finding]:
    meant = _analyte(row, analytes)
    if isinstance(meant, Finding):
        return [meant]
    units = (row.text("unit"),) if row.text("unit") else ()
    specimens = (row.text("specimen"),) if row.text("specimen") else ()
    if faults := clashes(Clues(row.text("local_code"), row.text("local_name"), units, specimens), meant):
        return [row.finding("analyte", one.code, one.message) for one in faults]
    line = Line(row.where("local_code"), row.text("sender"), row.text("local_code"), meant.name, is_new=True)
    if _holds_already(row, meant):
        return Line(line.where, line.sender, line.local_code, line.analyte, is_new=False)
    try:
        with transaction.atomic():
            propose_mapping(
                source=row.text("sender"),
                local_code=row.text("local_code"),
                local_system=row.text("local_system"),
                analyte=meant.key,
                procedure=row.text("procedure"),
                equipment=row.text("equipment"),
                specimen=row.text("specimen"),
                valid_from=row.day("valid_from") or timezone.localdate(at),
                by=by,
                at=at,
            )
    except BadInput as refused:
        return [row.finding("analyte", one.code, one.message) for one in refused.findings]
    except (Conflict, NotFound, NotAllowed) as refused:
        return [row.finding("sender", refused.code, str(refused))]
    return line


def _analyte(row: Row, analytes: list[AnalyteFacts]) -> AnalyteFacts | Finding:
    """Find the analyte by key, else by LOINC code; both must name the same."""
    key, loinc = row.text("analyte"), row.text("loinc")
    by_key = [one for one in analytes if one.key == key]
    by_loinc = [one for one in analytes if one.loinc == loinc]
    if not key and not loinc:
        return row.finding("analyte", "empty", _("give the analyte's key or its LOINC code"))
    if key and not by_key:
        return row.finding("analyte", "unknown-analyte", _("the registry has no analyte of this key"))
    if loinc and not by_loinc:
        return row.finding("loinc", "unknown-loinc", _("the registry has no analyte of this LOINC code"))
    found = [one for one in (by_key or by_loinc) if not loinc or one.loinc == loinc]
    if not found:
        return row.finding("loinc", "other-analyte", _("key and LOINC code name two analytes"))
    if len(found) > 1:
        return row.finding("loinc", "several-analytes", _("several analytes have this LOINC code; give the key"))
    return found[0]


def _holds_already(row: Row, meant: AnalyteFacts) -> bool:
    """Whether the same mapping holds on the day of the row, or waits for its second person."""
    rows = CodeMapping.objects.known_at(None).filter(
        source__code=row.text("sender"),
        local_code=row.text("local_code"),
        local_system=row.text("local_system"),
        equipment=row.text("equipment"),
        specimen=row.text("specimen"),
        analyte_id=meant.id,
        procedure__code=row.text("procedure") or None,
    )
    day = row.day("valid_from")
    if day is None:
        return False
    return rows.confirmed().held(day).exists() or rows.proposed().filter(valid_from=day).exists()
