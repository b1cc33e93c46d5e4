"""Who may bring in which table: by role, by place, and for what judges a facility or holds for all by region only."""

from __future__ import annotations

import pytest
from tests.factories.core import UserFactory
from tests.factories.registry import RegionFactory, bind
from tests.integration.registry import tables
from tests.integration.registry.test_imports import LATER, bring

from lienthong.core.imports.run import ImportReport
from lienthong.core.imports.spec import importers
from lienthong.core.models import User
from lienthong.core.tabular import template_bytes
from lienthong.errors import NotAllowed
from lienthong.registry.actions import import_table, keep_table, preview_table
from lienthong.registry.models import Facility, Laboratory, Region


@pytest.mark.parametrize("role", ["technician", "manager", "officer", "clinician", "operator"])
def test_import_by_another_role_is_refused(province: dict[str, ImportReport], role: str) -> None:
    user = UserFactory()
    bind(user, role, Region.objects.get(code="VN"))

    with pytest.raises(NotAllowed):
        bring("laboratories", tables.LABORATORIES, user)


@pytest.mark.parametrize(
    ("kind", "line", "place"),
    [
        ("regions", "VN-X;X;X;Asia/Ho_Chi_Minh;VN;2020-01-01;", "E2"),
        ("regions", "VN-HP;Hải Phòng;Hai Phong;Asia/Ho_Chi_Minh;VN-HD;2026-01-01;", "A2"),
        ("facilities", "00125;C;VN-HP;public;;;;", "C2"),
        ("laboratories", "L9;X;00200;", "C2"),
        ("staff", "L20;1;A;B;có;2021-03-01;", "A2"),
    ],
)
def test_administrator_of_one_region_does_not_reach_another(
    province: dict[str, ImportReport], worker: User, kind: str, line: str, place: str
) -> None:
    bring("facilities", tables.header_and("facilities", "00200;P;VN-HP;public;;;;"), worker)
    bring("laboratories", tables.header_and("laboratories", "L20;P;00200;"), worker)
    administrator = UserFactory()
    bind(administrator, "administrator", Region.objects.get(code="VN-HD"))

    report = bring(kind, tables.header_and(kind, line), administrator)

    assert (f"{kind}.csv!{place}", "not-yours") in [(finding.where, finding.code) for finding in report.findings]
    assert not report.is_written


@pytest.mark.parametrize("kind", ["regions", "analytes", "levels", "scopes"])
def test_what_judges_a_facility_or_holds_for_all_is_not_for_its_own_administrator(
    province: dict[str, ImportReport], kind: str
) -> None:
    own, region = UserFactory(), UserFactory()
    bind(own, "administrator", Facility.objects.get(code="00123"))
    bind(region, "administrator", Region.objects.get(code="VN-HD"))
    data = template_bytes(kind, next(one for one in importers() if one.kind == kind).columns)

    for act in (import_table, preview_table):
        with pytest.raises(NotAllowed, match="who administers a region"):
            act(kind, data, f"{kind}.xlsx", by=own, at=LATER)
        act(kind, data, f"{kind}.xlsx", by=region, at=LATER)
    with pytest.raises(NotAllowed):
        keep_table(kind=kind, data=data, name=f"{kind}.xlsx", by=own, at=LATER)


def test_administrator_of_a_region_has_no_say_on_facilities_of_another(province: dict[str, ImportReport]) -> None:
    """Not even on that which one administers itself."""
    both = UserFactory()
    bind(both, "administrator", RegionFactory())
    bind(both, "administrator", Facility.objects.get(code="00123"))
    line = (
        "facility;scheme;level;decision;published_on;valid_from;valid_to\n00123;vn-2429;5;1/QĐ;2026-01-05;2026-01-05;\n"
    )

    report = bring("levels", line, both)

    assert [finding.code for finding in report.findings] == ["not-yours"]


def test_administrator_of_a_region_imports_what_lies_in_it(province: dict[str, ImportReport]) -> None:
    administrator = UserFactory()
    bind(administrator, "administrator", Region.objects.get(code="VN-HD"))
    text = tables.header_and(
        "regions",
        "VN-HD-1;Một;;Asia/Ho_Chi_Minh;VN-HD;2020-01-01;",
        "VN-HD-1-1;Một một;;Asia/Ho_Chi_Minh;VN-HD-1;2020-01-01;",
    )

    report = bring("regions", text, administrator)

    assert report.findings == ()
    assert report.created == 2


def test_administrator_of_a_laboratory_has_no_say_on_its_facility(province: dict[str, ImportReport]) -> None:
    own = UserFactory()
    bind(own, "administrator", Laboratory.objects.get(code="L1"))

    facility = bring("facilities", tables.header_and("facilities", "00123;Tên khác;VN-HD;public;;;;"), own)
    beside = bring("laboratories", tables.header_and("laboratories", "L9;X;00123;"), own)
    staff = bring("staff", tables.header_and("staff", "L1;2;A;B;có;2021-03-01;"), own)

    assert {one.code for one in facility.findings} == {"not-yours"}
    assert [one.code for one in beside.findings] == ["not-yours"]
    assert staff.is_written
