"""From the bytes of a document to UTF-8 that is safe to parse (XML 1.0, section 4.3.3 and appendix F).

A byte order mark comes before the declaration, and the declaration before UTF-8. Systems that write XML through a
string often declare UTF-16 before bytes that are UTF-8; such a declaration is told and not followed.
"""

from __future__ import annotations

import codecs
import re

from lienthong.findings import Finding
from lienthong.normal_forms import normalize

# GB 2312 and GBK are parts of GB 18030, and systems that declare a part write characters of the whole.
CODECS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode", "us-ascii", "ascii"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf16", "utf-16le", "utf-16be"), "utf-16"),
    **dict.fromkeys(("gb18030", "gbk", "gb2312", "gb_2312-80", "cp936", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs"), "big5hkscs"),
    **dict.fromkeys(("windows-1258", "cp1258"), "cp1258"),
    **dict.fromkeys(("iso-8859-1", "latin1", "windows-1252"), "cp1252"),
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PIECE = 1 << 20
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']")
_BEFORE_ROOT = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_DOCTYPE = re.compile(rb"\s*<!DOCTYPE", re.IGNORECASE)


def readable(data: bytes, where: str = "file") -> tuple[bytes | None, tuple[Finding, ...]]:
    """Return a document as UTF-8 without a byte order mark; None where its bytes are not of its character set, or
    where it has a document type declaration.

    The declaration stays as it was written: whoever parses must be told that it is UTF-8.
    """
    codec, data, findings = _codec(data, where)
    if codec is None:
        return None, findings
    decoded = _as_utf_8(data, codec)
    if decoded is None:
        told = f"{where} has bytes that are not of its character set; declare the one in which it is written."
        return None, (*findings, Finding(where, "charset", told))
    if decoded.startswith(codecs.BOM_UTF8):  # what parses would pass over it, and over what is looked for below
        told = f"{where} has a byte order mark within its text; leave it out."
        return None, (*findings, Finding(where, "charset", told))
    if _has_doctype(decoded):
        told = f"{where} has a document type declaration, which is not read; leave <!DOCTYPE …> out."
        return None, (*findings, Finding(where, "doctype", told))
    return decoded, findings


def _codec(data: bytes, where: str) -> tuple[str | None, bytes, tuple[Finding, ...]]:
    """Return the codec of a document, and its bytes without the byte order mark."""
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return marked, data[len(mark) :], ()
    data = data.lstrip(b" \t\r\n")
    if data[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if data[:1] == b"<" else "utf-16-be", data, ()
    found = _DECLARED.match(data[:300])
    if found is None:
        return "utf-8", data, ()
    codec = CODECS.get(found[1].decode("ascii").lower())
    if codec is None:
        told = f"{where} declares a character set that is not read here; write UTF-8 or GB18030."
        return None, data, (Finding(where, "charset", told),)
    if codec == "utf-16":
        told = f"{where} declares UTF-16 and is written otherwise; it was read as UTF-8."
        return "utf-8", data, (Finding(where, "charset-declaration", told),)
    return codec, data, ()


def _as_utf_8(data: bytes, codec: str) -> bytes | None:
    """Return the bytes as UTF-8, letters with their marks composed where the set keeps marks apart."""
    if codec == "utf-8":
        return data if _is_utf_8(data) else None
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return (normalize("NFC", text) if codec == "cp1258" else text).encode("utf-8", "replace")


def _is_utf_8(data: bytes) -> bool:
    """Whether bytes are UTF-8, looked at piece by piece: a month's export need not stand in memory twice."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _has_doctype(data: bytes) -> bool:
    at = 0
    while found := _BEFORE_ROOT.match(data, at):
        at = found.end()
    return _DOCTYPE.match(data, at) is not None
