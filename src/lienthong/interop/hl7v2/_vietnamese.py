"""Character sets of Vietnamese that Python lacks: VISCII, TCVN 5712-1, -2 and -3 (TCVN3, the ABC fonts), VNI.

`register` makes them codecs of Python (`viscii`, `tcvn5712-1`, `tcvn5712-2`, `tcvn3`, `vni`), so that whatever names a
codec can name them. All are strict in both directions.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from itertools import chain

from lienthong.interop.hl7v2._vietnamese_tables import TCVN5712_1, VISCII

Encoder = Callable[[str, str], tuple[bytes, int]]
Decoder = Callable[[bytes, str], tuple[str, int]]

_UNDEFINED = "\ufffe"
_ASCII = "".join(map(chr, range(0x80)))
# TCVN 5712-2 keeps the control characters, C0 and C1, that TCVN 5712-1 gives to capitals.
_TCVN5712_2 = _ASCII + _UNDEFINED * 0x20 + TCVN5712_1[0xA0:]
_TONELESS_CAPITALS = "ĂÂÊÔƠƯĐ"
# TCVN 5712-3 leaves out the marks and every capital with a tone: a second font shows small letters as capitals.
_TCVN3 = _ASCII + "".join(
    one if one == "\xa0" or one in _TONELESS_CAPITALS or (one.isalpha() and one.islower()) else _UNDEFINED
    for one in _TCVN5712_2[0x80:]
)
_FONT_LETTERS = "".join(one for one in _TCVN3[0x80:] if one.islower() and one.upper() not in _TONELESS_CAPITALS)
_FIELD = re.compile(r"[^|\r\n]+")
_WORD = re.compile(r"[^\W\d_]+")

# VNI for Windows writes a vowel and then a byte for its mark and tone; its twin for capitals is 0x20 less.
_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {
    **{0xF9: _ACUTE, 0xF8: _GRAVE, 0xFB: _HOOK, 0xF5: _TILDE, 0xEF: _DOT, 0xE2: _CIRCUMFLEX, 0xEA: _BREVE},
    **{0xE1: _CIRCUMFLEX + _ACUTE, 0xE0: _CIRCUMFLEX + _GRAVE, 0xE5: _CIRCUMFLEX + _HOOK},
    **{0xE3: _CIRCUMFLEX + _TILDE, 0xE4: _CIRCUMFLEX + _DOT, 0xE9: _BREVE + _ACUTE, 0xE8: _BREVE + _GRAVE},
    **{0xFA: _BREVE + _HOOK, 0xFC: _BREVE + _TILDE, 0xEB: _BREVE + _DOT},
}
_VNI_LETTERS = {
    **{0xF1: "đ", 0xF4: "ơ", 0xF6: "ư", 0xED: "í", 0xEC: "ì", 0xE6: "ỉ", 0xF3: "ĩ", 0xF2: "ị", 0xEE: "ỵ"},
    **{0xD1: "Đ", 0xD4: "Ơ", 0xD6: "Ư", 0xCD: "Í", 0xCC: "Ì", 0xC6: "Ỉ", 0xD3: "Ĩ", 0xD2: "Ị", 0xCE: "Ỵ"},
}
_VNI_MARK = {**_VNI_MARKS, **{byte - 0x20: marks for byte, marks in _VNI_MARKS.items()}}


def _vni_writing() -> dict[str, bytes]:
    """Return the bytes of each letter that VNI has, a mark's byte in the case of its vowel."""
    single = {chr(byte): bytes([byte]) for byte in range(0x80)} | {
        letter: bytes([byte]) for byte, letter in _VNI_LETTERS.items()
    }
    vowels = [one for one in single if one in "aeouyAEOUYơưƠƯ"]
    marked = (
        (unicodedata.normalize("NFC", vowel + marks), single[vowel] + bytes([byte - 0x20 * vowel.isupper()]))
        for vowel in vowels
        for byte, marks in _VNI_MARKS.items()
    )
    return {letter: data for letter, data in chain(marked, single.items()) if letter in TCVN5712_1 or letter in _ASCII}


_VNI = _vni_writing()
_VNI_READING = {data: letter for letter, data in _VNI.items()}


def register() -> None:
    """Make the character sets known to Python under their names; twice does no harm."""
    for name in _CODECS:
        try:
            codecs.lookup(name)
        except LookupError:
            codecs.register(_find)
            return


def _find(name: str) -> codecs.CodecInfo | None:
    """Answer Python, which asks with underscores for hyphens."""
    found = _CODECS.get(name.replace("_", "-"))
    if found is None:
        return None
    # Python calls them with bytes and with the errors' name, both by position.
    return codecs.CodecInfo(found[0], found[1], name=name.replace("_", "-"))  # type: ignore[arg-type]


