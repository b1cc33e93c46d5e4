"""A report as PDF, set by Typst from the template beside this file."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import as_file, files

from lienthong.cli.eqa.report.content import Figure, Report, Section, Table
from lienthong.cli.eqa.report.drawing import font_folder
from lienthong.errors import Conflict

TEMPLATE = "report.typ"


def document(report: Report) -> bytes:
    """Return the report as PDF; raise Conflict where Typst warns, since something would be missing on paper."""
    import typst

    content = json.dumps(_content(report), ensure_ascii=False)
    with as_file(files("lienthong.cli.eqa.report") / TEMPLATE) as template:
        pdf, warnings = typst.compile_with_warnings(
            str(template),
            root=str(template.parent),
            font_paths=[font_folder()],
            ignore_system_fonts=True,
            sys_inputs={"report": content},
            timestamp=0,
        )
    if warnings:
        raise Conflict(f"the report can't be printed: {'; '.join(str(one) for one in warnings)}")
    if not isinstance(pdf, bytes):
        raise TypeError(f"Typst gave {type(pdf).__name__}, not one document")
    return pdf


def _content(report: Report) -> dict[str, object]:
    """Return what the template reads: data only, of which nothing is taken for markup."""
    return asdict(report) | {
        "language": report.language.value,
        "summary": asdict(report.summary),
        "sections": [_section(section) for section in report.sections],
    }


def _section(section: Section) -> dict[str, object]:
    return {
        "title": section.title,
        "lead": section.lead,
        "notes": section.notes,
        "figures": [asdict(part) for part in section.parts if isinstance(part, Figure)],
        "tables": [asdict(part) for part in section.parts if isinstance(part, Table)],
    }
