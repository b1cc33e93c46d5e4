"""What a file of control values holds or did, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.findings import Finding
from lienthong.iqc.actions import ImportReport

MOST_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class FileView:
    """A file before or after its import; of very many findings the first ones are shown."""

    name: str
    head: str
    tone: str
    facts: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
    more_findings: int
    can_import: bool
    can_import_good_rows: bool
    is_done: bool

    @classmethod
    def of(cls, report: ImportReport) -> Self:
        is_done = report.is_stored or report.is_known_file
        return cls(
            name=report.name,
            head=_head(report),
            tone="bad" if report.findings and not report.is_stored else "good" if is_done else "info",
            facts=_facts(report),
            findings=report.findings[:MOST_FINDINGS],
            more_findings=max(len(report.findings) - MOST_FINDINGS, 0),
            can_import=not is_done and not report.findings and report.values > 0,
            can_import_good_rows=not is_done and bool(report.findings) and report.rows > report.left_out > 0,
            is_done=is_done,
        )


def _head(report: ImportReport) -> str:
    if report.is_known_file:
        return _("This file was imported before; nothing changed")
    if report.is_stored:
        text = ngettext("%(count)s value stored", "%(count)s values stored", report.values)
        return text % {"count": report.values}
    if report.findings:
        return fault_words(report.left_out)
    if not report.values:
        return _("Every row of this file is stored already")
    text = ngettext("%(count)s value is ready to be stored", "%(count)s values are ready to be stored", report.values)
    return text % {"count": report.values}


def fault_words(rows: int) -> str:
    """Say why nothing of a file is stored: `rows` of it have errors, or it has none that could be read."""
    if not rows:
        return _("The file can’t be read as it is")
    text = ngettext(
        "Nothing is stored: %(count)s row has errors", "Nothing is stored: %(count)s rows have errors", rows
    )
    return text % {"count": rows}


def _facts(report: ImportReport) -> tuple[tuple[str, int], ...]:
    facts = [
        (_("Rows"), report.rows),
        (_("New runs"), report.runs),
        (_("Measuring systems"), report.systems),
        (_("Stored before"), report.unchanged),
        (_("Rows with errors"), report.left_out),
    ]
    if report.is_stored:
        facts += [
            (_("Rules broken"), report.rejections),
            (_("Warnings"), report.warnings),
            (_("Violations cleared"), report.cleared),
        ]
    return tuple(facts)
