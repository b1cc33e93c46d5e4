"""What stored records are given when they are brought up: keys, numbers, and how frequent names are."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from tests.factories.registry import FacilityFactory
from tests.factories.results import NOON, claim
from tests.integration.results.people import NUMBER, OTHER_NUMBER, write

from lienthong.core.actions import system_user
from lienthong.results.models import ClaimedNumber, MatchKey, NameWord, PatientIdentifier
from lienthong.results.people.name_counting import count_names

pytestmark = pytest.mark.django_db


def test_records_of_before_are_given_keys_and_their_persons_the_numbers() -> None:
    facility = FacilityFactory()
    write(
        claim(facility, identifiers=(NUMBER,)),
        claim(facility, source="HD", identifiers=(OTHER_NUMBER, ("NI", "001080012345")), full_name="Lê Thị Mai"),
        at=NOON,
    )
    keys = set(MatchKey.objects.values_list("key", "record_id"))
    claimed = set(ClaimedNumber.objects.values_list("key", "person_id"))
    MatchKey.objects.all().delete()
    ClaimedNumber.objects.all().delete()
    PatientIdentifier.objects.update(standing="")

    importlib.import_module("lienthong.results.migrations.0008_keys_and_numbers").fill(apps, None)

    assert set(MatchKey.objects.values_list("key", "record_id")) == keys
    assert set(ClaimedNumber.objects.values_list("key", "person_id")) == claimed
    assert PatientIdentifier.objects.get(value="001080012345").standing == "doubted"


def test_names_are_counted_by_family_and_given_name() -> None:
    facility = FacilityFactory()
    names = ("Nguyễn Thị Đào", "Nguyễn Văn An", "阮桃")
    write(*(claim(facility, local_id=name, full_name=name) for name in names), at=NOON)

    total = count_names(by=system_user("exchange"))

    counted = dict(NameWord.objects.values_list("word", "records"))
    assert total == counted.pop("") == 3
    assert counted == {"nguyen": 2, "dao": 1, "an": 1, "ruan": 1, "tao": 1}
