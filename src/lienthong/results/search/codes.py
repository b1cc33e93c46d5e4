"""Codes by which the house's own rows are found: how FHIR calls their states, and their own code systems."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.results.search.branches import NO, Part, any_of, negated
from lienthong.results.search.conditions import HasCode

LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
OBSERVATION_STATUS = "http://hl7.org/fhir/observation-status"
REPORT_STATUS = "http://hl7.org/fhir/diagnostic-report-status"
REQUEST_STATUS = "http://hl7.org/fhir/request-status"
# The profiles that the rows conform to.
RESULT_PROFILE = "urn:lienthong:fhir:StructureDefinition:laboratory-result"
REPORT_PROFILE = "urn:lienthong:fhir:StructureDefinition:laboratory-report"
# results_result and results_report keep the states of a result and of a report in these words.
STATES: Mapping[str, str] = {
    "preliminary": "preliminary",
    "final": "final",
    "corrected": "corrected",
    "entered-in-error": "withdrawn",
}
REPORT_STATES: Mapping[str, str] = {**STATES, "cancelled": "withdrawn"}
ORDER_STATES: Mapping[str, tuple[str, ...]] = {
    "active": ("requested", "accepted", "reported"),
    "on-hold": ("on-hold",),
    "completed": ("completed",),
    "revoked": ("cancelled", "replaced"),
}


def constant(condition: HasCode, *, system: str, code: str) -> Part:
    """Answer where every row has one and the same code."""
    is_it = any(asked in (None, system) and wanted in ("", code) for asked, wanted in condition.codes)
    return Part(str(is_it != condition.is_negated).upper())


def either(condition: HasCode, test: str, *, system: str, yes: str, no: str) -> Part:
    """Answer where every row has one of two codes: `yes` where an expression over it is true, else `no`."""
    is_it, is_not = Part(f"({test})"), Part(f"NOT ({test})")
    answers = {yes: is_it, no: is_not, "": any_of([is_it, is_not])}
    asked = [answers[code] for named, code in condition.codes if named in (None, system) and code in answers]
    return signed(condition, any_of(asked))


def state(condition: HasCode, column: str, *, system: str, states: Mapping[str, str | tuple[str, ...]]) -> Part:
    """Answer for a status: only its own system has its codes."""
    wanted = [states[code] for asked, code in condition.codes if asked in (None, system) and code in states]
    names = [name for one in wanted for name in ([one] if isinstance(one, str) else one)]
    return signed(condition, Part(f"{column} = ANY(%s)", (names,)) if names else NO)


def identifier(condition: HasCode, column: str, *, system_of: str) -> Part:
    """Answer for one number that stands in `column`, whose system is the text that the expression `system_of` gives."""
    parts = [
        Part(f"{column} = %s", (code,))
        if system is None
        else Part(f"({column} = %s AND {system_of} = %s)", (code, system))
        for system, code in condition.codes
        if code
    ]
    return signed(condition, any_of(parts))


def signed(condition: HasCode, part: Part) -> Part:
    return negated(part) if condition.is_negated else part
