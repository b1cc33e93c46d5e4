"""Results that came as something else than a FHIR resource, as Observations: the current version of each."""

from __future__ import annotations

import json

from lienthong.results.search import codes, texts
from lienthong.results.search.branches import NO, YES, Branch, Part, all_of, any_of, instant_within
from lienthong.results.search.conditions import Amount, Condition, HasAmount, HasCode, IsMissing, Named, RefersTo
from lienthong.results.search.visible import of_reports

UCUM = "http://unitsofmeasure.org"
# An id of a result through its versions: its report, and as much of its key as tells apart the results of a report.
LENGTH_OF_KEY = 24
ID = f"o.report_id || '-' || left(o.key, {LENGTH_OF_KEY})"
MARK = "urn:lienthong:mark"
_LOW = "(CASE WHEN o.comparator IN ('<', '<=') THEN '-Infinity' ELSE o.value END)"
_HIGH = "(CASE WHEN o.comparator IN ('>', '>=') THEN 'Infinity' ELSE o.value END)"
OF_IMAGING = "o.analyte_id IN (SELECT id FROM registry_analyte WHERE scale = 'narrative')"
LOCAL_SYSTEM = "'urn:lienthong:codes:' || p.source"


def _named(condition: Condition) -> Part:
    pairs = [parts for one in condition.ids if (parts := split_id(one))] if isinstance(condition, Named) else []
    return any_of([Part("(o.report_id = %s AND o.key LIKE %s)", (report, f"{key}%")) for report, key in pairs])


def split_id(text: str) -> tuple[int, str] | None:
    """Return the report and the beginning of the key of which an id is made; None for any other text."""
    report, dash, key = text.partition("-")
    is_made = dash and report.isdecimal() and len(report) < 19 and len(key) == LENGTH_OF_KEY and key.isalnum()
    return (int(report), key) if is_made and key.isascii() else None


def _code(condition: Condition) -> Part:
    if not isinstance(condition, HasCode):
        return NO
    return codes.signed(condition, any_of([_one_code(system, code) for system, code in condition.codes]))


def _one_code(system: str | None, code: str) -> Part:
    loinc = Part("o.analyte_id IN (SELECT id FROM registry_analyte WHERE loinc = %s)", (code,))
    local = Part("o.local_code = %s", (code,))
    if system is None:
        return any_of([loinc, local])
    if system == codes.LOINC:
        return loinc if code else Part("o.analyte_id IN (SELECT id FROM registry_analyte WHERE loinc <> '')")
    of_sender = Part(f"{LOCAL_SYSTEM} = %s", (system,))
    return all_of([local, of_sender]) if code else of_sender


def _code_text(condition: Condition) -> Part:
    """What a result is of is told by its sender, and by the name of the analyte in each language."""
    own = "coalesce(nullif(o.local_name, ''), CASE WHEN o.analyte_id IS NULL THEN o.local_code END)"
    of_analyte = texts.named(condition, "a.name_vi", "a.name_zh", "a.name_en")
    analytes = f"SELECT a.id FROM registry_analyte a WHERE {of_analyte.sql}"  # noqa: S608 — names are constants
    return any_of([Part(f"o.analyte_id IN ({analytes})", of_analyte.parameters), texts.named(condition, own)])


def _amount(condition: Condition) -> Part:
    if not isinstance(condition, HasAmount):
        return NO
    return any_of([_one_amount(one) for one in condition.amounts])


