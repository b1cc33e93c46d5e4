"""The live quality of a sender: what is counted of a day, the score, and the pages with their way to the messages."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene

from lienthong.exchange.quality.actions import count_day, count_due_days
from lienthong.exchange.quality.models import SourceDay
from lienthong.exchange.quality.presenters import duration
from lienthong.exchange.quality.score import Counts, quality, quantile, total
from lienthong.results.models import InboxMessage
from lienthong.results.reads import DELAY_ENDS

EMPTY = Counts(0, 0, 0, 0, 0, 0, 0, 0, {}, [])
UNKNOWN = "OBX|2|NM|XYZ^Xyz^L||3.1|ng/mL|||||F"


def counts(**changes: object) -> Counts:
    usual = {
        "messages": 100, "duplicates": 0, "held": 0, "rejected": 0, "results": 400, "unmapped": 0,
        "filled": 3200, "expected": 3200, "missing": {}, "delays": [400] + [0] * len(DELAY_ENDS),
    }  # fmt: skip
    return Counts(**(usual | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        pytest.param({}, 100.0, id="all is well"),
        pytest.param({"filled": 1600}, 80.0, id="half of the fields"),
        pytest.param({"unmapped": 400}, 90.0, id="half unmapped"),
        pytest.param({"delays": [0] * len(DELAY_ENDS) + [400]}, 80.0, id="all late"),
        pytest.param({"held": 20, "rejected": 20}, 94.0, id="four of ten not accepted"),
        pytest.param({"duplicates": 50}, 97.5, id="half twice"),
    ],
)
def test_score_weighs_what_is_wrong(changes: dict[str, object], score: float) -> None:
    assert quality(counts(**changes), DELAY_ENDS).score == pytest.approx(score)


def test_sender_that_sent_nothing_has_no_score() -> None:
    found = quality(EMPTY, DELAY_ENDS)

    assert math.isnan(found.score)
    assert math.isnan(found.delay_median)


@given(st.lists(st.floats(min_value=16, max_value=500_000), min_size=1, max_size=30), st.sampled_from([0.5, 0.95]))
def test_delay_from_classes_is_that_of_the_plain_list_within_a_class(delays: list[float], share: float) -> None:
    classes = [0] * (len(DELAY_ENDS) + 1)
    for one in delays:
        classes[sum(end <= one for end in DELAY_ENDS)] += 1
    plain = sorted(delays)[math.ceil(share * len(delays)) - 1]

    found = quantile(classes, DELAY_ENDS, share)

    assert plain / 1.27 <= found <= plain * 1.27 or plain < DELAY_ENDS[0]


def test_days_together_are_counted_once() -> None:
    days = [counts(missing={"unit": 3}), counts(missing={"unit": 4, "sex": 1}), EMPTY]

    found = total(days)

    assert (found.messages, found.results, found.missing) == (200, 800, {"unit": 7, "sex": 1})
    assert found.delays[0] == 800


@pytest.mark.django_db
def test_day_is_counted_from_inbox_and_results(scene: Scene) -> None:
    bare = "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|||||F"
    good = message(PID, OBR, GLU)
    scene.process(good)
    scene.process(
        good,
        message(PID, OBR.replace("SX1", "SX2"), bare, UNKNOWN, control_id="M2"),
        message(PID, OBR.replace("SX1", "SX3"), UNKNOWN.replace("|2|", "|1|"), control_id="M3"),
        message(PID, OBR.replace("SX1", "SX4"), GLU, control_id="M4", processing_id="T"),
        message(PID, OBR.replace("SX1", "SX5"), GLU, control_id="M5", charset="KLINGON"),
        message(kind="ACK^R01^ACK", control_id="M6"),  # kept as refused, and none of the sender's messages
    )

    count_day(timezone.localdate(), at=timezone.now())

    day = SourceDay.objects.get()
    assert (day.source, day.messages, day.duplicates, day.held, day.rejected) == ("SX", 5, 1, 1, 1)
    assert (day.results, day.results_unmapped) == (2, 2)
    assert {name: count for name, count in day.missing.items() if count} == {"measured_at": 1, "reference_range": 1}
    assert (day.expected, day.filled) == (16, 14)
    assert sum(day.delays) == 2


@pytest.mark.django_db
def test_counting_again_takes_the_place_of_what_was_counted(scene: Scene) -> None:
    scene.process(message(PID, OBR, GLU, UNKNOWN))
    at = timezone.now()

    first, second = count_due_days(at=at), count_due_days(at=at + dt.timedelta(minutes=1))

    assert SourceDay.objects.count() == 1
    assert (first, second) == (31, 31)  # days without messages leave no row, and cost nothing


@pytest.mark.django_db
def test_delay_is_from_release_to_receipt(scene: Scene) -> None:
    released = timezone.now() - dt.timedelta(minutes=30)
    obr = OBR.replace("20261120090000", f"{released:%Y%m%d%H%M%S}+0000")
    scene.process(message(PID, obr, GLU))

    count_day(timezone.localdate(), at=timezone.now())

    delays = SourceDay.objects.get().delays
    assert quantile(delays, DELAY_ENDS, 0.5) == pytest.approx(1800, rel=0.27)


@pytest.mark.django_db
def test_pages_lead_from_the_score_to_the_message(scene: Scene) -> None:
    SourceFactory(code="QUIET", laboratory=scene.laboratory)
    scene.process(message(PID, OBR, GLU), message(PID, OBR.replace("SX1", "SX2"), UNKNOWN, control_id="HELD-1"))
    count_day(timezone.localdate(), at=timezone.now())
    user = UserFactory()
    bind(user, "operator", scene.laboratory.facility)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)

    listed = client.get(reverse("exchange:quality")).content.decode()
    detail = client.get(reverse("exchange:source-quality", args=["SX"])).content.decode()
    link = f"{reverse('exchange:source-messages', args=['SX'])}?day={timezone.localdate()}&amp;state=held"
    found = client.get(link.replace("&amp;", "&")).content.decode()

    assert listed.index("SX") < listed.index("QUIET")
    assert "sent nothing in 30 days" in listed
    assert link in detail
    assert "Unmapped results" in detail
    assert "HELD-1" in found
    assert "state=held&amp;format=xlsx" in found
    assert client.get(link.replace("&amp;", "&") + "&format=xlsx").content[:2] == b"PK"
    assert f'<a href="{reverse("exchange:mappings")}">' in detail.split("What makes the score")[1]
    assert reverse("exchange:message", args=[InboxMessage.objects.get(state="held").id]) in found


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["exchange:source-quality", "exchange:source-messages", "exchange:certification"])
def test_sender_of_elsewhere_is_not_found(scene: Scene, route: str) -> None:
    user = UserFactory()
    bind(user, "operator", SourceFactory(code="FAR").laboratory.facility)
    client = Client()
    client.force_login(user)

    assert client.get(reverse(route, args=["SX"])).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (math.nan, "–"),
        (math.inf, "more than 6 days"),
        (12, "12 s"),
        (600, "10 min"),
        (7200, "2 h"),
        (200_000, "2 days"),
    ],
)
def test_delay_is_written_as_people_would(seconds: float, words: str, language: None) -> None:
    from django.utils import translation

    translation.activate("en")

    assert duration(seconds) == words
