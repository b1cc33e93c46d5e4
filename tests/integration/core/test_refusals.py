"""Who is refused too often waits; others do not."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.integration.core.token_calls import (
    AT,
    CLIENT_ID,
    OTHER_KEY,
    claims,
    form,
    hospital_system,
    post,
    signed,
    told,
)

from lienthong.core.access.refusals import MOST_OF_ADDRESS, MOST_OF_CLIENT, count_refusal, seconds_to_wait
from lienthong.core.models import AuditEvent, ConnectedSystem

pytestmark = pytest.mark.django_db


def refuse(times: int, address: str = "10.0.0.1", client_id: str = CLIENT_ID) -> None:
    for _ in range(times):
        count_refusal(address, client_id, at=AT)


def test_client_that_is_refused_too_often_waits_for_the_next_minute() -> None:
    refuse(MOST_OF_CLIENT - 1)
    assert seconds_to_wait("10.0.0.1", CLIENT_ID, at=AT) == 0

    refuse(1)

    assert seconds_to_wait("10.0.0.1", CLIENT_ID, at=AT) == 40
    assert seconds_to_wait("10.0.0.1", CLIENT_ID, at=AT + dt.timedelta(seconds=40)) == 0


def test_another_client_or_address_is_heard() -> None:
    refuse(MOST_OF_CLIENT)

    assert seconds_to_wait("10.0.0.1", "other", at=AT) == 0
    assert seconds_to_wait("10.0.0.2", CLIENT_ID, at=AT) == 0


def test_address_that_tries_many_names_waits_with_any() -> None:
    for place in range(MOST_OF_ADDRESS):
        refuse(1, client_id=f"name-{place}")

    assert seconds_to_wait("10.0.0.1", CLIENT_ID, at=AT) > 0


@pytest.mark.parametrize("kind", ["", "sign-in "])
def test_network_of_ipv6_counts_as_one_address(kind: str) -> None:
    for number in range(MOST_OF_CLIENT):
        refuse(1, f"{kind}2001:db8::{number:x}:1")

    waits = {
        peer: seconds_to_wait(f"{kind}{peer}", CLIENT_ID, at=AT) > 0
        for peer in ("2001:db8::ffff:ffff:ffff:ffff", "2001:DB8:0:0:1::", "2001:db8:0:1::1", "10.0.0.1")
    }

    assert list(waits.values()) == [True, True, False, False]


def test_ipv4_counts_alike_however_it_is_written() -> None:
    refuse(MOST_OF_CLIENT, "::ffff:10.0.0.1")

    assert seconds_to_wait("10.0.0.1", CLIENT_ID, at=AT) > 0
    assert seconds_to_wait("::ffff:10.0.0.2", CLIENT_ID, at=AT) == 0


def test_endpoint_tells_who_waits_and_writes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    hospital_system()
    for _ in range(MOST_OF_CLIENT):
        assert post(form(signed(claims(), key=OTHER_KEY))).status_code == 401

    answer = post(form())

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")
    assert told(answer)["error"] == "temporarily_unavailable"
    assert AuditEvent.objects.filter(action="refuse-token").count() == MOST_OF_CLIENT


def test_refusal_is_kept_with_the_system_whose_name_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    hospital_system()
    assertion = signed(claims(), key=OTHER_KEY)

    post(form(assertion))
    post(form(signed(claims(iss="nobody", sub="nobody"))))

    known, unknown = AuditEvent.objects.filter(action="refuse-token").order_by("id")
    assert (known.object_key, known.facility, unknown.object_key) == (CLIENT_ID, "30001", "-")
    assert "signature does not hold" in ConnectedSystem.objects.get().last_refusal
    assert assertion not in str(known.detail)
    assert "nobody" not in str(unknown.detail)


@pytest.mark.parametrize(
    ("is_behind_proxy", "address"), [(False, "127.0.0.1"), (True, "192.0.2.7")], ids=["open", "behind a proxy"]
)
def test_address_is_what_the_nearest_proxy_says(settings: object, is_behind_proxy: bool, address: str) -> None:
    """What a caller itself writes into X-Forwarded-For stands before what the proxy adds, and is not believed."""
    settings.HTTPS = is_behind_proxy  # type: ignore[attr-defined]  # pytest-django's settings

    post(form("abc"), **{"X-Forwarded-For": "10.9.9.9, 192.0.2.7"})

    assert AuditEvent.objects.get(action="refuse-token").detail["address"] == address
