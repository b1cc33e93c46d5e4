"""Reports that came as something else than a FHIR resource, as DiagnosticReports."""

from __future__ import annotations

from lienthong.results.search import codes, texts
from lienthong.results.search.branches import NO, YES, Branch, Part, any_of, instant_within
from lienthong.results.search.conditions import Condition, HasCode, Named, RefersTo
from lienthong.results.search.observations import split_id
from lienthong.results.search.visible import of_reports

IMAGING_REPORT, LABORATORY_REPORT = "18748-4", "11502-2"  # LOINC
# A report whose results all are examinations.
OF_IMAGING = (
    "coalesce((SELECT bool_and(a.scale = 'narrative')"
    " FROM results_result e JOIN registry_analyte a ON a.id = e.analyte_id"
    " WHERE e.report_id = p.id AND e.patient_record_id = p.patient_record_id AND e.is_current), false)"
)


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


def _coded(condition: Condition, **either: str) -> Part:
    return codes.either(condition, OF_IMAGING, **either) if isinstance(condition, HasCode) else NO


def _profile(condition: Condition) -> Part:
    return codes.constant(condition, system="", code=codes.REPORT_PROFILE) if isinstance(condition, HasCode) else NO


def _media(condition: Condition) -> Part:
    if not isinstance(condition, RefersTo):
        return NO
    wanted = numbers_of([target.partition("/")[2] for target in condition.targets if target.startswith("Media/")])
    return Part("p.id IN (SELECT report_id FROM results_imagingobject WHERE id = ANY(%s))", (wanted,))


def _code_text(condition: Condition) -> Part:
    kind = texts.either_named(condition, OF_IMAGING, yes="Diagnostic imaging study", no="Laboratory report")
    return any_of([texts.named(condition, "p.service"), kind])


OWN = Branch(
    tables="results_report p",
    holds="p.resource_id IS NULL",
    id="p.id::text",
    record="p.patient_record_id",
    visible=lambda reach: of_reports(reach, "p.id"),
    changed="p.inbox_id",
    date="coalesce((extract(epoch FROM p.collected_at) * 1000000)::bigint, 0)",
    has={
        **dict.fromkeys(("_id", "category", "code", "identifier", "patient", "performer", "status", "subject"), YES),
        "result": Part("EXISTS (SELECT 1 FROM results_result o WHERE o.report_id = p.id AND o.is_current)"),
        "specimen": Part("(p.specimen <> '' OR p.collected_at IS NOT NULL)"),
    },
    rows=(("p", "{}"),),
    asks={
        "_id": _named,
        "_profile": _profile,
        "category": lambda one: _coded(one, system=codes.SECTION, yes="RAD", no="LAB"),
        "category:text": lambda one: texts.either_named(one, OF_IMAGING, yes="Radiology", no="Laboratory"),
        "code": lambda one: _coded(one, system=codes.LOINC, yes=IMAGING_REPORT, no=LABORATORY_REPORT),
        "code:text": _code_text,
        "date": lambda one: instant_within("p.collected_at", one),
        "issued": lambda one: instant_within("p.released_at", one),
        "identifier": lambda one: (
            codes.identifier(one, "p.number", system_of="'urn:lienthong:reports:' || p.source")
            if isinstance(one, HasCode)
            else NO
        ),
        "media": _media,
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