def _one_amount(one: Amount) -> Part:
    """Compare in the analyte's unit, in which every number is kept; an asked unit must be that.

    A value with a comparator reaches as far as that says: <0.1 is anything below (R4, Search, quantity).
    """
    test = {
        "eq": Part(f"({_LOW} >= %s AND {_HIGH} < %s)", (one.low, one.high)),
        "ap": Part(f"({_LOW} <= %s AND {_HIGH} >= %s)", (one.high, one.low)),
        "ne": Part(f"NOT ({_LOW} >= %s AND {_HIGH} < %s)", (one.low, one.high)),
        "gt": Part(f"{_HIGH} > %s", (one.high,)),
        "sa": Part(f"{_LOW} > %s", (one.high,)),
        "ge": Part(f"{_HIGH} >= %s", (one.low,)),
        "lt": Part(f"{_LOW} < %s", (one.low,)),
        "eb": Part(f"{_HIGH} < %s", (one.low,)),
        "le": Part(f"{_LOW} <= %s", (one.high,)),
    }[one.comparison]
    test = all_of([Part("o.value IS NOT NULL"), test])
    if not one.code:
        return test
    if one.system not in (None, UCUM):
        return NO
    return all_of([test, Part("o.analyte_id IN (SELECT id FROM registry_analyte WHERE unit = %s)", (one.code,))])


def marked(condition: Condition) -> Part:
    """Whether a result has a mark, which is its tag (_tag)."""
    if not isinstance(condition, HasCode):
        return NO
    codes_asked = [code for system, code in condition.codes if system in (None, MARK)]
    with_mark = [Part("o.marks @> %s::jsonb", (json.dumps([{"mark": code}]),)) for code in codes_asked if code]
    any_mark = [Part("o.marks <> '[]'")] if "" in codes_asked else []
    return any_of([*with_mark, *any_mark])


def _is_marked(condition: Condition) -> Part:
    return Part("(o.marks = '[]') = %s", (condition.is_missing,)) if isinstance(condition, IsMissing) else NO


def _of_report(condition: Condition) -> Part:
    """The specimen of a result is that of its report."""
    if not isinstance(condition, RefersTo):
        return NO
    wanted = [target.partition("/")[2] for target in condition.targets]
    return Part("o.report_id = ANY(%s)", ([int(one) for one in wanted if one.isdecimal() and len(one) < 19],))


def _performer(condition: Condition) -> Part:
    if not isinstance(condition, RefersTo):
        return NO
    wanted = [target.partition("/")[2] for target in condition.targets if target.startswith("Organization/")]
    return Part("p.facility_id IN (SELECT id FROM registry_facility WHERE code = ANY(%s))", (wanted,))


OWN = Branch(
    tables="results_result o JOIN results_report p ON p.id = o.report_id",
    holds="o.is_current AND o.resource_id IS NULL",
    id=ID,
    record="o.patient_record_id",
    visible=lambda reach: of_reports(reach, "p.id"),
    changed="o.id",
    date="coalesce((extract(epoch FROM o.collected_at) * 1000000)::bigint, 0)",
    has={
        **dict.fromkeys(("_id", "category", "code", "combo-code", "patient", "performer", "status", "subject"), YES),
        **dict.fromkeys(("combo-value-quantity", "value-quantity"), Part("(o.value IS NOT NULL)")),
        "specimen": Part("(o.collected_at IS NOT NULL)"),
    },
    asks={
        "_id": _named,
        "_tag": lambda one: codes.signed(one, marked(one)) if isinstance(one, HasCode) else _is_marked(one),
        "_profile": lambda one: (
            codes.constant(one, system="", code=codes.RESULT_PROFILE) if isinstance(one, HasCode) else NO
        ),
        "category": lambda one: (
            codes.either(one, OF_IMAGING, system=codes.CATEGORY, yes="imaging", no="laboratory")
            if isinstance(one, HasCode)
            else NO
        ),
        "code": _code,
        "code:text": _code_text,
        "combo-code": _code,
        "combo-code:text": _code_text,
        "date": lambda one: instant_within("o.collected_at", one),
        "performer": _performer,
        "specimen": _of_report,
        "status": lambda one: (
            codes.state(one, "o.status", system=codes.OBSERVATION_STATUS, states=codes.STATES)
            if isinstance(one, HasCode)
            else NO
        ),
        "value-quantity": _amount,
        "combo-value-quantity": _amount,
    },
)
