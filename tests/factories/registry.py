"""Regions, facilities, laboratories, roles and procedures: the smallest valid rows.

`RegionFactory(parent=...)` hangs a region under another; `ProcedureFactory()` has one open period unless `period=None`;
`bind(user, role, place)` gives a user a role in a laboratory, facility or region.
"""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory
from tests.factories.core import UserFactory

from lienthong.core.models import User
from lienthong.registry.models import (
    Analyte,
    ComparabilityCheck,
    Facility,
    FacilityClass,
    Instrument,
    Laboratory,
    Procedure,
    ProcedurePeriod,
    Region,
    RegionParent,
    RoleBinding,
    StaffMember,
)

BEGAN = dt.date(2020, 1, 1)
LEARNED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class RegionParentFactory(DjangoModelFactory[RegionParent]):
    class Meta:
        model = RegionParent

    region = factory.SubFactory("tests.factories.registry.RegionFactory")
    parent = factory.SubFactory("tests.factories.registry.RegionFactory")
    valid_from = BEGAN
    recorded_at = LEARNED


class RegionFactory(DjangoModelFactory[Region]):
    """A region at the top of the tree, or under `parent` since 2020."""

    class Meta:
        model = Region
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"VN-R{n}")
    name_en = factory.LazyAttribute(lambda region: f"Region {region.code}")
    time_zone = "Asia/Ho_Chi_Minh"

    @factory.post_generation
    def parent(self: Region, create: bool, extracted: Region | None, **_: object) -> None:
        if create and extracted is not None:
            RegionParentFactory(region=self, parent=extracted)


class FacilityFactory(DjangoModelFactory[Facility]):
    class Meta:
        model = Facility

    code = factory.Sequence(lambda n: f"F{n:05d}")
    name_en = factory.LazyAttribute(lambda facility: f"Hospital {facility.code}")
    region = factory.SubFactory(RegionFactory)
    ownership = Facility.Ownership.PUBLIC


class FacilityClassFactory(DjangoModelFactory[FacilityClass]):
    class Meta:
        model = FacilityClass

    facility = factory.SubFactory(FacilityFactory)
    scheme = "technical-level"
    grade = "basic"
    valid_from = BEGAN
    recorded_at = LEARNED


class LaboratoryFactory(DjangoModelFactory[Laboratory]):
    class Meta:
        model = Laboratory

    code = factory.Sequence(lambda n: f"L{n:05d}")
    name_en = factory.LazyAttribute(lambda laboratory: f"Laboratory {laboratory.code}")
    facility = factory.SubFactory(FacilityFactory)


class StaffMemberFactory(DjangoModelFactory[StaffMember]):
    class Meta:
        model = StaffMember

    laboratory = factory.SubFactory(LaboratoryFactory)
    number = factory.Sequence(lambda n: f"S{n}")
    full_name = factory.Sequence(lambda n: f"Member {n}")
    qualification = "Bachelor of medical laboratory technology"
    valid_from = BEGAN
    recorded_at = LEARNED


class InstrumentFactory(DjangoModelFactory[Instrument]):
    class Meta:
        model = Instrument

    laboratory = factory.SubFactory(LaboratoryFactory)
    code = factory.Sequence(lambda n: f"I{n}")
    manufacturer = "Helix"
    model = "C6"
    valid_from = BEGAN
    recorded_at = LEARNED


class AnalyteFactory(DjangoModelFactory[Analyte]):
    """A quantity in mmol/L; for a qualitative one give `scale="qualitative", unit=""`."""

    class Meta:
        model = Analyte
        django_get_or_create = ("key",)

    key = factory.Sequence(lambda n: f"AN{n}")
    loinc = "2823-3"
    name_en = factory.LazyAttribute(lambda analyte: f"Analyte {analyte.key}")
    specimen = "serum"
    group = "chemistry"
    scale = Analyte.Scale.QUANTITATIVE
    unit = "mmol/L"


class ProcedurePeriodFactory(DjangoModelFactory[ProcedurePeriod]):
    class Meta:
        model = ProcedurePeriod

    procedure = factory.SubFactory("tests.factories.registry.ProcedureFactory", period=None)
    instrument_code = "I1"
    instrument_model = "C6"
    reagent = "Reagent"
    reagent_lot = "LOT1"
    unit = "mmol/L"
    valid_from = BEGAN
    recorded_at = LEARNED


class ProcedureFactory(DjangoModelFactory[Procedure]):
    """A measuring system in use since 2020 with one open period; `period__reagent_lot=...` changes the period."""

    class Meta:
        model = Procedure
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"P{n:05d}")
    laboratory = factory.SubFactory(LaboratoryFactory)
    analyte = factory.SubFactory(AnalyteFactory)
    method = "ion-selective electrode"
    in_use_from = BEGAN

    period = factory.RelatedFactory(ProcedurePeriodFactory, factory_related_name="procedure")


class ComparabilityCheckFactory(DjangoModelFactory[ComparabilityCheck]):
    """Proof of `enrolled` extends to `extended`, both of one laboratory."""

    class Meta:
        model = ComparabilityCheck

    enrolled = factory.SubFactory(ProcedureFactory)
    extended = factory.SubFactory(
        ProcedureFactory,
        laboratory=factory.SelfAttribute("..enrolled.laboratory"),
        analyte=factory.SelfAttribute("..enrolled.analyte"),
    )
    passed = True
    summary = "20 specimens, mean difference 1.1 %"
    valid_from = BEGAN
    recorded_at = LEARNED


class RoleBindingFactory(DjangoModelFactory[RoleBinding]):
    """A technician of a laboratory; for another place give `laboratory=None, region=...` or `facility=...`."""

    class Meta:
        model = RoleBinding

    user = factory.SubFactory(UserFactory)
    role = RoleBinding.Role.TECHNICIAN
    laboratory = factory.SubFactory(LaboratoryFactory)
    valid_from = BEGAN
    recorded_at = LEARNED


def bind(user: User, role: str, place: Laboratory | Facility | Region) -> RoleBinding:
    """Give a user a role in a place since 2020."""
    places: dict[str, object] = {"laboratory": None, "facility": None, "region": None}
    places[type(place).__name__.lower()] = place
    return RoleBindingFactory(user=user, role=role, **places)
