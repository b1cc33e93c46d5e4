"""Whether a file is a PDF that may be shown to others: whole, with pages, open, and without anything that acts."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from lienthong.findings import Finding

log = logging.getLogger(__name__)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings repeat what stands in a file

MOST_PAGES = 500
MOST_OBJECTS = 200_000
# What acts when a page is opened or clicked (ISO 32000-1, 12.6.4): scripts, programs, files, forms that are sent.
ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie"}
)


def is_pdf(data: bytes) -> bool:
    """Whether bytes begin as a PDF does; its header may stand within the first 1024 bytes (ISO 32000-1, annex H)."""
    return b"%PDF-" in data[:1024]


def pdf_fault(data: bytes) -> Finding | None:
    """Return why a file is not taken; None where it is a PDF that only shows pages."""
    if not is_pdf(data):
        return Finding("document", "not-a-pdf", "The document is not a PDF.")
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            told = "The PDF is encrypted or protected by a password; save it without protection."
            return Finding("document", "pdf-encrypted", told)
        pages = len(reader.pages)
        if not 0 < pages <= MOST_PAGES:
            return Finding("document", "pdf-pages", f"The PDF must have 1 to {MOST_PAGES} pages.")
        return _active(reader)
    except Exception as error:  # for an unknown filter alone pypdf raises four kinds that have nothing in common
        log.warning("a PDF could not be read: %s", type(error).__name__)
        return Finding("document", "pdf-damaged", "The PDF is damaged; save it again from the program that made it.")


def _active(reader: PdfReader) -> Finding | None:
    """Look through all objects that lead from the root for what acts, and for files inside the file."""
    for one in _dictionaries(reader):
        if one.get("/S") in ACTIONS or "/JS" in one:
            told = "The PDF holds a script or an action that starts, sends or opens something; save it without."
            return Finding("document", "pdf-active", told)
        if "/EmbeddedFiles" in one or one.get("/Type") == "/EmbeddedFile" or "/XFA" in one:
            told = "The PDF holds other files or a form program; save it as plain pages."
            return Finding("document", "pdf-embedded", told)
    return None


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    seen: set[tuple[int, int]] = set()
    waiting: list[object] = [reader.trailer]
    count = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            name = (one.idnum, one.generation)
            if name in seen:
                continue
            seen.add(name)
            one = one.get_object()
        count += 1
        if count > MOST_OBJECTS:
            raise ValueError("more objects than a report has")
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, ArrayObject):
            waiting += list(one)
