"""Published levels and scopes: imported, read on a day, as known then and as known now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import translation
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.registry import AnalyteFactory, LaboratoryFactory, RegionFactory, bind

from lienthong.assessment.reads import levels, scopes
from lienthong.core.imports.run import ImportReport
from lienthong.core.models import Happening, User
from lienthong.errors import NotAllowed
from lienthong.policy import LevelEvidence, ScopeEvidence
from lienthong.registry.actions import import_table
from lienthong.registry.models import Analyte, Facility, Laboratory

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
ON = dt.date(2026, 7, 15)
LEVELS = """\
facility;scheme;level;decision;published_on;valid_from;valid_to
F1;vn-2429;2;12/QĐ-SYT;05/01/2026;05/01/2026;
"""
SCOPES = """\
laboratory;analyte;certificate;body;valid_from;valid_to
L1;K;VILAS Med 001;BoA;2025-01-01;2028-01-01
L1;GLU;VILAS Med 001;BoA;2025-01-01;2028-01-01
"""


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def worker() -> User:
    LaboratoryFactory(code="L1", facility__code="F1")
    AnalyteFactory(key="K")
    AnalyteFactory(key="GLU")
    return SystemUserFactory()


def bring(kind: str, text: str, by: User, at: dt.datetime = AT) -> ImportReport:
    return import_table(kind, text.encode(), f"{kind}.csv", by=by, at=at)


def test_level_is_read_from_its_first_day_on(worker: User) -> None:
    bring("levels", LEVELS, worker)
    facility = Facility.objects.get().pk
    first = dt.date(2026, 1, 5)

    assert levels([facility], on=first - dt.timedelta(days=1)) == {}
    assert levels([facility], on=first) == {facility: LevelEvidence("vn-2429", 2, first, first, None)}
    assert levels([], on=first) == {}


def test_level_that_was_corrected_later_is_read_as_known_then_and_as_known_now(worker: User) -> None:
    bring("levels", LEVELS, worker)
    facility = Facility.objects.get().pk

    bring("levels", LEVELS.replace(";2;", ";1;"), worker, at=LATER)

    assert levels([facility], on=ON)[facility].level == 1
    assert levels([facility], on=ON, known_at=LATER - dt.timedelta(seconds=1))[facility].level == 2


def test_next_level_ends_the_one_before(worker: User) -> None:
    bring("levels", LEVELS, worker)
    facility = Facility.objects.get().pk

    bring("levels", LEVELS.replace(";2;", ";3;").replace("05/01/2026", "01/07/2026"), worker, at=LATER)

    assert levels([facility], on=dt.date(2026, 6, 30))[facility].level == 2
    assert levels([facility], on=dt.date(2026, 7, 1))[facility].level == 3


def test_level_of_another_scheme_is_left_out_when_one_is_asked_for(worker: User) -> None:
    bring("levels", LEVELS, worker)
    facility = Facility.objects.get().pk

    assert levels([facility], on=ON, scheme="cn") == {}


def test_scope_lines_are_read_by_laboratory_and_analyte(worker: User) -> None:
    bring("scopes", SCOPES, worker)
    laboratory, potassium = Laboratory.objects.get().pk, Analyte.objects.get(key="K").pk

    found = scopes([laboratory], on=ON)

    assert len(found) == 2
    assert found[laboratory, potassium] == ScopeEvidence("VILAS Med 001", dt.date(2025, 1, 1), dt.date(2028, 1, 1))
    assert scopes([laboratory], on=dt.date(2028, 1, 1)) == {}


def test_of_two_certificates_the_one_that_lasts_longer_is_read(worker: User) -> None:
    bring("scopes", SCOPES, worker)
    more = SCOPES.replace("001", "002").replace("2028-01-01", "2030-01-01")

    bring("scopes", more, worker, at=LATER)

    assert {scope.certificate for scope in scopes([Laboratory.objects.get().pk], on=ON).values()} == {"VILAS Med 002"}


def test_import_publishes_what_changed_and_the_same_file_again_does_not(worker: User) -> None:
    bring("levels", LEVELS, worker)
    bring("scopes", SCOPES, worker)
    bring("scopes", SCOPES, worker, at=LATER)

    assert list(Happening.objects.order_by("id").values_list("kind", "key")) == [
        ("assessment-changed", f"facility:{Facility.objects.get().pk}"),
        ("assessment-changed", f"laboratory:{Laboratory.objects.get().pk}"),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "place", "code"),
    [
        ("levels", LEVELS.replace("F1;", "F9;"), "A2", "unknown-code"),
        ("levels", LEVELS.replace(";2;", ";two;"), "C2", "not-a-number"),
        ("levels", LEVELS.replace(";2;", ";-1;"), "C2", "too-small"),
        ("levels", LEVELS.replace("SYT;05/01", "SYT;05/02"), "F2", "before-publication"),
        ("levels", LEVELS.replace("12/QĐ-SYT", ""), "D2", "empty"),
        ("scopes", SCOPES.replace("L1;GLU", "L1;GLUC"), "B3", "unknown-code"),
        ("scopes", SCOPES.replace("L1;GLU", "L7;GLU"), "A3", "unknown-code"),
        ("scopes", SCOPES.replace("2028-01-01\nL1;GLU", "2024-01-01\nL1;GLU"), "F2", "ends-before-start"),
    ],
)
def test_bad_row_is_found_by_row_and_column_and_nothing_is_written(
    worker: User, kind: str, text: str, place: str, code: str
) -> None:
    report = bring(kind, text, worker)

    assert [(finding.where, finding.code) for finding in report.findings] == [(f"{kind}.csv!{place}", code)]
    assert not report.is_written
    assert not Happening.objects.exists()


def test_import_needs_an_administrator_of_a_region_who_reaches_the_facility(worker: User) -> None:
    technician, own, elsewhere = UserFactory(), UserFactory(), UserFactory()
    bind(technician, "technician", Laboratory.objects.get())
    bind(own, "administrator", Facility.objects.get())
    bind(elsewhere, "administrator", RegionFactory())

    for one in (technician, own):
        with pytest.raises(NotAllowed):
            bring("levels", LEVELS, one)
    report = bring("levels", LEVELS, elsewhere)

    assert [finding.code for finding in report.findings] == ["not-yours"]
