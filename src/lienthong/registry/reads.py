"""What other apps may ask of the registry: plain values and frozen dataclasses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lienthong.core.models import User
from lienthong.core.names import pick_name
from lienthong.registry.access import Access, access_of, administers_region, check_laboratory, check_role
from lienthong.registry.models import (
    Analyte,
    ComparabilityCheck,
    Facility,
    Laboratory,
    Procedure,
    ProcedurePeriod,
    Region,
    RoleBinding,
)
from lienthong.registry.systems import SystemFacts, SystemNames, measuring_systems
from lienthong.registry.tree import region_ids_below, region_path

__all__ = [
    "Access",
    "AnalyteFacts",
    "FacilityFacts",
    "ProcedureFacts",
    "SystemFacts",
    "SystemNames",
    "access_of",
    "administers_region",
    "analytes",
    "check_laboratory",
    "check_role",
    "describe_post",
    "facilities",
    "facilities_in_country_of",
    "facility_by_code",
    "laboratories_of",
    "measuring_systems",
    "procedures",
    "procedures_of_analyte",
    "region_ids",
    "region_ids_below",
    "region_path",
    "systems_resting_on",
]

_NAMES = ("name_vi", "name_zh", "name_en")
_ANALYTE = tuple(field.attname for field in Analyte._meta.concrete_fields)
_OF_PROCEDURE = ("id", "code", "laboratory_id", "analyte_id", "kind", "method", "modality", "in_use_from")
_OF_LABORATORY = (
    *("laboratory__code", "laboratory__facility_id"),
    *(f"{place}__{name}" for place in ("laboratory", "laboratory__facility") for name in _NAMES),
)
_OF_ANALYTE = tuple(f"analyte__{name}" for name in _ANALYTE)


@dataclass(frozen=True, slots=True)
class AnalyteFacts:
    id: int
    key: str
    loinc: str
    name_vi: str
    name_zh: str
    name_en: str
    specimen: str
    group: str
    is_quantitative: bool
    unit: str
    molar_mass: float | None
    decimals: int
    cv_within: float | None
    charge: int | None = None
    synonyms: tuple[str, ...] = ()
    is_narrative: bool = False

    @property
    def name(self) -> str:
        """The name in the active language."""
        return pick_name(vi=self.name_vi, zh=self.name_zh, en=self.name_en)


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    id: int
    code: str
    name: str
    region_id: int
    region_path: tuple[str, ...]
    time_zone: str
    ownership: str
    has_insurance_contract: bool | None
    classes: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """A procedure with what held for it on a day."""

    id: int
    code: str
    laboratory_id: int
    laboratory_name: str
    laboratory_title: str
    laboratory_code: str
    facility_id: int
    analyte: AnalyteFacts
    method: str
    instrument_code: str
    instrument: str
    reagent: str
    reagent_lot: str
    calibrator: str
    unit: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    period_from: dt.date | None
    in_use_from: dt.date
    modality: str = ""
    examiner: str = ""
    is_imaging: bool = False


def analytes() -> dict[int, AnalyteFacts]:
    """Return every analyte by key of its row."""
    return {row.pk: _analyte_facts(row) for row in Analyte.objects.all()}


def facilities(ids: Collection[int] | None = None, *, on: dt.date) -> dict[int, FacilityFacts]:
    """Return facilities by key with class and region as they were on a day; None is all."""
    rows = Facility.objects.select_related("region").prefetch_related("classes")
    if ids is not None:
        rows = rows.filter(id__in=ids)
    paths: dict[int, tuple[str, ...]] = {}
    found = {}
    for row in rows:
        if row.region_id not in paths:
            paths[row.region_id] = region_path(row.region_id, on=on)
        found[row.pk] = _facility_facts(row, paths[row.region_id], on)
    return found


def facility_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of facilities by code; a code that is not known is left out."""
    return {row.code: row.name for row in Facility.objects.filter(code__in=codes)}


def facility_by_code(code: str, *, on: dt.date) -> FacilityFacts | None:
    """Return the facility of a licence code as it was on a day; None where there is none."""
    found = Facility.objects.filter(code=code).values_list("pk", flat=True).first()
    return facilities([found], on=on)[found] if found is not None else None


def facilities_in_country_of(facility: FacilityFacts, *, on: dt.date) -> frozenset[int]:
    """Return the keys of the facilities in a facility's country, itself among them: no record crosses its border."""
    country = region_ids(facility.region_path[:1])
    below = frozenset[int]().union(*(region_ids_below(one, on=on) for one in country.values()))
    return frozenset(Facility.objects.in_regions(set(below)).values_list("pk", flat=True))


def procedures(
    ids: Collection[int] | None = None,
    *,
    codes: Collection[str] | None = None,
    laboratory_ids: Collection[int] | None = None,
    on: dt.date,
) -> dict[int, ProcedureFacts]:
    """Return procedures by key with what held on a day; None is all in use that day."""
    rows = Procedure.objects.filter(id__in=ids) if ids is not None else Procedure.objects.in_use(on)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    if laboratory_ids is not None:
        rows = rows.filter(laboratory_id__in=laboratory_ids)
    found = list(rows.values_list(*_OF_PROCEDURE, *_OF_LABORATORY, *_OF_ANALYTE, named=True))
    periods = {
        period.procedure_id: period
        for period in ProcedurePeriod.objects.held(on).filter(procedure_id__in=[row.id for row in found])
    }
    # Thousands share some laboratories and analytes: each is made once, from the first row that names it.
    analytes = {key: _analyte_of(row) for key, row in {row.analyte_id: row for row in found}.items()}
    laboratories = {key: _laboratory_of(row) for key, row in {row.laboratory_id: row for row in found}.items()}
    return {
        row.id: _procedure_facts(row, periods.get(row.id), analytes[row.analyte_id], laboratories[row.laboratory_id])
        for row in found
    }


