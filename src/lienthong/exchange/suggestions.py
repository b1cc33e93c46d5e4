"""What a local code may mean: analytes ranked by LOINC, name, specimen and unit; what can't be is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lienthong.exchange.actions import unit_fault
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.reads import UnmappedCode, fold_name

Fit = Literal["yes", "partly", "no", "unknown"]

SHARES = {"yes": 1.0, "partly": 0.5, "no": 0.0}
WEIGHTS = {"loinc": 4.0, "name": 3.0, "unit": 2.0, "specimen": 1.0}
# HL7 tables 0070 and 0487 to the registry's words.
SPECIMENS = {
    **dict.fromkeys(("ser", "serum", "huyet thanh", "血清"), "serum"),
    **dict.fromkeys(("plas", "plasma", "ppp", "plb", "huyet tuong", "血浆"), "plasma"),
    **dict.fromkeys(("bld", "wb", "bldv", "blood", "whole blood", "mau", "mau toan phan", "全血", "血"), "blood"),
    **dict.fromkeys(("ur", "uur", "urine", "nuoc tieu", "尿", "尿液"), "urine"),
}
INTERCHANGEABLE = frozenset({"serum", "plasma"})
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An analyte, how each clue fits it, and from 0 to 1 how well all do; `refused` says why it can't be."""

    analyte: AnalyteFacts
    loinc: Fit
    name: Fit
    specimen: Fit
    unit: Fit
    score: float
    refused: str


def suggest(code: UnmappedCode, analytes: Iterable[AnalyteFacts], *, limit: int = 5) -> list[Suggestion]:
    """Return the analytes whose name or LOINC speaks for them, the best first; refused ones come last."""
    judged = (_judge(code, analyte) for analyte in analytes)
    found = [one for one in judged if one.loinc == "yes" or one.name in ("yes", "partly")]
    return sorted(found, key=lambda one: (bool(one.refused), -one.score, one.analyte.key))[:limit]


def _judge(code: UnmappedCode, analyte: AnalyteFacts) -> Suggestion:
    faults = [fault for unit in code.units if (fault := unit_fault(unit, analyte))]
    fits: dict[str, Fit] = {
        "loinc": _fit_of(analyte.loinc in code.loincs) if code.loincs else "unknown",
        "name": name_fit(code, analyte),
        "unit": _fit_of(not faults) if code.units else "unknown",
        "specimen": specimen_fit(code.specimens, analyte.specimen),
    }
    known = {clue: fit for clue, fit in fits.items() if fit != "unknown"}
    weight = sum(WEIGHTS[clue] for clue in known)
    score = sum(WEIGHTS[clue] * SHARES[fit] for clue, fit in known.items()) / weight if weight else 0.0
    return Suggestion(
        analyte=analyte,
        loinc=fits["loinc"],
        name=fits["name"],
        specimen=fits["specimen"],
        unit=fits["unit"],
        score=score,
        refused=faults[0].message if faults else "",
    )


def name_fit(code: UnmappedCode, analyte: AnalyteFacts) -> Fit:
    """Compare the sender's code and name with the key and the names of an analyte, word by word."""
    sent = [_words(code.local_code), _words(code.local_name)]
    known = [_words(one) for one in (analyte.key, analyte.name_vi, analyte.name_zh, analyte.name_en)]
    if any(one and one == other for one in sent for other in known):
        return "yes"
    if any(one & other for one in sent for other in known):
        return "partly"
    long_words = {word for one in known for word in one if len(word) > 3}
    return "partly" if any(word in text for text in ("".join(one) for one in sent) for word in long_words) else "no"


def specimen_fit(sent: Iterable[str], expected: str) -> Fit:
    """Serum and plasma stand for one another in part; what is written otherwise than known words tells nothing."""
    found = {SPECIMENS[fold_name(one)] for one in sent if fold_name(one) in SPECIMENS}
    if not found:
        return "unknown"
    if found == {expected}:
        return "yes"
    return "partly" if found | {expected} <= INTERCHANGEABLE else "no"


def _fit_of(fits: bool) -> Fit:
    return "yes" if fits else "no"


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold_name(text)))
