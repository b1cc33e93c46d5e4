"""What the database itself does not take."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.factories import registry as make

from lienthong.core.dated import end_period
from lienthong.registry.models import Procedure, RoleBinding

pytestmark = pytest.mark.django_db

DAY = dt.date(2021, 1, 1)
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def refused(name: str, factory: type, **values: object) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        factory(**values)


def test_two_parents_at_a_time_are_refused() -> None:
    top = make.RegionFactory()
    region = make.RegionFactory(parent=top)

    refused("registry_regionparent_once_at_a_time", make.RegionParentFactory, region=region, parent=top, valid_from=DAY)


def test_region_in_itself_is_refused() -> None:
    region = make.RegionFactory()

    refused("registry_regionparent_not_self", make.RegionParentFactory, region=region, parent=region)


def test_two_periods_of_a_procedure_at_a_time_are_refused() -> None:
    procedure = make.ProcedureFactory()

    refused("registry_procedureperiod_once_at_a_time", make.ProcedurePeriodFactory, procedure=procedure, valid_from=DAY)


def test_period_after_the_one_before_was_ended_is_taken() -> None:
    procedure = make.ProcedureFactory()
    end_period(procedure.periods.get(), on=DAY, at=AT)

    make.ProcedurePeriodFactory(procedure=procedure, valid_from=DAY)

    assert procedure.periods.count() == 3


@pytest.mark.parametrize(
    ("name", "factory", "values"),
    [
        ("procedureperiod_period", make.ProcedurePeriodFactory, {"valid_to": make.BEGAN}),
        ("procedureperiod_recorded", make.ProcedurePeriodFactory, {"superseded_at": AT - dt.timedelta(days=9999)}),
        ("procedureperiod_interval", make.ProcedurePeriodFactory, {"reference_low": 5, "reference_high": 3}),
        ("procedure_in_use", make.ProcedureFactory, {"in_use_to": make.BEGAN}),
        ("facility_named", make.FacilityFactory, {"name_en": ""}),
        ("laboratory_named", make.LaboratoryFactory, {"name_en": ""}),
        ("analyte_named", make.AnalyteFactory, {"name_en": ""}),
        ("region_named", make.RegionFactory, {"name_en": ""}),
        ("rolebinding_one_place", make.RoleBindingFactory, {"laboratory": None}),
    ],
)
def test_row_that_breaks_a_constraint_is_refused(name: str, factory: type, values: dict[str, object]) -> None:
    refused(f"registry_{name}", factory, **values)


@pytest.mark.parametrize(
    ("name", "factory", "same"),
    [
        ("facilityclass_once", make.FacilityClassFactory, ("facility", "scheme")),
        ("staffmember_once", make.StaffMemberFactory, ("laboratory", "number")),
        ("instrument_once", make.InstrumentFactory, ("laboratory", "code")),
    ],
)
def test_two_current_rows_from_one_day_are_refused(name: str, factory: type, same: tuple[str, ...]) -> None:
    row = factory()

    refused(f"registry_{name}", factory, **{field: getattr(row, field) for field in same})


def test_comparability_of_a_system_with_itself_is_refused() -> None:
    procedure: Procedure = make.ProcedureFactory()

    refused("not_self", make.ComparabilityCheckFactory, enrolled=procedure, extended=procedure)


def test_two_comparability_checks_of_a_pair_at_a_time_are_refused() -> None:
    check = make.ComparabilityCheckFactory()

    refused(
        "registry_comparabilitycheck_once_at_a_time",
        make.ComparabilityCheckFactory,
        enrolled=check.enrolled,
        extended=check.extended,
        valid_from=DAY,
    )


def test_role_in_two_places_is_refused() -> None:
    laboratory = make.LaboratoryFactory()

    refused(
        "registry_rolebinding_one_place", make.RoleBindingFactory, laboratory=laboratory, facility=laboratory.facility
    )
    assert not RoleBinding.objects.exists()
