"""What a report holds, before it becomes a page or a printed document. All of it is text in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field

from lienthong.cli.eqa.texts import Language


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells; `verdict` is the code of the verdict that stands in the cell `verdict_at`."""

    cells: tuple[str, ...]
    verdict: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`is_behind` is the table behind a chart, which a page opens on request."""

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    verdict_at: int | None = None
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart as SVG, drawn for a wide and a narrow screen, or once for paper; `title` says in words what it shows."""

    title: str
    drawings: tuple[str, ...]
    is_square: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lead: str
    notes: tuple[str, ...] = ()
    parts: tuple[Figure | Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    language: Language
    over: str
    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    summary: Table
    sections: tuple[Section, ...]
    method_title: str
    method: tuple[str, ...] = field(default=())
    foot: str = ""
