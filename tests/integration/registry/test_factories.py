"""The factories make valid rows that fit together."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.core import UserFactory
from tests.factories.registry import ComparabilityCheckFactory, ProcedureFactory, RegionFactory, bind

from lienthong.registry.reads import access_of, procedures, region_path

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 11, 1)


def test_procedure_with_its_period_is_read_on_a_day() -> None:
    row = ProcedureFactory(period__reagent_lot="A7", laboratory__facility__region=RegionFactory(code="VN"))

    found = procedures([row.pk], on=ON)[row.pk]

    assert (found.reagent_lot, found.unit, found.period_from) == ("A7", "mmol/L", dt.date(2020, 1, 1))


def test_region_with_parent_has_a_path_from_the_top() -> None:
    province = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))

    assert region_path(province.pk, on=ON) == ("VN", "VN-HD")


def test_bind_to_a_region_reaches_the_laboratories_below() -> None:
    nation = RegionFactory(code="VN")
    row = ProcedureFactory(laboratory__facility__region=RegionFactory(code="VN-HD", parent=nation))
    officer = UserFactory()

    bind(officer, "officer", nation)

    assert access_of(officer, on=ON).laboratories_as("officer") == {row.laboratory_id}


def test_comparability_check_joins_procedures_of_one_laboratory() -> None:
    check = ComparabilityCheckFactory()

    assert check.enrolled.laboratory_id == check.extended.laboratory_id
    assert check.enrolled.analyte_id == check.extended.analyte_id
