"""Names as they are compared: with marks, without, by sound; Vietnamese, Chinese and others alike.

Vietnamese writes the tone mark in one of two places (hoà, hòa), and d stands for đ where marks are dropped. A Chinese
name comes in simplified or traditional characters, or by its sound in letters, with the words in either order.
"""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import pypinyin
from rapidfuzz.distance import OSA

from lienthong.normal_forms import normalize

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SIMPLIFIED = ("欧阳", "司马", "诸葛", "尉迟", "公孙", "东方", "独孤", "南宫")
_TRADITIONAL = ("歐陽", "司馬", "諸葛", "尉遲", "公孫", "東方", "獨孤", "南宮")
_COMPOUND = frozenset((*_SIMPLIFIED, *_TRADITIONAL, "上官", "夏侯", "皇甫", "慕容", "令狐", "司徒", "端木"))


class NameLevel(enum.StrEnum):
    """How far two names agree, most first."""

    EXACT = "exact"
    FOLDED = "without-marks"
    REORDERED = "other-order"
    SCRIPT = "other-script"
    SOUND = "same-sound"
    TYPING = "typing"
    PART = "part"
    OTHER_MARKS = "other-marks"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NameForms:
    """A name in the forms that are compared; `words` are folded words, of ideographs their syllables."""

    marked: tuple[str, ...]
    words: tuple[str, ...]
    letters: str
    is_ideographic: bool
    has_marks: bool

    @property
    def ends(self) -> tuple[str, ...]:
        """First and last part: family and given name, whichever order they were written in."""
        if self.is_ideographic:
            cut = 2 if "".join(self.marked[:2]) in _COMPOUND and len(self.marked) > 2 else 1
            return tuple(dict.fromkeys(("".join(self.words[:cut]), "".join(self.words[cut:]) or self.words[0])))
        return tuple(dict.fromkeys((self.words[0], self.words[-1]))) if self.words else ()


def fold_name(name: str) -> str:
    """Return a name without case, marks and doubled blanks: Nguyễn Thị Đào becomes nguyen thi dao."""
    lowered = name.casefold().replace("đ", "d")
    marks_off = "".join(one for one in normalize("NFD", lowered) if not unicodedata.combining(one))
    return " ".join(normalize("NFC", marks_off).split())


@lru_cache(maxsize=65536)
def name_forms(name: str) -> NameForms:
    """Return the forms of a name; no words where it is blank."""
    plain = normalize("NFKC", name).casefold()
    plain = "".join(one if one.isalpha() or unicodedata.combining(one) else " " for one in plain)
    if any(_is_ideograph(one) for one in plain):
        signs = tuple(one for one in plain if not one.isspace())
        words = tuple(pypinyin.lazy_pinyin(one)[0].replace("ü", "v") if _is_ideograph(one) else one for one in signs)
        return NameForms(signs, words, _letters(words), is_ideographic=True, has_marks=True)
    marked = tuple(_tone_last(word) for word in plain.split())
    folded = tuple(fold_name(word) for word in plain.split())
    return NameForms(marked, folded, _letters(folded), is_ideographic=False, has_marks=marked != folded)


@lru_cache(maxsize=65536)
def compare_names(one: str, other: str) -> NameLevel:
    """Return how far two names agree; the same for either order of the two."""
    first, second = name_forms(one), name_forms(other)
    if not first.words or not second.words:
        return NameLevel.UNKNOWN
    if first.marked == second.marked:
        return NameLevel.EXACT
    if first.is_ideographic and second.is_ideographic:
        return _compare_ideographs(first, second)
    return _compare_words(first, second)


def _compare_ideographs(first: NameForms, second: NameForms) -> NameLevel:
    pairs = list(zip(first.marked, second.marked, strict=False))
    if len(first.marked) == len(second.marked):
        if all(_same_but_for_script(*pair) for pair in pairs):
            return NameLevel.SCRIPT
        if sorted(first.marked) == sorted(second.marked):
            return NameLevel.REORDERED
        if first.words == second.words:
            return NameLevel.OTHER_MARKS
        if len(pairs) > 2 and sum(a != b for a, b in pairs) == 1:
            return NameLevel.SOME
    is_some = bool(pairs) and _same_but_for_script(*pairs[0])
    return NameLevel.SOME if is_some else NameLevel.NONE


def _compare_words(first: NameForms, second: NameForms) -> NameLevel:
    if first.is_ideographic != second.is_ideographic:
        return NameLevel.SOUND if first.letters == second.letters else _align(first, second)
    if sorted(first.marked) == sorted(second.marked):
        return NameLevel.REORDERED
    if sorted(first.words) == sorted(second.words):
        if _marks_contradict(first, second):
            return NameLevel.OTHER_MARKS
        return NameLevel.FOLDED if first.words == second.words else NameLevel.REORDERED
    if "".join(first.words) == "".join(second.words):
        return NameLevel.FOLDED
    return _align(first, second)


def _marks_contradict(first: NameForms, second: NameForms) -> bool:
    """Whether both are written with marks and a word has others: Hùng and Hưng are two names."""
    return first.has_marks and second.has_marks and sorted(first.marked) != sorted(second.marked)


def _align(first: NameForms, second: NameForms) -> NameLevel:
    """Set word against word: equal ones, then those one typing error apart, then see what is left."""
    short, long = sorted((list(first.words), list(second.words)), key=len)
    left = list(long)
    rest = []
    for word in short:
        left.remove(word) if word in left else rest.append(word)
    equal, near = len(short) - len(rest), 0
    for word in rest:
        close = next((one for one in left if is_typing_error(word, one)), None)
        if close is not None:
            left.remove(close)
            near += 1
    if equal + near == len(short) and (equal or near > 1 or len(long) == 1):
        return NameLevel.PART if left else NameLevel.TYPING
    return NameLevel.SOME if equal or near else NameLevel.NONE


@lru_cache(maxsize=65536)
def is_typing_error(one: str, other: str) -> bool:
    """Whether a word becomes the other by one slip of the keyboard (two from seven letters on)."""
    allowed = 0 if min(len(one), len(other)) < 3 else 1 if min(len(one), len(other)) < 7 else 2
    return bool(allowed) and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _tone_last(word: str) -> str:
    """Write the tone at the end of the word, so that its place within doesn't matter."""
    parts = normalize("NFD", word)
    tones = "".join(one for one in parts if one in _TONES)
    rest = normalize("NFC", "".join(one for one in parts if one not in _TONES))
    return rest + tones


def _letters(words: tuple[str, ...]) -> str:
    return "".join(sorted("".join(words)))


def _is_ideograph(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff" or "\U00020000" <= sign <= "\U0003ffff"


@lru_cache(maxsize=8192)
def _same_but_for_script(one: str, other: str) -> bool:
    """Whether two characters sound alike and one is only in the simplified set and the other only in the traditional.

    Some simplified characters are in both sets; such a pair counts as another character of the same sound.
    """
    if one == other:
        return True
    scripts = {_script(one), _script(other)}
    return scripts == {"simplified", "traditional"} and pypinyin.lazy_pinyin(one) == pypinyin.lazy_pinyin(other)


def _script(sign: str) -> str:
    simplified, traditional = _is_in(sign, "gb2312"), _is_in(sign, "big5")
    if simplified == traditional:
        return "both"
    return "simplified" if simplified else "traditional"


def _is_in(sign: str, codec: str) -> bool:
    try:
        sign.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
