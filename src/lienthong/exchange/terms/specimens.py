"""Kinds of specimen, from the codes of HL7 tables 0070 and 0487 and from words of the three languages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from lienthong.results.reads import fold_name

_KINDS = {
    "serum": ("ser", "serum", "huyet thanh", "血清"),
    "plasma": ("plas", "plasma", "ppp", "plb", "plr", "huyet tuong", "血浆", "枸橼酸血浆"),
    "blood": (
        *("bld", "wb", "bldv", "blda", "bldc", "bldco", "whbld", "blood", "whole blood", "venous blood"),
        *("mau", "mau toan phan", "mau tinh mach", "全血", "血", "血液", "静脉血"),
    ),
    "urine": ("ur", "uur", "ur24h", "urine", "nuoc tieu", "尿", "尿液", "随机尿", "24小时尿"),
    "csf": ("csf", "cerebral spinal fluid", "cerebrospinal fluid", "dich nao tuy", "脑脊液"),
    "stool": ("stl", "stool", "fec", "feces", "phan", "粪便", "大便"),
    "fluid": (
        *("flu", "fld", "plr fluid", "pleural fluid", "prt", "ascites", "snv", "dich mang phoi", "dich mang bung"),
        *("胸水", "腹水", "胸腹水", "关节液"),
    ),
}
_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
# From one tube: an order names the blood that was drawn, a result what was measured in.
_OF_BLOOD = frozenset({"serum", "plasma", "blood"})
KINDS = tuple(_KINDS)


@lru_cache(maxsize=2048)
def specimen_kind(sent: str) -> str:
    """Return the kind of a specimen as sent, "" where its words are not known."""
    return _BY_WORD.get(fold_name(sent), "")


def kinds_of(sent: Iterable[str]) -> frozenset[str]:
    """Return the kinds of specimens as sent that are known."""
    return frozenset(map(specimen_kind, sent)) - {""}


def can_be_same(one: str, other: str) -> bool:
    """Whether two kinds may be of one specimen; what is not known may be anything."""
    return not one or not other or one == other or {one, other} <= _OF_BLOOD
