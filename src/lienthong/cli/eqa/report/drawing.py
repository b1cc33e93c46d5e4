"""What all charts share: the house's colours and letters, and the way from a specification to SVG."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import altair as alt

from lienthong.cli.eqa.texts import Language, Words

Spec = dict[str, Any]

FONT = "Noto Sans SC"
PAPER, PLATE, LINE = "#ffffff", "#ecf1ef", "#bfcbc9"
QUIET, INK, ACTION = "#47585e", "#10232a", "#00566a"
NEEDLE, GOOD, WARN, BAD, INFO = "#bd4b00", "#17623a", "#714900", "#a31d18", "#34478a"
TOKENS = {
    PAPER: "paper",
    PLATE: "plate",
    LINE: "line",
    QUIET: "quiet",
    INK: "ink",
    ACTION: "action",
    NEEDLE: "needle",
    WARN: "warn",
    BAD: "bad",
    INFO: "info",
}
"""The style sheet's names of the colours: on a page a chart follows its scheme."""
SIZE = 14
NUMBER_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]}


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of a drawing, in its own units: for a screen, a phone, an A4 page."""

    width: int
    height: int
    is_narrow: bool = False


WIDE, NARROW, PAGE = Frame(1080, 300), Frame(270, 260, is_narrow=True), Frame(760, 250)
WIDE_SQUARE, NARROW_SQUARE, PAGE_SQUARE = Frame(440, 440), Frame(250, 250, is_narrow=True), Frame(400, 400)


def layered(frame: Frame, layers: Sequence[alt.Chart], rows: Mapping[str, Sequence[Mapping[str, object]]]) -> Spec:
    """Put layers above one another in the house's colours and letters; `rows` are the data that they name."""
    text = {"labelColor": INK, "titleColor": INK, "labelFontSize": SIZE, "titleFontSize": SIZE, "titleFontWeight": 400}
    chart = (
        alt.layer(*layers)
        .properties(width=frame.width, height=frame.height)
        .configure(font=FONT, background="transparent", aria=False, padding=2)
        .configure_view(stroke=None)
        .configure_axis(**text, domainColor=INK, tickColor=INK, gridColor=LINE, titlePadding=8)
        .configure_legend(labelColor=INK, labelFontSize=SIZE, symbolStrokeWidth=2)
        .configure_text(fontSize=SIZE, color=INK)
    )
    return chart.to_dict(validate=False) | {"datasets": {name: list(of) for name, of in rows.items()}}


def drawn(draw: Callable[[Frame], Spec], words: Words, *, is_printed: bool, is_square: bool = False) -> tuple[str, ...]:
    """Return a chart as SVG for a wide and a narrow screen, or once for paper."""
    if is_printed:
        return (for_print(svg(draw(PAGE_SQUARE if is_square else PAGE), words)),)
    frames = (WIDE_SQUARE, NARROW_SQUARE) if is_square else (WIDE, NARROW)
    return tuple(for_page(svg(draw(frame), words)) for frame in frames)


def font_folder() -> str:
    """Return the folder of the font that holds Latin, Vietnamese and Chinese letters."""
    return str(files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc")


def svg(spec: Spec, words: Words) -> str:
    """Return a chart as SVG."""
    import vl_convert

    _register_font()
    locale = NUMBER_FORMAT if words.language is Language.VI else None
    drawn: str = vl_convert.vegalite_to_svg(spec, format_locale=locale, allowed_base_urls=[])
    return drawn


@cache
def _register_font() -> None:
    import vl_convert

    vl_convert.register_font_directory(font_folder())


def for_page(drawn: str) -> str:
    """Return a chart's SVG for a page: its own size gone, colours and letters those of the style sheet."""
    for colour, token in TOKENS.items():
        drawn = drawn.replace(f'"{colour}"', f'"var(--{token})"')
    drawn = re.sub(r' font-family="[^"]*"', "", drawn)
    return re.sub(r'^<svg [^>]*?width="[^"]*" height="[^"]*" (viewBox="[^"]*")[^>]*>', r"<svg \1>", drawn, count=1)


def for_print(drawn: str) -> str:
    """Return a chart's SVG for Typst, which draws a variable font's thinnest letters where no axis is named."""
    bold = re.sub(
        r'<text (?=[^>]*font-weight="(?:600|bold)")', "<text style=\"font-variation-settings:'wght' 600\" ", drawn
    )
    return re.sub(r"<text (?!style=)", "<text style=\"font-variation-settings:'wght' 400\" ", bold)