def procedures_of_analyte(*, laboratory_id: int, analyte_id: int, on: dt.date) -> list[int]:
    """Return the keys of a laboratory's procedures for an analyte that were in use on a day."""
    rows = Procedure.objects.in_use(on).filter(laboratory_id=laboratory_id, analyte_id=analyte_id)
    return list(rows.order_by("id").values_list("id", flat=True))


def procedures_by_analyte(analyte_ids: Collection[int], *, on: dt.date) -> dict[int, list[int]]:
    """Return for each analyte the keys of the procedures of all laboratories that were in use on a day."""
    found: dict[int, list[int]] = {key: [] for key in analyte_ids}
    rows = Procedure.objects.in_use(on).filter(analyte_id__in=analyte_ids)
    for analyte_id, key in rows.order_by("id").values_list("analyte_id", "id"):
        found[analyte_id].append(key)
    return found


def systems_resting_on(procedure_ids: Collection[int], *, on: dt.date) -> dict[int, list[int]]:
    """Return for each procedure those it may rest its proof on: comparability checks passed and held on a day."""
    rows = ComparabilityCheck.objects.held(on).filter(extended_id__in=procedure_ids, passed=True)
    found: dict[int, list[int]] = {}
    for extended, enrolled in rows.values_list("extended_id", "enrolled_id"):
        found.setdefault(extended, []).append(enrolled)
    return found


def describe_post(user: User, *, on: dt.date) -> str:
    """Return in words who a user is: name, role and place."""
    binding = RoleBinding.objects.of(user.pk, on).select_related("laboratory__facility", "facility", "region").first()
    if binding is None:
        return user.full_name
    place = binding.laboratory or binding.facility or binding.region
    where = binding.laboratory.facility.name if binding.laboratory else place.name if place else ""
    return f"{user.full_name}, {binding.get_role_display()}, {where}"


def region_ids(codes: Collection[str]) -> dict[str, int]:
    """Return the keys of regions by code; a code that is not known is left out."""
    return dict(Region.objects.filter(code__in=codes).values_list("code", "pk"))


def laboratory_of_facility(facility_id: int) -> int | None:
    """Return the key of the facility's laboratory where it has exactly one."""
    ids = list(Laboratory.objects.filter(facility_id=facility_id).values_list("id", flat=True)[:2])
    return ids[0] if len(ids) == 1 else None


def laboratories_of(facility_id: int) -> dict[int, str]:
    """Return the names of a facility's laboratories by key."""
    return {row.pk: row.name for row in Laboratory.objects.filter(facility_id=facility_id).order_by("code")}


def _analyte_facts(row: Analyte) -> AnalyteFacts:
    return AnalyteFacts(
        id=row.pk,
        key=row.key,
        loinc=row.loinc,
        name_vi=row.name_vi,
        name_zh=row.name_zh,
        name_en=row.name_en,
        specimen=row.specimen,
        group=row.group,
        is_quantitative=row.scale == Analyte.Scale.QUANTITATIVE,
        unit=row.unit,
        molar_mass=row.molar_mass,
        decimals=row.decimals,
        cv_within=row.cv_within,
        charge=row.charge,
        synonyms=tuple(one for part in row.synonyms.split(";") if (one := part.strip())),
        is_narrative=row.scale == Analyte.Scale.NARRATIVE,
    )


def _facility_facts(row: Facility, path: tuple[str, ...], on: dt.date) -> FacilityFacts:
    held = [
        grade
        for grade in row.classes.all()
        if grade.superseded_at is None and grade.valid_from <= on and (grade.valid_to is None or grade.valid_to > on)
    ]
    return FacilityFacts(
        id=row.pk,
        code=row.code,
        name=row.name,
        region_id=row.region_id,
        region_path=path,
        time_zone=row.region.time_zone,
        ownership=row.ownership,
        has_insurance_contract=row.has_insurance_contract,
        classes={grade.scheme: grade.grade for grade in held},
    )


def _analyte_of(row: Any) -> AnalyteFacts:
    return _analyte_facts(Analyte(**{name: getattr(row, f"analyte__{name}") for name in _ANALYTE}))


def _laboratory_of(row: Any) -> tuple[str, str]:
    """Return the name of a laboratory, and its title."""
    facility = Facility(**{name: getattr(row, f"laboratory__facility__{name}") for name in _NAMES})
    laboratory = Laboratory(facility=facility, **{name: getattr(row, f"laboratory__{name}") for name in _NAMES})
    return laboratory.name, laboratory.title


def _procedure_facts(
    row: Any, period: ProcedurePeriod | None, analyte: AnalyteFacts, laboratory: tuple[str, str]
) -> ProcedureFacts:
    return ProcedureFacts(
        id=row.id,
        code=row.code,
        laboratory_id=row.laboratory_id,
        laboratory_name=laboratory[0],
        laboratory_title=laboratory[1],
        laboratory_code=row.laboratory__code,
        facility_id=row.laboratory__facility_id,
        analyte=analyte,
        method=row.method,
        instrument_code=period.instrument_code if period else "",
        instrument=period.instrument_model if period else "",
        reagent=period.reagent if period else "",
        reagent_lot=period.reagent_lot if period else "",
        calibrator=period.calibrator if period else "",
        unit=period.unit if period else analyte.unit,
        reference_low=period.reference_low if period else None,
        reference_high=period.reference_high if period else None,
        period_from=period.valid_from if period else None,
        in_use_from=row.in_use_from,
        modality=row.modality,
        examiner=period.examiner if period else "",
        is_imaging=row.kind == Procedure.Kind.IMAGING,
    )
