"""The results of a report as OBX, with what is said beside them as NTE: comments, the compared value, marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from lienthong.exchange.outbound.hl7v2.files import FileTold
from lienthong.exchange.outbound.hl7v2.marks import Mark
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.hl7v2.telling import Telling
from lienthong.exchange.outbound.hl7v2.values import value_of
from lienthong.interop import ucum
from lienthong.interop.hl7v2 import (
    Address,
    Coded,
    Comment,
    EntityIdentifier,
    Observation,
    Organisation,
)
from lienthong.recognition.reads import region_name
from lienthong.registry.reads import AnalyteFacts, ProcedureFacts
from lienthong.results.reads import ReportFacts, ResultFacts
from lienthong.results.search.observations import LENGTH_OF_KEY

STATUS = {"preliminary": "P", "final": "F", "corrected": "C"}  # OBX-11, table 0085
NO_RESULT = "X"
MARKS, NOTES = "99LTM", "99LTN"  # coding systems of NTE-4
COMPARED = "COMPARED"
_COUNTRIES = {"VN": "VNM", "CN": "CHN"}  # XAD-6, ISO 3166


def observations(telling: Telling, settings: Hl7Settings) -> tuple[Observation, ...]:
    """Return the current results in the order in which the laboratory first told them, then what stands beside them."""
    found = _in_order(telling.report)
    sub_ids = _sub_ids(found)
    with translation.override(settings.language):
        results = [
            _observation(one, telling, settings, set_id=str(number), sub_id=sub_ids.get(one.id, ""))
            for number, one in enumerate(found, start=1)
        ]
        behind = enumerate(telling.files, start=len(results) + 1)
        return (*results, *(_file(one, telling, settings, set_id=str(number)) for number, one in behind))


def instance_of(result: ResultFacts) -> str:
    """Return the name that a result keeps through its versions (OBX-21); FHIR has it as id of the Observation."""
    return f"{result.report_id}-{result.key[:LENGTH_OF_KEY]}"


def _observation(one: ResultFacts, telling: Telling, settings: Hl7Settings, *, set_id: str, sub_id: str) -> Observation:
    analyte = telling.analytes.get(one.analyte_id)
    procedure = telling.procedures.get(one.procedure_id or 0)
    kind, values = value_of(one.reported_value)
    laboratory = telling.laboratory
    return Observation(
        code=_code(one, analyte),
        set_id=set_id,
        value_type=kind,
        sub_id=sub_id,
        values=values,
        unit=_unit(one.reported_unit),
        reference_range=one.reference_range,
        interpretations=tuple(Coded(flag) for flag in one.flags.split()),
        status=_status(one, settings),
        observed_at=telling.instant(telling.observed.get(one.id) or one.collected_at),
        method=_method(procedure),
        instruments=_instruments(procedure),
        analysed_at=telling.instant(one.measured_at),
        comments=(*_comments(one), *_compared(one, analyte), *_marks(telling.marks.get(one.id, ()))),
        instance_id=EntityIdentifier(instance_of(one), "LIENTHONG"),
        performing_organisation=Organisation(code=laboratory.code, name=laboratory.name, namespace="LIENTHONG"),
        performing_address=Address(
            province=laboratory.region_path[-1], country=_COUNTRIES.get(laboratory.region_path[0].upper(), "")
        ),
    )


def _file(one: FileTold, telling: Telling, settings: Hl7Settings, *, set_id: str) -> Observation:
    return Observation(
        code=one.code,
        set_id=set_id,
        value_type=one.value_type,
        sub_id=str(one.number),
        values=() if one.is_withdrawn else (one.value,),
        status=_status_of_file(one, telling.report, settings),
        observed_at=telling.instant(one.taken_at),
        instance_id=one.instance_of(telling.report.id),
    )


def _status_of_file(one: FileTold, report: ReportFacts, settings: Hl7Settings) -> str:
    """OBX-11: a file is corrected by another version of itself, and not where a result beside it is."""
    if one.is_withdrawn:
        return settings.withdrawn
    if one.is_changed:
        return STATUS["corrected"]
    return STATUS["preliminary"] if report.status == "preliminary" else STATUS["final"]


def _in_order(report: ReportFacts) -> list[ResultFacts]:
    first: dict[str, int] = {}
    for one in report.versions:
        first[one.key] = min(first.get(one.key, one.id), one.id)
    return sorted(report.results, key=lambda one: first.get(one.key, one.id))


def _sub_ids(found: Sequence[ResultFacts]) -> dict[int, str]:
    """Number the results of one code (OBX-4), so that receivers which know no OBX-21 tell them apart."""
    counts = Counter((one.analyte_id, one.local_code) for one in found)
    seen: Counter[tuple[int, str]] = Counter()
    numbers = {}
    for one in found:
        code = (one.analyte_id, one.local_code)
        seen[code] += 1
        if counts[code] > 1:
            numbers[one.id] = str(seen[code])
    return numbers


def _code(one: ResultFacts, analyte: AnalyteFacts | None) -> Coded:
    """OBX-3: LOINC first, as it is the same from every laboratory; the laboratory's own code beside it."""
    loinc = analyte.loinc if analyte else ""
    if not loinc:
        return Coded(one.local_code, one.local_name, "L")
    name = analyte.name_en if analyte else ""
    if one.local_code in ("", loinc):
        return Coded(loinc, one.local_name or name, "LN")
    return Coded(loinc, name, "LN", one.local_code, one.local_name, "L")


def _unit(reported: str) -> Coded | None:
    """OBX-6: the unit as it was reported comes first; UCUM beside it where that writes it otherwise."""
    if not reported:
        return None
    code = ucum.normalise_unit(reported)
    if code is None or code == reported:
        return Coded(reported, reported, "UCUM" if code else "L")
    return Coded(reported, reported, "L", code, code, "UCUM")


def _status(one: ResultFacts, settings: Hl7Settings) -> str:
    """OBX-11. A withdrawn result that never had a value is one that can't be had (X)."""
    if one.status == "withdrawn":
        return settings.withdrawn if one.reported_value else NO_RESULT
    return STATUS[one.status]


def _method(procedure: ProcedureFacts | None) -> Coded | None:
    return Coded(procedure.code, procedure.method, "L") if procedure else None


def _instruments(procedure: ProcedureFacts | None) -> tuple[EntityIdentifier, ...]:
    name = (procedure.instrument_code or procedure.instrument) if procedure else ""
    return (EntityIdentifier(name),) if name else ()


def _comments(one: ResultFacts) -> list[Comment]:
    return [Comment(line, "L") for line in one.comment.split("\n") if line]


def _compared(one: ResultFacts, analyte: AnalyteFacts | None) -> list[Comment]:
    """Tell the value by which laboratories are compared, where it is another than the reported one."""
    if one.value is None or analyte is None or not analyte.unit or one.status == "withdrawn":
        return []
    if analyte.unit == (ucum.normalise_unit(one.reported_unit) or one.reported_unit):
        return []
    text = f"{one.comparator}{_plain(one.value)} {analyte.unit}"
    return [Comment(text, "O", Coded(COMPARED, _("Value in the unit of comparison"), NOTES))]


def _marks(marks: Sequence[Mark]) -> list[Comment]:
    return [
        Comment(
            _("%(mark)s: this result is recognised in %(regions)s.")
            % {"mark": one.text, "regions": ", ".join(region_name(region) for region in one.scope)},
            "O",
            Coded(one.text, _("Mark of recognition"), MARKS, one.item, "", NOTES),
        )
        for one in marks
    ]


def _plain(number: Decimal) -> str:
    """Write a number of the database, which has ten decimals, without those that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
