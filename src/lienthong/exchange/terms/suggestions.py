"""What a local code may mean: analytes ranked by LOINC, name, specimen, unit and observed numbers.

What can't be the same quantity comes last and says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lienthong.exchange.terms.names import LIKELY, SAME, name_score
from lienthong.exchange.terms.quantity import Clues, clashes
from lienthong.exchange.terms.specimens import can_be_same, kinds_of, specimen_kind
from lienthong.exchange.terms.spread_fit import Fit, spread_fit
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts
from lienthong.results import reads as results
from lienthong.results.reads import Spread, UnmappedCode

SHARES = {"yes": 1.0, "partly": 0.5, "no": 0.0}
WEIGHTS = {"loinc": 4.0, "name": 3.0, "unit": 2.0, "numbers": 1.5, "specimen": 1.0}


@dataclass(frozen=True, slots=True)
class Observed:
    """How the numbers lie that wait, by unit, and those stored, by analyte."""

    waiting: Mapping[str, Spread] = field(default_factory=dict)
    stored: Mapping[int, Spread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An analyte, how each clue fits it, and from 0 to 1 how well all do; `refused` says why it can't be."""

    analyte: AnalyteFacts
    loinc: Fit
    name: Fit
    specimen: Fit
    unit: Fit
    numbers: Fit
    score: float
    refused: str
    stored: Spread | None = None


def suggest(
    code: UnmappedCode, analytes: Iterable[AnalyteFacts], *, observed: Observed | None = None, limit: int = 5
) -> list[Suggestion]:
    """Return the analytes whose name or LOINC speaks for them, the best first; refused ones come last."""
    numbers = observed or Observed()
    scored = [(name_score(code.local_code, code.local_name, one), one) for one in analytes]
    likely = [(score, one) for score, one in scored if score >= LIKELY or one.loinc in code.loincs]
    found = [_judge(code, one, score, numbers) for score, one in likely]
    return sorted(found, key=lambda one: (bool(one.refused), -one.score, one.analyte.key))[:limit]


def suggest_for(code: UnmappedCode, *, on: dt.date, limit: int = 5) -> list[Suggestion]:
    """Do the same with the registry's analytes and with the numbers that wait and that are stored."""
    analytes = registry.analytes()
    likely = [one.analyte.id for one in suggest(code, analytes.values(), limit=2 * limit)]
    procedures = registry.procedures_by_analyte(likely, on=on)
    place = {"source": code.source, "local_code": code.local_code, "local_system": code.local_system}
    observed = Observed(results.held_spread(**place), results.stored_spread(procedures))
    return suggest(code, [analytes[one] for one in likely], observed=observed, limit=limit)


def _judge(code: UnmappedCode, analyte: AnalyteFacts, score: float, observed: Observed) -> Suggestion:
    faults = clashes(Clues(code.local_code, code.local_name, code.units, code.specimens, code.loincs), analyte)
    stored = observed.stored.get(analyte.id)
    fits: dict[str, Fit] = {
        "loinc": _fit_of(analyte.loinc in code.loincs) if code.loincs else "unknown",
        "name": "yes" if score >= SAME else "partly" if score >= LIKELY else "no",
        "unit": _fit_of(not any(one.where == "OBX-6" for one in faults)) if code.units else "unknown",
        "specimen": specimen_fit(code.specimens, analyte.specimen),
        "numbers": spread_fit(observed.waiting, stored, analyte),
    }
    known = {clue: SHARES[fit] for clue, fit in fits.items() if fit != "unknown"}
    if fits["name"] == "partly":
        known["name"] = score
    weight = sum(WEIGHTS[clue] for clue in known)
    return Suggestion(
        analyte=analyte,
        loinc=fits["loinc"],
        name=fits["name"],
        specimen=fits["specimen"],
        unit=fits["unit"],
        numbers=fits["numbers"],
        score=sum(WEIGHTS[clue] * share for clue, share in known.items()) / weight,
        refused=faults[0].message if faults else "",
        stored=stored,
    )


def specimen_fit(sent: Iterable[str], expected: str) -> Fit:
    """Serum, plasma and the blood they are of stand for one another in part; words that are not known tell nothing."""
    kinds = kinds_of(sent)
    if not kinds:
        return "unknown"
    if kinds == {expected}:
        return "yes"
    return "partly" if all(can_be_same(kind, specimen_kind(expected)) for kind in kinds) else "no"


def _fit_of(fits: bool) -> Fit:
    return "yes" if fits else "no"