def _decode_table(table: str, data: bytes, errors: str = "strict") -> tuple[str, int]:
    return codecs.charmap_decode(data, errors, table)


def _encode_table(name: str, table: str, text: str, errors: str = "strict") -> tuple[bytes, int]:
    writing = {ord(one): byte for byte, one in enumerate(table) if one != _UNDEFINED}
    return codecs.charmap_encode(text, errors, writing)


def _decode_tcvn3(data: bytes, errors: str = "strict") -> tuple[str, int]:
    text, length = codecs.charmap_decode(data, errors, _TCVN3)
    return _FIELD.sub(_capitals_of_the_font, text), length


def _capitals_of_the_font(match: re.Match[str]) -> str:
    """Write as capitals what stands among capitals: only the font told, and the text still shows it.

    In a field without a small letter of its own, one word with two plain capitals tells it for all; beside small
    letters each word speaks for itself. A lone capital and a tone (`Lê`, `HÀ`) leave it open and stay.
    """
    field = match.group()
    if not any(one in field for one in _FONT_LETTERS):
        return field
    words = _WORD.findall(field)
    if any(map(_is_in_capitals, words)) and not any(_has_small(word) for word in words):
        return _WORD.sub(lambda word: word.group().upper(), field)
    return _WORD.sub(lambda word: word.group().upper() if _is_in_capitals(word.group()) else word.group(), field)


def _has_small(word: str) -> bool:
    return any(one.islower() and one not in _FONT_LETTERS for one in word)


def _is_in_capitals(word: str) -> bool:
    return sum(one.isupper() for one in word) >= 2 and not _has_small(word)


def _encode_tcvn3(text: str, errors: str = "strict") -> tuple[bytes, int]:
    """Write capitals with tones as small letters where a reader finds them again, else refuse them."""
    small = "".join(one.lower() if one.lower() in _FONT_LETTERS else one for one in text)
    data, length = _encode_table("tcvn3", _TCVN3, small, errors)
    again = _decode_tcvn3(data)[0] if errors == "strict" else text
    if again != text:
        place = next(number for number, pair in enumerate(zip(again, text, strict=True)) if pair[0] != pair[1])
        raise UnicodeEncodeError("tcvn3", text, place, place + 1, "the case of a letter with a tone would be lost")
    return data, length


def _decode_vni(data: bytes, errors: str = "strict") -> tuple[str, int]:
    """Read letter by letter, two bytes before one; a mark that its vowel can't have is an error."""
    letters, place = [], 0
    while place < len(data):
        pair = data[place : place + 2]
        length = 2 if len(pair) == 2 and pair[1] in _VNI_MARK else 1
        letter = _vni_letter(pair) if length == 2 else _VNI_READING.get(pair[:1], "")
        if not letter:
            wrong = place + length - 1
            error = UnicodeDecodeError("vni", data, wrong, wrong + 1, "no letter of VNI")
            stand_in, place = codecs.lookup_error(errors)(error)
            letters.append(str(stand_in))
            continue
        letters.append(letter)
        place += length
    return "".join(letters), len(data)


def _vni_letter(pair: bytes) -> str:
    """Return the vowel with the mark, whichever case the mark's byte has; empty where there is no such letter."""
    base = _VNI_READING.get(pair[:1], "")
    composed = unicodedata.normalize("NFC", base + _VNI_MARK[pair[1]])
    return composed if base and composed in _VNI else ""


def _encode_vni(text: str, errors: str = "strict") -> tuple[bytes, int]:
    written = []
    for place, one in enumerate(text):
        data = _VNI.get(one)
        if data is None:
            error = UnicodeEncodeError("vni", text, place, place + 1, "no letter of VNI")
            stand_in = codecs.lookup_error(errors)(error)[0]
            data = stand_in if isinstance(stand_in, bytes) else stand_in.encode("ascii")
        written.append(data)
    return b"".join(written), len(text)


def _tabular(name: str, table: str) -> tuple[Encoder, Decoder]:
    return partial(_encode_table, name, table), partial(_decode_table, table)


_CODECS: dict[str, tuple[Encoder, Decoder]] = {
    "viscii": _tabular("viscii", VISCII),
    "tcvn5712-1": _tabular("tcvn5712-1", TCVN5712_1),
    "tcvn5712-2": _tabular("tcvn5712-2", _TCVN5712_2),
    "tcvn3": (_encode_tcvn3, _decode_tcvn3),
    "vni": (_encode_vni, _decode_vni),
}
