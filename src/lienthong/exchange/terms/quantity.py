"""What can't be the same quantity, and why: mass and activity, a share and a count, serum and urine, urea and its
nitrogen. Asked of a suggestion, of a proposal, and of every result that is taken in.

A word of one side alone never refuses: both must say what they are, and say different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

from lienthong.exchange.processing.measured import unit_code
from lienthong.exchange.terms.quantity_words import AXES, Axis, kinds_in
from lienthong.exchange.terms.specimens import can_be_same, kinds_of, specimen_kind
from lienthong.findings import Finding
from lienthong.interop import ucum
from lienthong.interop.hl7v2 import Coded
from lienthong.registry.reads import AnalyteFacts

LOINC_SYSTEMS = frozenset({"LN", "LOINC", "LNC", "http://loinc.org", "2.16.840.1.113883.6.1"})


@dataclass(frozen=True, slots=True)
class Clues:
    """What messages tell of a code: itself, its name, and the units, specimens and LOINC codes that came with it."""

    code: str
    name: str
    units: tuple[str, ...] = ()
    specimens: tuple[str, ...] = ()
    loincs: tuple[str, ...] = ()


def clashes(clues: Clues, analyte: AnalyteFacts) -> list[Finding]:
    """Return why a code can't be an analyte; `where` is the field that says so. Nothing where it can."""
    found = [fault for unit in clues.units if (fault := unit_fault(unit, analyte))]
    kinds = kinds_of(clues.specimens)
    if kinds and not any(can_be_same(kind, specimen_kind(analyte.specimen)) for kind in kinds):
        words = _("The specimen is %(sent)s, and the analyte is measured in %(expected)s.")
        said = {"sent": ", ".join(sorted(kinds)), "expected": analyte.specimen}
        found.append(Finding("SPM-4", "specimen-kind", words % said))
    return [*found, *_axes(clues, analyte)]


@lru_cache(maxsize=8192)
def clash_of(code: Coded, unit: str, specimen: str, analyte: AnalyteFacts) -> Finding | None:
    """Return why a result can't be of its analyte by name, LOINC code or specimen; `where` is OBX-3 or SPM-4.

    Its unit is judged where its value is converted. Laboratories send the same few, so most are found again.
    """
    kind = specimen_kind(specimen)
    units = (unit,) if unit else ()
    if kind and not can_be_same(kind, specimen_kind(analyte.specimen)):
        said = f"the specimen is {kind}, but the analyte is measured in {analyte.specimen}"
        return Finding("SPM-4", "specimen-kind", f"{said}; correct the specimen or the mapping, then replay.")
    loincs = tuple(value for system, value in code.codes if system in LOINC_SYSTEMS)
    for axis, sent, expected in _differing(Clues(code.code, code.text or code.alt_text, units, (), loincs), analyte):
        said = f"the sender's name says {sent}, but the analyte is {expected}"
        return Finding("OBX-3", axis.code, f"{said}; correct the mapping, then replay.")
    return None


def unit_fault(unit: str, analyte: AnalyteFacts) -> Finding | None:
    """Return why a reported unit can't become the unit of an analyte."""
    if not analyte.is_quantitative:
        return None
    expected = analyte.unit or "1"
    try:
        code = unit_code(unit, for_analyte=analyte)
        ucum.convert(Decimal(1), code, expected, molar_mass=analyte.molar_mass, valence=analyte.charge)
    except ucum.NotUcum:
        return Finding("OBX-6", "unit-unknown", _("The unit %(unit)s is not known.") % {"unit": unit})
    except ucum.MolarMassUnknown:
        words = _("%(unit)s becomes %(expected)s only with the molar mass, which the analyte does not have.")
        return Finding("OBX-6", "molar-mass", words % {"unit": unit, "expected": expected})
    except ucum.ValenceUnknown:
        words = _("%(unit)s becomes %(expected)s only with the charge of the ion, which the analyte does not have.")
        return Finding("OBX-6", "charge", words % {"unit": unit, "expected": expected})
    except ucum.UnitError:
        words = _("%(unit)s and %(expected)s do not measure the same quantity.")
        return Finding("OBX-6", "unit-kind", words % {"unit": unit, "expected": expected})
    return None


def _axes(clues: Clues, analyte: AnalyteFacts) -> Iterator[Finding]:
    for axis, sent, expected in _differing(clues, analyte):
        words = _("%(sent)s and %(expected)s: %(why)s")
        said = {"sent": _word(axis, sent), "expected": _word(axis, expected), "why": axis.why}
        yield Finding("OBX-3", axis.code, words % said)


def _differing(clues: Clues, analyte: AnalyteFacts) -> Iterator[tuple[Axis, str, str]]:
    sent_text = (clues.code, clues.name)
    known_text = (analyte.key, analyte.name_vi, analyte.name_zh, analyte.name_en, *analyte.synonyms)
    for axis in AXES:
        sent = kinds_in(axis, sent_text, units=clues.units, loincs=clues.loincs)
        expected = kinds_in(axis, known_text, units=(analyte.unit,), loincs=(analyte.loinc,), is_analyte=True)
        if len(sent) == len(expected) == 1 and sent != expected and axis.matters(_codes(clues.units), analyte.unit):
            yield axis, next(iter(sent)), next(iter(expected))


def _codes(units: Iterable[str]) -> tuple[str, ...]:
    return tuple(ucum.normalise_unit(unit) or unit for unit in units)


def _word(axis: Axis, kind: str) -> str:
    return str(axis.words.get(kind, kind))
