"""How well a sender's code and name agree with the names of an analyte, in three languages, with and without marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

import yaml

from lienthong.registry.reads import AnalyteFacts
from lienthong.results.reads import fold_name

TERMS = Path(__file__).parent / "analytes.yaml"
SAME, LIKELY = 0.95, 0.45
# `*` before a name is the mark that older Chinese laboratory systems print on recognised items.
_MARKS = re.compile(r"^[\s*★☆●▲△◆#]+")
_ASIDE = re.compile(r"\[[^\]]*\]|（[^）]*）|\((?:mau|huyet thanh|huyet tuong|serum|plasma|blood)\)")
_FILLER = re.compile(
    r"\b(?:dinh luong|do hoat do|xet nghiem|do|phan ung|test|serum|plasma|blood|mau|huyet thanh|huyet tuong)\b"
    r"|测定|检测|试验|血清|血浆"
)
_WORD = re.compile(r"[a-z0-9γαβ+%#]+|[\u3400-\u9fff]")


def name_score(code: str, name: str, analyte: AnalyteFacts) -> float:
    """Return from 0 to 1 how well what a sender writes agrees with any name of an analyte; 1 is the same name."""
    return max(
        (_score(sent, known) for sent in (code, name) if sent.strip() for known in names_of(analyte)), default=0.0
    )


def names_of(analyte: AnalyteFacts) -> tuple[str, ...]:
    """Return the names of an analyte: the registry's, the installation's own, and the usual ones of its LOINC code."""
    own = (analyte.key, analyte.name_vi, analyte.name_zh, analyte.name_en, *analyte.synonyms)
    return tuple(name for name in (*own, *usual_names().get(analyte.loinc, ())) if name)


@cache
def usual_names() -> Mapping[str, tuple[str, ...]]:
    """Return the usual names of analytes by LOINC code."""
    terms = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    return {loinc: tuple(map(str, term["names"])) for term in terms.values() for loinc in term["loinc"]}


@lru_cache(maxsize=16384)
def _score(sent: str, known: str) -> float:
    first, second = _cleaned(sent), _cleaned(known)
    if not first or not second:
        return 0.0
    if first == second or _tight(first) == _tight(second):
        return 1.0
    return 0.9 * _overlap(_words(first), _words(second))


def _overlap(sent: frozenset[str], known: frozenset[str]) -> float:
    """Weigh shared words by their length: one letter or a number in common says little."""
    if not sent or not known:
        return 0.0
    shared = _weight(sent & known)
    return 2 * shared / (_weight(sent) + _weight(known))


def _weight(words: Iterable[str]) -> float:
    return sum(1.0 if word[0] > "\u3000" else min(len(word), 6) / 2 for word in words)


@lru_cache(maxsize=16384)
def _cleaned(text: str) -> str:
    folded = _ASIDE.sub(" ", fold_name(_MARKS.sub("", text)))
    return " ".join(_FILLER.sub(" ", folded).split()) or folded.strip()


def _tight(text: str) -> str:
    return "".join(_WORD.findall(text))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
