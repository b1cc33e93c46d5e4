"""The words by which a name says what kind of quantity it is, in Vietnamese (without marks), Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.interop import ucum
from lienthong.results.reads import fold_name


def _always(_sent: tuple[str, ...], _expected: str) -> bool:
    return True


@dataclass(frozen=True)
class Axis:
    """Kinds of which a quantity can be one only: by pattern of the name, by unit, by LOINC code.

    `matters` says by the units (UCUM codes sent, and the analyte's) whether the kinds are apart at all.
    """

    code: str
    patterns: Mapping[str, re.Pattern[str]]
    why: str | Promise
    words: Mapping[str, str | Promise] = field(default_factory=dict)
    units: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    loincs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    matters: Callable[[tuple[str, ...], str], bool] = _always
    narrower: str = ""  # the kind that is meant where a name has the words of two


def _pattern(*words: str) -> re.Pattern[str]:
    """A word of Latin letters stands by itself; a Chinese one anywhere."""
    return re.compile("|".join(rf"(?<![a-z0-9]){word}(?![a-z0-9])" if word[0] < "\u3000" else word for word in words))


def _has_mass(unit: str) -> bool:
    return ucum.is_valid(unit) and "g" in dict(ucum.parse(unit).dimensions)


def _urea_is_apart(sent: tuple[str, ...], expected: str) -> bool:
    """In mmol/L laboratories count molecules under both names; in mg/dL, and where no unit says, they differ."""
    return not sent or any(map(_has_mass, sent)) or _has_mass(expected)


AXES = (
    Axis(
        code="mass-and-activity",
        patterns={
            "mass": _pattern("mass", "khoi luong", "nong do khoi luong", "质量"),
            "activity": _pattern("activity", "hoat do", "hoat tinh", "活性", "活力"),
        },
        words={"mass": _("mass"), "activity": _("activity")},
        units={"mass": re.compile(r"^[munpk]?g/"), "activity": re.compile(r"^[munk]?(?:U|kat)/")},
        why=_("an enzyme's mass and its activity are two quantities; no factor makes one of the other."),
    ),
    Axis(
        code="share-and-count",
        patterns={
            "share": re.compile(r"%|(?<![a-z])(?:ty le|phan tram|percent|percentage|ratio)(?![a-z])|百分[比率数]|比率"),
            "count": re.compile(
                r"#|(?<![a-z])(?:so luong|tuyet doi|absolute|abs|count)(?![a-z])|绝对[值数计]|计数|数目"
            ),
        },
        words={"share": _("a share in %"), "count": _("a count")},
        units={"share": re.compile(r"^%$"), "count": re.compile(r"^10\*\d+/[um]?L$|^(?:\{cells\})?/[um]?L$")},
        why=_("a share of cells becomes a count only with the count of all cells."),
    ),
    Axis(
        code="urea-and-nitrogen",
        patterns={
            "urea nitrogen": re.compile(
                r"(?<![a-z])(?:s?bun|urea[ -]?n|urea nitrogen|ure nito|nito (?:cua )?ure|nito phi protein)(?![a-z])"
                r"|尿素氮"
            ),
            "urea": re.compile(r"(?<![a-z])(?:urea|ure)(?![a-z])(?![ -]?(?:nitrogen|n(?![a-z])|nito))|尿素(?!氮)"),
        },
        words={"urea": _("urea"), "urea nitrogen": _("urea nitrogen")},
        loincs={
            "urea nitrogen": frozenset({"3094-0", "6299-2", "14937-7"}),
            "urea": frozenset({"3091-6", "22664-7", "20977-5"}),
        },
        why=_("in mg/dL urea is 2.14 times its nitrogen; ask for mmol/L, or map to an analyte of that name."),
        matters=_urea_is_apart,
        narrower="urea nitrogen",
    ),
    Axis(
        code="d-dimer-units",
        patterns={"FEU": _pattern("feu"), "DDU": _pattern("ddu", "d-du")},
        units={"FEU": re.compile("FEU", re.IGNORECASE), "DDU": re.compile("DDU", re.IGNORECASE)},
        loincs={"FEU": frozenset({"48067-3", "48065-7"}), "DDU": frozenset({"48066-5", "48058-2"})},
        why=_("fibrinogen equivalents are about twice the mass of D-dimer itself."),
    ),
    Axis(
        code="transferrin-and-capacity",
        patterns={
            "transferrin": re.compile(
                r"(?<![a-z])(?:transferrin|trf|siderophilin)(?![a-z])(?! (?:sat|bao hoa))|转铁蛋白(?!饱和)"
            ),
            "iron-binding capacity": re.compile(
                r"(?<![a-z])(?:t ?i ?b ?c|uibc|(?:total )?iron[ -]binding(?: capacity)?|kha nang gan sat)(?![a-z])"
                r"|铁结合力"
            ),
            "saturation": re.compile(
                r"(?<![a-z])(?:tsat|transferrin sat\w*|bao hoa transferrin)(?![a-z])|转铁蛋白饱和"
            ),
        },
        words={
            "transferrin": _("transferrin"),
            "iron-binding capacity": _("iron-binding capacity"),
            "saturation": _("saturation of transferrin"),
        },
        why=_("the protein, the iron it can bind and the part that is bound are three quantities."),
    ),
    Axis(
        code="coagulation",
        patterns={"INR": _pattern("inr", "国际标准化比[值率]")},
        words={"seconds": _("seconds"), "percent": _("a share in %"), "INR": "INR"},
        units={
            "INR": re.compile(r"^\{INR\}$"),
            "seconds": re.compile(r"^s$"),
        },
        why=_("the ratio of prothrombin times is not a time in seconds, nor an activity in %."),
    ),
    Axis(
        code="titre-and-concentration",
        patterns={"titre": _pattern("titer", "titre", "hieu gia", "滴度", "效价")},
        words={"titre": _("a titre"), "concentration": _("a concentration")},
        units={
            "titre": re.compile(r"^\{tit(?:er|re)\}$"),
            "concentration": re.compile(r"^(?!\{).+/[dcmun]?L$"),
        },
        why=_("a titre counts dilutions; it does not become a concentration."),
    ),
    Axis(
        code="part-of-whole",
        patterns={
            "free": re.compile(r"(?<![a-z])(?:tu do|free|ft3|ft4|fpsa|f-psa)(?![a-z])|游离"),
            "total": re.compile(r"(?<!mau )(?<![a-z])(?:toan phan|total|t-psa|tpsa|tbil|tt3|tt4)(?![a-z])|总"),
            "direct": re.compile(
                r"(?<![a-z])(?:truc tiep|lien hop|direct|conjugated|dbil)(?![a-z])|直接|(?<!铁)结合(?!力|珠)"
            ),
            "indirect": re.compile(r"(?<![a-z])(?:gian tiep|indirect|unconjugated|ibil)(?![a-z])|间接"),
            "ionised": re.compile(r"(?<![a-z])(?:ion hoa|ioni[sz]ed|ica)(?![a-z])|离子钙"),
        },
        words={
            "free": _("free"),
            "total": _("total"),
            "direct": _("direct"),
            "indirect": _("indirect"),
            "ionised": _("ionised"),
        },
        why=_("a part and the whole are two quantities."),
    ),
)


def kinds_in(
    axis: Axis, texts: Iterable[str], *, units: Iterable[str], loincs: Iterable[str], is_analyte: bool = False
) -> frozenset[str]:
    """Return which kinds of an axis names, units and LOINC codes speak of.

    Of a sender's code the name comes first: its unit is compared by itself. Of an analyte the unit is the surest.
    """
    by_name = _by_pattern(tuple(sorted(axis.patterns.items())), " ".join(map(_folded, texts)))
    by_unit = frozenset(
        kind
        for kind, pattern in axis.units.items()
        for unit in units
        if pattern.search(ucum.normalise_unit(unit) or unit)
    )
    by_loinc = frozenset(kind for kind, codes in axis.loincs.items() if codes & frozenset(loincs))
    first, second = (by_unit, by_name) if is_analyte else (by_name, by_unit)
    found = by_loinc or first or second
    return frozenset({axis.narrower}) if axis.narrower in found else found


@lru_cache(maxsize=8192)
def _by_pattern(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> frozenset[str]:
    return frozenset(kind for kind, pattern in patterns if pattern.search(text))


def _folded(text: str) -> str:
    return fold_name(text.replace("_", " "))
