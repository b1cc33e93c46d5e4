"""MSH-18: from bytes to text and back, strictly.

A byte that the character set lacks is a finding, never a question mark or U+FFFD.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import _vietnamese
from lienthong.normal_forms import normalize

_vietnamese.register()

# HL7 table 0211 and the names that systems send instead, without case, blanks and punctuation, to Python's codecs.
_ISO_8859_PARTS = (*range(1, 12), *range(13, 17))
_NAMES = {
    "ascii": "ascii usascii isoir6",
    **{f"iso8859-{part}": f"8859{part} iso8859{part}" for part in _ISO_8859_PARTS},
    "utf-8": "unicode unicodeutf8 utf8",
    "utf-16": "unicodeutf16 utf16",
    "utf-16-le": "utf16le",
    "utf-16-be": "utf16be",
    "utf-32": "unicodeutf32 utf32",
    "gb18030": "gb180302000 gb180302005 gb180302022 gb18030",
    "gbk": "gbk cp936 936 windows936",
    "gb2312": "gb2312 gb231280 euccn",
    "big5": "big5",
    "euc-kr": "ksx1001 euckr",
    "iso2022-jp": "isoir87 iso2022jp",
    "cp1258": "windows1258 cp1258 1258",
    "cp1252": "windows1252 cp1252",
    "viscii": "viscii csviscii viscii11",
    "tcvn5712-1": "tcvn tcvn5712 tcvn57121 tcvn571211993 vn1 vscii vscii1",
    "tcvn5712-2": "tcvn57122 vn2 vscii2 isoir180",
    "tcvn3": "tcvn3 tcvn3abc abc tcvn57123 vn3 vscii3",
    "vni": "vni vniwin vniwindows xvietvni",
}
_CODECS = {name: codec for codec, names in _NAMES.items() for name in names.split()}
# Repetitions of MSH-18 beside ASCII, each a set that ISO 2022 escapes switch to (chapter 2, MSH-18 and MSH-20).
_SWITCHED = frozenset({"iso2022-jp", "euc-kr", "gb2312"})
_SWITCHING = "iso2022-jp-2"
_ESCAPE = b"\x1b"
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MARK = re.compile("[\u0300-\u036f]")
_C1 = re.compile(rb"[\x80-\x9f]")
_LINE_END = re.compile(rb"[\r\n]+")
_TEXT_LINE_END = re.compile(r"[\r\n]+")


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
    marked = by_byte_order(data)
    if marked:
        codec, body = marked
    else:
        declared = declared_charsets(data)
        first = next(iter(declared), "")
        found = _switching(declared, data) or find_codec(first or default)
        if found is None:
            if not first:
                raise ValueError(f"default must be a known character set, but got {default!r}")
            return None, (_unknown_charset(),)
        codec, body = found, data
    try:
        return Decoded(_composed(_strictly(body, codec)), codec), ()
    except UnicodeDecodeError as error:
        return None, (_undecodable(body, error.start, codec),)


def encode(text: str, codec: str) -> bytes:
    """Write `text` in `codec`; raise UnicodeEncodeError where the character set lacks a character."""
    if codec != "cp1258":
        return text.encode(codec)
    return "".join(_windows_1258_form(one) for one in text).encode(codec)


def declared_charsets(data: bytes) -> tuple[str, ...]:
    """Return the repetitions of MSH-18 as sent, none where it is blank; the header is ASCII in all these sets."""
    head = data[:4096].lstrip(b"\r\n \t")
    if not head.startswith(b"MSH") or len(head) < 5:
        return ()
    fields = _LINE_END.split(head, maxsplit=1)[0].split(head[3:4])
    if len(fields) < 18 or not fields[17]:
        return ()
    repetition = fields[1][1:2]
    sent = fields[17].split(repetition) if repetition else [fields[17]]
    return tuple(one.decode("latin-1").strip() for one in sent)


def _switching(declared: tuple[str, ...], data: bytes) -> str | None:
    """Return the codec of messages that switch by ISO 2022 escapes between ASCII and a repeated set of two bytes."""
    if len(declared) < 2 or _ESCAPE not in data:
        return None
    first, *others = (find_codec(one) if one else "ascii" for one in declared)
    return _SWITCHING if first in ("ascii", *_SWITCHED) and any(one in _SWITCHED for one in others) else None


def _strictly(data: bytes, codec: str) -> str:
    """Decode; ISO 8859 has no letters from 80 to 9F, where Python reads control characters without a word."""
    text = data.decode(codec)
    if codec.startswith("iso8859") and (control := _C1.search(data)):
        raise UnicodeDecodeError(codec, data, control.start(), control.end(), "not in ISO 8859")
    return text


def _composed(text: str) -> str:
    """Compose letters and their marks; text without marks stays as sent (form C would replace some ideographs)."""
    return normalize("NFC", text) if _MARK.search(text) else text


def by_byte_order(data: bytes) -> tuple[str, bytes] | None:
    """Return the codec that the first bytes tell, and the bytes without their mark; None where they tell none."""
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
        "GB 18030-2000, BIG-5, ASCII …) and GBK, GB2312, WINDOWS-1258, TCVN3, TCVN5712-1, VISCII and VNI.",
    )


def _undecodable(data: bytes, offset: int, codec: str) -> Finding:
    return Finding(
        _where(data, offset, codec),
        "charset-mismatch",
        f"Byte {offset} of the message is not {codec}; correct MSH-18 or the default character set of the source.",
    )


def _where(data: bytes, offset: int, codec: str) -> str:
    """Name segment and field of a byte, as far as the text before it tells (a delimiter's byte may end a letter)."""
    before = data[:offset].decode(codec, errors="ignore").lstrip("\ufeff\r\n \t") if offset else ""
    lines = _TEXT_LINE_END.split(before)
    line, separator = lines[-1], before[3:4]
    name = line[:3]
    if not separator or not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
        return f"byte {offset}"
    occurrence = sum(earlier[:3] == name for earlier in lines)
    field = line.count(separator) + (1 if name == "MSH" else 0)
    return f"{name}({occurrence})-{field}" if occurrence > 1 else f"{name}-{field}"
