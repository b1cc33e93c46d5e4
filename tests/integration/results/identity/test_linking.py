"""Linking on sets whose truth is known: no automatic link is wrong, and how many are found."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from bench.peopled import (
    above,
    asked,
    automatic,
    febrl,
    judged,
    one_to_one,
    opencr,
    recordlinker,
    score,
    true_pairs,
)
from bench.population import Record, generate
from tests.factories.registry import FacilityFactory
from tests.factories.results import NOON, claim
from tests.integration.results.people import links_now, write

from lienthong.results.identity import Outcome, judge, model
from lienthong.results.models import PatientRecord

FOLDER = Path("patient-matching", "febrl")
LINKER_BITS = 10.0
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def people(shared_data: Path) -> list[Record]:
    return generate(600, seed=7)


def test_nobody_of_viet_nam_and_china_is_linked_to_someone_else(people: list[Record]) -> None:
    found = judged(people, by=model())
    truth = true_pairs(people)

    linked, offered = score(found, automatic(found), truth=truth), score(found, asked(found), truth=truth)

    assert linked.wrong == 0
    assert linked.recall > 0.45
    assert offered.recall > 0.95
    assert {people[place].case for one in found for place in one.pair} >= {"twin's card", "mother's card", "namesake"}


def test_nobody_of_febrl_1_is_linked_to_someone_else(shared_data: Path) -> None:
    records = febrl(shared_data / FOLDER / "dataset1.csv")
    found = judged(records, by=model("febrl"))

    linked = score(found, automatic(found), truth=500)
    linker = score(found, above(found, LINKER_BITS), truth=500)

    assert linked.wrong == 0
    assert linker.f1 > 0.99


def test_febrl_4_is_linked_at_least_as_well_as_by_splink(shared_data: Path) -> None:
    first, second = (febrl(shared_data / FOLDER / f"dataset4{part}.csv") for part in "ab")
    found = judged([*first, *second], by=model("febrl"), between=lambda a, b: (a < 5000) != (b < 5000))

    linker = score(found, one_to_one(found, LINKER_BITS), truth=5000)

    assert score(found, automatic(found), truth=5000).wrong == 0
    assert linker.f1 >= 0.9994


@pytest.mark.parametrize("name", ["viet-nam-and-china", "febrl"])
def test_no_incoming_record_of_recordlinker_is_linked_where_none_is_expected(shared_data: Path, name: str) -> None:
    known, sent = recordlinker()
    by_person = {record.person: record for record in known}

    outcomes = [(judge(one.side, by_person[one.person].side, by=model(name)).outcome, wanted) for one, wanted in sent]

    assert [wanted for outcome, wanted in outcomes if outcome is Outcome.SAME and wanted == "no_match"] == []
    offered = [outcome is not Outcome.DIFFERENT for outcome, wanted in outcomes if wanted == "match"]
    assert sum(offered) > 0.9 * len(offered) > 40


def test_no_patients_of_opencr_are_linked_who_differ(shared_data: Path) -> None:
    records = opencr()
    found = judged(records, by=model())

    assert score(found, automatic(found), truth=true_pairs(records)).wrong == 0


@pytest.mark.django_db
def test_no_person_is_given_records_of_two_people_in_the_order_in_which_they_arrive(people: list[Record]) -> None:
    facility = FacilityFactory()
    sent = people[:700]
    for start in range(0, len(sent), 100):
        write(*(_claim(facility, place, sent[place]) for place in range(start, start + 100)), at=NOON)

    names = dict(PatientRecord.objects.values_list("id", "local_id"))
    truths: dict[int, set[int]] = defaultdict(set)
    for record, person in links_now().items():
        truths[person].add(sent[int(names[record])].person)
    assert [found for found in truths.values() if len(found) > 1] == []
    assert len(truths) < len(names)


def _claim(facility: object, place: int, record: Record) -> object:
    side = record.side
    return claim(
        facility,
        source=f"H{place % 5}",
        local_id=str(place),
        full_name=side.full_name,
        birth_date=side.birth_date,
        sex=side.sex,
        identifiers=record.identifiers,
        phone=side.phone,
        address=side.address,
    )
