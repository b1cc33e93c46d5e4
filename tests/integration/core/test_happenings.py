"""The outbox: published with the act, followed once, in order."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from lienthong.core.happenings import follow, publish
from lienthong.core.models import Happening
from lienthong.core.timekey import first_key, instant_of, next_keys

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)


def test_happening_is_followed_once_and_in_order() -> None:
    publish("iqc-changed", [3, 1, 3], at=AT)
    publish("eqa-final", [9], at=AT)
    seen: list[tuple[str, list[str]]] = []
    followers = {
        "iqc-changed": lambda keys, at: seen.append(("iqc", keys)),
        "eqa-final": lambda keys, at: seen.append(("eqa", keys)),
    }

    first = follow(followers, at=AT)
    second = follow(followers, at=AT)

    assert (first, second) == (4, 0)
    assert seen == [("iqc", ["3", "1"]), ("eqa", ["9"])]


def test_happening_of_an_act_that_failed_never_was() -> None:
    def fail() -> None:
        with transaction.atomic():
            publish("eqa-final", [1], at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Happening.objects.exists()


def test_follower_that_fails_leaves_the_happening_waiting() -> None:
    publish("eqa-final", [1], at=AT)

    def fail(keys: list[str], at: dt.datetime) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        follow({"eqa-final": fail}, at=AT)
    assert Happening.objects.filter(followed_at=None).count() == 1


def test_keys_are_distinct_and_in_order_of_time() -> None:
    keys = next_keys(1000)
    later = next_keys(10)
    assert len(set(keys + later)) == 1010
    assert abs(instant_of(keys[0]) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert first_key(instant_of(keys[0]) - dt.timedelta(milliseconds=1)) < keys[0]
