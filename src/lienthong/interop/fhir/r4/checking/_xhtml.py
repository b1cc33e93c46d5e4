"""The XHTML of a narrative (FHIR R4, Narrative): well-formed, a div with content, nothing active.

txt-1 allows the elements of formatting of HTML 4.0 (chapters 7 to 11 but 4 of 9, and 15), `a` and `img`, and `style`;
forms, scripts, frames, objects and event attributes are refused, as are document types and entities other than XML's.
"""

from __future__ import annotations

import re
from xml.parsers import expat

NAMESPACE = "http://www.w3.org/1999/xhtml"
_ELEMENTS = frozenset(
    re.split(
        " ",
        "div p br span h1 h2 h3 h4 h5 h6 hr pre em strong dfn code samp kbd var cite abbr acronym blockquote "
        "q sub sup ins del ul ol li dl dt dd table caption col colgroup thead tbody tfoot tr th td a img map "
        "area b i tt big small address bdo",
    )
)
_ATTRIBUTES = frozenset(
    re.split(
        " ",
        "abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char "
        "charoff charset cite class colspan compact coords datetime dir frame headers height href hreflang "
        "hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary "
        "tabindex title type usemap valign value vspace width xml:lang",
    )
)
_SCHEMES_REFUSED = ("javascript:", "vbscript:", "data:")
_PICTURES = ("data:image/png", "data:image/jpeg", "data:image/gif")  # whose bytes can't be more than a picture


class _Refused(Exception):
    pass


class _Reader:
    def __init__(self) -> None:
        self.has_content = False
        self.depth = 0
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EndElementHandler = self._end

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        self.depth += 1
        if namespace != NAMESPACE or name not in _ELEMENTS or (self.depth == 1 and name != "div") or self.depth > 100:
            raise _Refused
        for attribute, value in attributes.items():
            bare = attribute.replace("http://www.w3.org/XML/1998/namespace ", "xml:")
            if bare not in _ATTRIBUTES or _is_active("".join(value.split()).lower()):
                raise _Refused
        self.has_content = self.has_content or name == "img"

    def _end(self, _: str) -> None:
        self.depth -= 1

    def _text(self, text: str) -> None:
        self.has_content = self.has_content or not text.isspace()

    def _doctype(self, *_: object) -> None:
        raise _Refused


def _is_active(value: str) -> bool:
    return value.startswith(_SCHEMES_REFUSED) and not value.startswith(_PICTURES)


def fault_of_xhtml(text: str) -> bool:
    """Tell whether the text is something else than a div that a narrative may have (txt-1, txt-2)."""
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode(), True)
    except (expat.ExpatError, _Refused, UnicodeEncodeError):
        return True
    return not reader.has_content
