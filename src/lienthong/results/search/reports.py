"""Reports that came as something else than a FHIR resource, as DiagnosticReports."""

from __future__ import annotations

from lienthong.results.search import codes
from lienthong.results.search.branches import NO, Branch, Part, instant_within
from lienthong.results.search.conditions import Condition, HasCode, Named, RefersTo
from lienthong.results.search.observations import split_id
from lienthong.results.search.visible import of_reports


def numbers_of(texts: list[str]) -> list[int]:
    """Return the keys of rows among ids; other ids name no row."""
    return [int(one) for one in texts if one.isdecimal() and one.isascii() and len(one) < 19]


def _named(condition: Condition) -> Part:
    wanted = numbers_of([*condition.ids]) if isinstance(condition, Named) else []
    return Part("p.id = ANY(%s)", (wanted,))


def _result(condition: Condition) -> Part:
    if not isinstance(condition, RefersTo):
        return NO
    pairs = [split_id(target.partition("/")[2]) for target in condition.targets]
    return Part("p.id = ANY(%s)", ([pair[0] for pair in pairs if pair],))


def _specimen(condition: Condition) -> Part:
    if not isinstance(condition, RefersTo):
        return NO
    return Part("p.id = ANY(%s)", (numbers_of([target.partition("/")[2] for target in condition.targets]),))


def performer(condition: Condition) -> Part:
    if not isinstance(condition, RefersTo):
        return NO
    wanted = [target.partition("/")[2] for target in condition.targets if target.startswith("Organization/")]
    return Part("p.facility_id IN (SELECT id FROM registry_facility WHERE code = ANY(%s))", (wanted,))


def _coded(condition: Condition, **constant: str) -> Part:
    return codes.constant(condition, **constant) if isinstance(condition, HasCode) else NO


OWN = Branch(
    tables="results_report p",
    holds="p.resource_id IS NULL",
    id="p.id::text",
    record="p.patient_record_id",
    visible=lambda reach: of_reports(reach, "p.id"),
    changed="p.inbox_id",
    date="coalesce((extract(epoch FROM p.collected_at) * 1000000)::bigint, 0)",
    asks={
        "_id": _named,
        "_profile": lambda one: _coded(one, system="", code=codes.REPORT_PROFILE),
        "category": lambda one: _coded(one, system=codes.SECTION, code="LAB"),
        "code": lambda one: _coded(one, system=codes.LOINC, code="11502-2"),
        "date": lambda one: instant_within("p.collected_at", one),
        "issued": lambda one: instant_within("p.released_at", one),
        "identifier": lambda one: (
            codes.identifier(one, "p.number", system_of="'urn:lienthong:reports:' || p.source")
            if isinstance(one, HasCode)
            else NO
        ),
        "performer": performer,
        "result": _result,
        "specimen": _specimen,
        "status": lambda one: (
            codes.state(one, "p.status", system=codes.REPORT_STATUS, states=codes.REPORT_STATES)
            if isinstance(one, HasCode)
            else NO
        ),
    },
)
