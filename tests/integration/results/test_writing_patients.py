"""Many claims at once: order, what a batch knows of itself, numbers held once, cases opened once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.factories.registry import FacilityFactory
from tests.factories.results import NOON, claim
from tests.integration.results.people import BORN, NUMBER, OTHER_NUMBER, links_now, person_of, write

from lienthong.registry.models import Facility
from lienthong.results.models import ClaimedNumber, PatientIdentifier, PatientRecord, Person, PersonLink, ReviewCase
from lienthong.results.people.patients import PatientClaim

pytestmark = pytest.mark.django_db
MOTHER = {"full_name": "Trần Thị Hoa", "birth_date": BORN, "sex": "F", "identifiers": (NUMBER,)}
CHILD = {"full_name": "Lê Văn Tí", "birth_date": dt.date(2019, 3, 4), "sex": "M", "identifiers": (NUMBER,)}
HOUSE = {"phone": "0912 345 678", "address": "12 Trần Phú, Hải Dương"}


@pytest.fixture
def facility() -> Facility:
    made: Facility = FacilityFactory()
    return made


def test_claims_of_a_batch_act_in_their_order(facility: Facility) -> None:
    first, second, again = write(
        claim(facility, identifiers=(NUMBER,)),
        claim(facility, source="HD", local_id="77", identifiers=(NUMBER,)),
        claim(facility, full_name="Nguyễn Thị Đào Mai"),
        at=NOON,
    )

    assert first.record_id == again.record_id != second.record_id
    assert person_of(first.record_id) == person_of(second.record_id)
    assert PatientRecord.objects.get(pk=first.record_id).full_name == "Nguyễn Thị Đào Mai"
    assert Person.objects.count() == 1


def test_batch_does_what_its_claims_do_one_by_one(facility: Facility) -> None:
    claims = [
        claim(facility, local_id="A", **MOTHER),
        claim(facility, source="HD", local_id="B", **CHILD),
        claim(facility, source="HD", local_id="C", full_name="TRAN THI HOA", identifiers=(NUMBER,)),
        claim(facility, local_id="D", identifiers=(OTHER_NUMBER,)),
        claim(facility, local_id="D", identifiers=(OTHER_NUMBER, NUMBER)),
        claim(facility, source="BM", local_id="E", identifiers=(OTHER_NUMBER,)),
        claim(facility, local_id="A", **MOTHER),
    ]

    with transaction.atomic():
        together = _state(claims, [write(*claims, at=NOON)])
        transaction.set_rollback(True)
    apart = _state(claims, [write(one, at=NOON) for one in claims])

    assert together == apart


def _state(claims: list[PatientClaim], written: list[list]) -> object:
    """Say without keys what was written: who is linked with whom, what numbers stand for, which pairs are asked."""
    names = dict(PatientRecord.objects.values_list("id", "local_id"))
    outcomes = [(one.record_id and names[one.record_id], one.findings) for batch in written for one in batch]
    groups: dict[int, set[str]] = {}
    for record, person in links_now().items():
        groups.setdefault(person, set()).add(names[record])
    standings = set(PatientIdentifier.objects.values_list("record__local_id", "value", "standing"))
    cases = {(names[a], names[b], why) for a, b, why in ReviewCase.objects.values_list("record", "other", "reason")}
    assert len(outcomes) == len(claims)
    return outcomes, sorted(map(sorted, groups.values())), standings, {(*sorted(one[:2]), one[2]) for one in cases}


def test_known_patients_cost_one_statement_however_many(facility: Facility) -> None:
    claims = [claim(facility, local_id=f"P{n}", identifiers=(("MR", f"P{n}"),)) for n in range(50)]
    write(*claims, at=NOON)

    with CaptureQueriesContext(connection) as asked:
        outcomes = write(*claims, at=NOON)

    assert all(one.record_id for one in outcomes)
    assert len([one for one in asked.captured_queries if "results_" in one["sql"]]) == 1


def test_held_patient_stays_held_when_the_message_is_sent_again(facility: Facility) -> None:
    write(claim(facility, local_id="A", **MOTHER), at=NOON)
    child = claim(facility, source="HD", local_id="B", **CHILD)

    outcomes = [write(child, at=NOON)[0].record_id for _ in range(3)]

    assert outcomes == [None, None, None]
    assert ReviewCase.objects.count() == 1


def test_mother_who_comes_after_her_child_holds_her_number(facility: Facility) -> None:
    child, mother = write(
        claim(facility, source="HD", local_id="B", **CHILD), claim(facility, local_id="A", **MOTHER), at=NOON
    )

    assert [one.code for one in child.findings] == ["number-doubtful"]
    assert ClaimedNumber.objects.get().person_id == person_of(mother.record_id)
    assert person_of(child.record_id) != person_of(mother.record_id)
    assert ReviewCase.objects.get().reason == "number"


def test_database_refuses_a_second_person_with_a_number(facility: Facility) -> None:
    write(claim(facility, identifiers=(NUMBER,)), at=NOON)

    with pytest.raises(IntegrityError, match="results_claimednumber_one_person"), transaction.atomic():
        ClaimedNumber.objects.create(
            system="NI", key=NUMBER[1], person=Person.objects.create(created_at=NOON), recorded_at=NOON
        )


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(("NI", "001080012345"), "number-doubtful", id="a man's number"),
        pytest.param(("NI", "001181012345"), "number-doubtful", id="of another year"),
        pytest.param(("NI", "12-34"), "number-doubtful", id="no known form"),
        pytest.param(("NI", "11010519491231002X"), "number-doubtful", id="another's in China"),
    ],
)
def test_doubtful_number_is_kept_and_links_nobody(facility: Facility, number: tuple[str, str], code: str) -> None:
    first, second = write(
        claim(facility, identifiers=(number,)),
        claim(facility, source="HD", local_id="7", identifiers=(number,)),
        at=NOON,
    )

    assert [code] == [one.code for one in first.findings]
    assert person_of(first.record_id) != person_of(second.record_id)
    assert list(PatientIdentifier.objects.values_list("standing", flat=True)) == ["doubted", "doubted"]
    assert not ClaimedNumber.objects.exists()


@pytest.mark.parametrize(
    ("changes", "is_linked"),
    [
        pytest.param({}, True, id="all agrees"),
        pytest.param({"full_name": "NGUYEN THI DAO"}, False, id="without marks"),
        pytest.param({"full_name": "Nguyễn Thị Đạo"}, False, id="another mark"),
        pytest.param({"phone": ""}, False, id="no telephone"),
        pytest.param({"address": "5 Lê Lợi, Huế"}, False, id="another address"),
        pytest.param({"birth_date": dt.date(1980, 5, 18)}, False, id="another day"),
        pytest.param({"identifiers": (OTHER_NUMBER,)}, False, id="another number"),
    ],
)
def test_record_without_common_number_is_linked_only_where_all_agrees(
    facility: Facility, changes: dict[str, object], is_linked: bool
) -> None:
    usual: dict[str, object] = {**HOUSE, "identifiers": (NUMBER,)}
    write(claim(facility, **usual), at=NOON)

    second = write(claim(facility, **{**HOUSE, "source": "HD", "local_id": "7", **changes}), at=NOON)[0]

    assert (PersonLink.objects.filter(superseded_at=None).values("person").distinct().count() == 1) is is_linked
    assert second.record_id is not None


def test_likely_pair_is_asked_once_and_never_again_after_it_was_decided(facility: Facility) -> None:
    write(claim(facility), claim(facility, source="HD", local_id="7"), at=NOON)
    ReviewCase.objects.update(state="different")

    write(claim(facility, phone="0912345678"), claim(facility, source="HD", local_id="7", phone="0912345678"), at=NOON)

    assert list(ReviewCase.objects.values_list("state", flat=True)) == ["different"]
