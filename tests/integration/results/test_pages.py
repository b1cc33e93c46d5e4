"""The pages of review: what they show, to whom, and that every reading is in the access log."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.registry import FacilityFactory, bind
from tests.factories.results import NOON, claim
from tests.integration.results.people import NUMBER, links_now, person_of, write

from lienthong.core.models import AuditEvent, User
from lienthong.registry.models import Facility
from lienthong.results.models import PersonMerge, ReviewCase
from lienthong.results.people.merging import merge_people

pytestmark = pytest.mark.django_db
CHILD = {"full_name": "Lê Văn Tí", "birth_date": dt.date(2019, 3, 4), "sex": "M"}


@pytest.fixture
def facility() -> Facility:
    made: Facility = FacilityFactory(name_en="Anphu Hospital")
    return made


@pytest.fixture
def operator(facility: Facility) -> User:
    user: User = UserFactory()
    bind(user, "operator", facility)
    return user


@pytest.fixture
def case(facility: Facility) -> ReviewCase:
    """A child held beside its mother."""
    write(
        claim(facility, identifiers=(NUMBER,)),
        claim(facility, source="HD", local_id="7", identifiers=(NUMBER,), **CHILD),
        at=NOON,
    )
    return ReviewCase.objects.get()


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def page(user: User, route: str, **arguments: int) -> str:
    return signed_in(user).get(reverse(route, kwargs=arguments)).content.decode()


def test_list_names_no_patient_and_says_what_waits(case: ReviewCase, operator: User) -> None:
    shown = page(operator, "results:cases")

    assert "1 pair of patients to compare" in shown
    assert "Held back" in shown
    assert "Anphu Hospital (SX)" in shown
    assert "Lê Văn Tí" not in shown
    assert not AuditEvent.objects.filter(action="read").exists()


def test_list_without_cases_says_so(operator: User) -> None:
    assert "No pair of patients waits here" in page(operator, "results:cases")


def test_case_shows_both_and_each_reading_is_in_the_access_log(case: ReviewCase, operator: User) -> None:
    shown = page(operator, "results:case", case_id=case.pk)

    assert "Lê Văn Tí" in shown
    assert "Nguyễn Thị Đào" in shown
    assert "They have a number in common." in shown
    assert "Another date." in shown
    assert "relatives share cards and homes" in shown
    read = AuditEvent.objects.filter(action="read", relation="review")
    assert set(read.values_list("patient_record_id", flat=True)) == {case.record_id, case.other_id}


def test_case_of_a_claimed_message_shows_what_it_says(facility: Facility, operator: User) -> None:
    write(claim(facility), claim(facility, full_name="Trần Văn Bình", sex="M"), at=NOON)

    shown = page(operator, "results:case", case_id=ReviewCase.objects.get().pk)

    assert "What the message says" in shown
    assert "Trần Văn Bình" in shown


def test_operator_of_another_facility_finds_nothing(case: ReviewCase) -> None:
    elsewhere = UserFactory()
    bind(elsewhere, "operator", FacilityFactory())

    assert "No pair of patients waits here" in page(elsewhere, "results:cases")
    assert signed_in(elsewhere).get(reverse("results:case", kwargs={"case_id": case.pk})).status_code == 404


def test_decision_without_reason_shows_the_error(case: ReviewCase, operator: User) -> None:
    answer = signed_in(operator).post(reverse("results:case", kwargs={"case_id": case.pk}), {"decision": "same"})

    assert "Say why: others will rely on it." in answer.content.decode()
    assert ReviewCase.objects.get().state == "open"


def test_workbook_holds_what_the_list_shows(case: ReviewCase, operator: User) -> None:
    answer = signed_in(operator).get(reverse("results:cases-file"))

    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1][:4] == (
        case.pk,
        "One national number or insurance card, two people",
        "Anphu Hospital (SX)",
        "Anphu Hospital (HD)",
    )


def test_merge_is_undone_from_the_page_of_the_person(facility: Facility, operator: User) -> None:
    first, second = (
        one.record_id
        for one in write(claim(facility), claim(facility, source="HD", full_name="Lê An", birth_date=None), at=NOON)
    )
    before = links_now()
    merge_people(survivor=person_of(first), absorbed=person_of(second), why="asked", by=operator, at=NOON)
    address = reverse("results:undo", kwargs={"record_id": first, "merge_id": PersonMerge.objects.get().pk})

    assert "2 records lead to this person" in page(operator, "results:person", record_id=first)
    signed_in(operator).post(address, {"why": "two sisters"})

    assert links_now() == before
    assert "1 record leads to this person" in page(operator, "results:person", record_id=first)


def test_list_asks_the_database_as_often_for_many_cases_as_for_one(facility: Facility, operator: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(operator)
    counts = []
    for start in (0, 10):
        people = [
            claim(facility, source=source, local_id=f"{n}", full_name=f"Lê {chr(65 + n)}n")
            for n in range(start, start + 1 + start)
            for source in ("SX", "HD")
        ]
        write(*people, at=NOON)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("results:cases"))
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert ReviewCase.objects.count() >= 10
