"""A report as one page: style sheet and charts within it, no script, nothing from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from lienthong.cli.eqa.report.content import Figure, Heading, Report, Row, Section, Table
from lienthong.cli.eqa.texts import Language, Words

LANGUAGE_TAGS = {Language.EN: "en", Language.VI: "vi", Language.ZH: "zh-Hans"}
STATES = {
    "satisfactory": ("st-good", "in"),
    "questionable": ("st-warn", "edge"),
    "unsatisfactory": ("st-bad", "out"),
    "not_evaluated": ("", "none"),
}
ROW_STATES = {"questionable": "is-warn", "unsatisfactory": "is-bad"}
SYMBOLS = {
    "in": '<path d="M3 2v12M19 2v12M3 8h16"/><circle class="d" cx="11" cy="8" r="4"/>',
    "edge": '<path d="M3 2v12M15 2v12M3 8h12"/><circle class="d" cx="15" cy="8" r="4"/>',
    "out": '<path d="M2 2v12M11 2v12M2 8h9"/><circle class="d" cx="17.5" cy="8" r="4"/>',
    "none": '<path d="M3 2v12M19 2v12M3 8h3M16 8h3"/>',
}
"""The house's drawings of states, as on its pages."""
MORE_STYLE = """
.plot svg { display: block; width: 100%; height: auto; font-family: var(--face); }
.plot-square { max-width: 34rem; }
.plot figcaption { font-size: var(--t-s); color: var(--quiet); padding-bottom: var(--s2); }
.section > * + * { margin-top: var(--s4); }
.section > h2 + * { margin-top: 0; }
.mast .brand { pointer-events: none; }
.scroll td:not(:last-child), .scroll th { white-space: nowrap; }
.scroll td:last-child:not(.n) { min-width: 15rem; }
.method li { max-width: 68ch; font-size: var(--t-s); }
@media print { .plot { break-inside: avoid; } .scroll { overflow: visible; } .mast { display: none; } }
"""
BRAND = (
    '<svg viewBox="0 0 44 22" aria-hidden="true" focusable="false"><path d="M3 2v18M41 2v18M3 11h38" fill="none" '
    'stroke="currentColor" stroke-width="3"/><circle class="dot" cx="27" cy="11" r="6.5"/></svg>'
)


def page(report: Report, words: Words) -> str:
    """Return the report as HTML; all that comes from the file is escaped."""
    style = (files("lienthong.core") / "static" / "lienthong" / "lienthong.css").read_text(encoding="utf-8")
    return format_html(
        '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{}</title>\n'
        '<style>{}{}</style>\n</head>\n<body>{}{}\n<main><div class="wrap">\n{}{}\n'
        "</div></main>\n{}\n</body>\n</html>\n",
        LANGUAGE_TAGS[report.language],
        f"{report.title} – {report.over}",
        _ours(style),
        _ours(MORE_STYLE),
        _symbols(),
        _masthead(),
        _head(report, words),
        _join(_section(section, words) for section in report.sections) + _method(report),
        format_html('<footer class="foot"><div class="wrap"><p>{}</p></div></footer>', report.foot),
    )


def _ours(markup: str) -> SafeString:
    """Mark what is written in this package or drawn by Vega, which escapes what it is given."""
    return mark_safe(markup)  # noqa: S308


def _join(parts: object) -> SafeString:
    return format_html_join("\n", "{}", ((part,) for part in parts))  # type: ignore[attr-defined]


def _symbols() -> SafeString:
    symbols = _ours(
        "".join(
            f'<symbol id="{name}" viewBox="0 0 22 16"><g class="ic">{drawing}</g></symbol>'
            for name, drawing in SYMBOLS.items()
        )
    )
    return format_html(
        '<svg width="0" height="0" class="vh" aria-hidden="true" focusable="false"><defs>{}</defs></svg>', symbols
    )


def _masthead() -> SafeString:
    return format_html(
        '<header class="mast"><div class="wrap mast-row"><span class="brand">{}Lienthong</span></div></header>'
        '<div class="scale" aria-hidden="true"></div>',
        _ours(BRAND),
    )


def _head(report: Report, words: Words) -> SafeString:
    return format_html(
        '<div class="head"><div><p class="over">{}</p><h1>{}</h1><p class="lead">{}</p></div></div>\n{}\n'
        '<dl class="facts">{}</dl>\n<section class="section"><h2>{}</h2>{}</section>',
        report.over,
        report.title,
        report.lead,
        _join(format_html('<div class="notice"><p>{}</p></div>', notice) for notice in report.notices),
        format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", report.facts),
        report.summary.caption,
        _table(report.summary, words, is_named=True),
    )


def _section(section: Section, words: Words) -> SafeString:
    return format_html(
        '<section class="section"><h2>{}</h2><p>{}</p>{}\n{}</section>',
        section.title,
        section.lead,
        _join(format_html('<p class="quiet t-s">{}</p>', note) for note in section.notes),
        _join(_figure(part) if isinstance(part, Figure) else _table(part, words) for part in section.parts),
    )


def _figure(figure: Figure) -> SafeString:
    square = " plot-square" if figure.is_square else ""
    sizes = ("wide", "narrow") if len(figure.drawings) > 1 else ("",)
    drawings = (
        (size, _ours(drawing.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)))
        for size, drawing in zip(sizes, figure.drawings, strict=True)
    )
    return format_html(
        '<figure class="plot{}"><figcaption>{}</figcaption>{}</figure>',
        square,
        figure.title,
        format_html_join("", '<div class="{}">{}</div>', drawings),
    )


def _table(table: Table, words: Words, *, is_named: bool = False) -> SafeString:
    """Write a table that scrolls sideways where it must; `is_named` where the heading above says what it is."""
    hidden = ' class="vh"' if table.is_behind or is_named else ""
    body = format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="tight"><caption{}>{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        table.caption,
        _ours(hidden),
        table.caption,
        _join(_heading(heading) for heading in table.headings),
        _join(_row(row, table) for row in table.rows),
    )
    if not table.is_behind:
        return body
    count = words.ngettext("%(count)s row", "%(count)s rows", len(table.rows)) % {"count": words.whole(len(table.rows))}
    return format_html("<details><summary>{} ({})</summary>{}</details>", table.caption, count, body)


def _heading(heading: Heading) -> SafeString:
    return format_html('<th scope="col"{}>{}</th>', _ours(' class="n"' if heading.is_number else ""), heading.text)


def _row(row: Row, table: Table) -> SafeString:
    state = "is-here" if row.is_own else ROW_STATES.get(row.verdict, "")
    return format_html(
        '<tr class="{}">{}</tr>', state, _join(_cell(row, table, place) for place in range(len(row.cells)))
    )


def _cell(row: Row, table: Table, place: int) -> SafeString:
    text = row.cells[place]
    if place == table.verdict_at:
        tone, symbol = STATES[row.verdict]
        return format_html(
            '<td><span class="st {}"><svg aria-hidden="true" focusable="false"><use href="#{}"/></svg>{}</span></td>',
            tone,
            symbol,
            text,
        )
    if place == 0:
        return format_html('<th scope="row" class="num">{}</th>', text)
    return format_html("<td{}>{}</td>", _ours(' class="n"' if table.headings[place].is_number else ""), text)


def _method(report: Report) -> SafeString:
    return format_html(
        '\n<section class="section"><h2>{}</h2><ul class="method stack-s">{}</ul></section>',
        report.method_title,
        format_html_join("", "<li>{}</li>", ((line,) for line in report.method)),
    )
