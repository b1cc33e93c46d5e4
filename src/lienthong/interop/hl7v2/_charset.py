"""MSH-18: from bytes to text and back, strictly.

A byte that the character set lacks is a finding, never a question mark or U+FFFD.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lienthong.findings import Finding

# HL7 table 0211 and the names that systems send instead, without case, blanks and punctuation, to Python's codecs.
_CODECS = {
    "ascii": "ascii",
    "usascii": "ascii",
    "isoir6": "ascii",
    **{f"8859{part}": f"iso8859-{part}" for part in (*range(1, 10), 15)},
    **{f"iso8859{part}": f"iso8859-{part}" for part in (*range(1, 10), 15)},
    "unicode": "utf-8",
    "unicodeutf8": "utf-8",
    "utf8": "utf-8",
    "unicodeutf16": "utf-16",
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "unicodeutf32": "utf-32",
    "gb180302000": "gb18030",
    "gb18030": "gb18030",
    "gbk": "gbk",
    "gb2312": "gb2312",
    "cp936": "gbk",
    "big5": "big5",
    "ksx1001": "euc-kr",
    "isoir87": "iso2022-jp",
    "windows1258": "cp1258",
    "cp1258": "cp1258",
    "1258": "cp1258",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
}
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MARK = re.compile("[\u0300-\u036f]")
_LINE_END = re.compile(rb"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text in normal form C, and the codec that read it."""

    text: str
    codec: str


def find_codec(name: str) -> str | None:
    """Return Python's codec for a character set as MSH-18 or a person names it; None where there is none."""
    return _CODECS.get(re.sub(r"[^0-9a-z]", "", name.casefold()))


def decode(data: bytes, *, default: str = "utf-8") -> tuple[Decoded | None, tuple[Finding, ...]]:
    """Decode a message by its byte order mark, else by MSH-18, else by `default`, the character set of its source."""
    marked = _by_byte_order(data)
    if marked:
        codec, body = marked
    else:
        declared = declared_charset(data)
        found = find_codec(declared or default)
        if found is None:
            if not declared:
                raise ValueError(f"default must be a known character set, but got {default!r}")
            return None, (_unknown_charset(),)
        codec, body = found, data
    try:
        return Decoded(_composed(body.decode(codec)), codec), ()
    except UnicodeDecodeError as error:
        return None, (_undecodable(body, error.start, codec),)


def encode(text: str, codec: str) -> bytes:
    """Write `text` in `codec`; raise UnicodeEncodeError where the character set lacks a character."""
    if codec != "cp1258":
        return text.encode(codec)
    return "".join(_windows_1258_form(one) for one in text).encode(codec)


def declared_charset(data: bytes) -> str:
    """Return the first repetition of MSH-18 as sent, empty where it is blank; the header is ASCII in all these sets."""
    head = data[:4096].lstrip(b"\r\n \t")
    if not head.startswith(b"MSH") or len(head) < 5:
        return ""
    fields = _LINE_END.split(head, maxsplit=1)[0].split(head[3:4])
    if len(fields) < 18 or not fields[17]:
        return ""
    repetition = fields[1][1:2]
    first = fields[17].split(repetition)[0] if repetition else fields[17]
    return first.decode("latin-1").strip()


def _composed(text: str) -> str:
    """Compose letters and their marks; text without marks stays as sent (form C would replace some ideographs)."""
    return unicodedata.normalize("NFC", text) if _MARK.search(text) else text


def _by_byte_order(data: bytes) -> tuple[str, bytes] | None:
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return codec, data[len(mark) :]
    if data[:4] == b"M\0S\0":
        return "utf-16-le", data
    if data[:4] == b"\0M\0S":
        return "utf-16-be", data
    return None


def _windows_1258_form(one: str) -> str:
    """Windows-1258 has letters with breve, circumflex and horn, and writes most tones as a mark after the letter."""
    try:
        one.encode("cp1258")
    except UnicodeEncodeError:
        marks = unicodedata.normalize("NFD", one)
        tones = "".join(mark for mark in marks if mark in _TONES)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        return letter + tones
    return one


def _unknown_charset() -> Finding:
    return Finding(
        "MSH-18",
        "charset-unknown",
        "MSH-18 names a character set that is not known; allowed are those of HL7 table 0211 (UNICODE UTF-8, 8859/1, "
        "GB 18030-2000, ASCII …) and WINDOWS-1258, GBK and GB2312.",
    )


def _undecodable(data: bytes, offset: int, codec: str) -> Finding:
    return Finding(
        _where(data, offset),
        "charset-mismatch",
        f"Byte {offset} of the message is not {codec}; correct MSH-18 or the default character set of the source.",
    )


def _where(data: bytes, offset: int) -> str:
    """Name segment and field of a byte, as far as the bytes before it tell."""
    lines = _LINE_END.split(data[:offset])
    line, separator = lines[-1], data.lstrip()[3:4]
    name = line[:3].decode("ascii", errors="replace")
    if not separator or not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
        return f"byte {offset}"
    occurrence = sum(earlier[:3] == line[:3] for earlier in lines)
    field = line.count(separator) + (1 if name == "MSH" else 0)
    return f"{name}({occurrence})-{field}" if occurrence > 1 else f"{name}-{field}"
