"""The platform hands its checkpoints to witnesses over real sockets, and says aloud where one knows another log."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.integration.exchange.fhir.subscriptions.receiver import listening
from tests.integration.exchange.witnesses.serving import Running, free_port, witnessing
from tools.log_sample import WITNESS

from lienthong.core.actions import system_user
from lienthong.core.log.checkpoints import read
from lienthong.core.log.cosignatures import check_cosignatures, parse_witness_key
from lienthong.core.log.entering import enter
from lienthong.core.log.identity import log_key
from lienthong.core.log.sequencer import sequence
from lienthong.core.log.storage import checkpoint_by
from lienthong.core.log.submissions import Submission
from lienthong.core.log.witnesses import WitnessFacts, witnesses
from lienthong.core.models import AuditEvent, LogWitness
from lienthong.exchange.outbound.http.calling import Limits
from lienthong.exchange.witnesses.actions import add_witness, remove_witness
from lienthong.exchange.witnesses.entry import WitnessEntry
from lienthong.exchange.witnesses.handing import due_witnesses, hand_over

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
KEY = str(WITNESS)


@pytest.fixture(autouse=True)
def _may_call_this_machine(settings: Any) -> None:
    settings.HOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    settings.HOOK_HTTP = True


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Running]:
    with witnessing(tmp_path / "witness", str(log_key())) as running:
        yield running


def grow(*entries: int, at: dt.datetime) -> None:
    """Enter digests and sign them."""
    enter([(one, sha256(b"%d" % one).digest()) for one in entries])
    assert sequence(by=system_user("log"), at=at).signed


def added(url: str, key: str, *, at: dt.datetime = NOW) -> int:
    return add_witness(WitnessEntry(name="MOH", url=url, key=key), by=system_user("command-line"), at=at)


def hand(at: dt.datetime) -> None:
    """Do what a worker does at an instant."""
    for one in due_witnesses(at):
        hand_over(one, by=system_user("log"), at=at, limits=Limits(connect=1, answer=1, whole=2))


def only() -> WitnessFacts:
    (found,) = witnesses()
    return found


def cut(size: int) -> None:
    """Take leaves and checkpoints above a size away, as an older backup would."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_log_leaf WHERE position >= %s", [size])
        cursor.execute("DELETE FROM core_log_checkpoint WHERE size > %s", [size])
        cursor.execute("DELETE FROM core_log_tile WHERE level > 0 OR index > 0")
        cursor.execute("UPDATE core_log_tile SET hashes = substr(hashes, 1, %s)", [32 * size])


def test_checkpoints_are_cosigned_as_the_log_grows_and_served_with_their_cosignatures(
    served: Running, client: Client
) -> None:
    added(served.url, served.key)
    for minute, entries in enumerate([(1, 2, 3), (4,), (5, 6, 7, 8, 9)]):
        grow(*entries, at=NOW + minute * MINUTE)
        hand(NOW + minute * MINUTE)

    assert (only().size, only().error_code) == (9, "")
    for address in ("/log/checkpoint", "/log/cosigned"):
        note = client.get(address).content.decode()
        by, wrong = check_cosignatures(note, parse_witness_key(served.key), where="note")
        assert read(note, log_key()).size == 9
        assert by
        assert wrong == []
        assert only().cosigned_at == by.at


def test_newest_checkpoint_and_the_newest_cosigned_one_are_both_served(served: Running, client: Client) -> None:
    added(served.url, served.key)
    grow(1, 2, at=NOW)
    hand(NOW)
    grow(3, at=NOW + dt.timedelta(seconds=10))

    plain, cosigned = (client.get(f"/log/{one}").content.decode() for one in ("checkpoint", "cosigned"))

    key = parse_witness_key(served.key)
    assert (read(plain, log_key()).size, read(cosigned, log_key()).size) == (3, 2)
    assert check_cosignatures(plain, key, where="")[0] is None
    assert check_cosignatures(cosigned, key, where="")[0]


def test_nothing_is_served_as_cosigned_before_a_witness_did(client: Client) -> None:
    grow(1, at=NOW)

    assert client.get("/log/cosigned").status_code == 404


def test_witness_is_not_asked_more_often_than_once_an_interval() -> None:
    grow(1, at=NOW)
    with listening() as receiver:
        receiver.status = 500
        added(f"http://127.0.0.1:{receiver.port}", KEY)
        LogWitness.objects.update(size=1, known_size=1, cosigned_at=NOW, note=checkpoint_by(NOW).note, line="x")  # type: ignore[union-attr]
        grow(2, at=NOW + dt.timedelta(seconds=10))
        for second in range(10, 60, 5):
            hand(NOW + dt.timedelta(seconds=second))
        assert receiver.told == []

        hand(NOW + MINUTE)

        assert [one.path for one in receiver.told] == ["/add-checkpoint"]


def test_witness_that_knows_more_than_we_remember_is_gone_on_with_from_there(served: Running) -> None:
    """As where a worker was killed before it could keep the cosignature, or the witness served another worker."""
    number = added(served.url, served.key)
    grow(1, 2, 3, at=NOW)
    hand(NOW)
    LogWitness.objects.filter(pk=number).update(known_size=1)
    grow(4, 5, at=NOW + MINUTE)

    hand(NOW + MINUTE)

    assert (only().size, only().error_code) == (5, "")


def test_cut_log_is_a_loud_finding(served: Running, caplog: pytest.LogCaptureFixture) -> None:
    """The witness's row came back with the backup: only the witness knows what was signed since."""
    number = added(served.url, served.key)
    grow(1, 2, 3, at=NOW)
    hand(NOW)
    before = LogWitness.objects.filter(pk=number).values()[0]
    grow(4, 5, 6, 7, at=NOW + MINUTE)
    hand(NOW + MINUTE)
    cut(3)
    LogWitness.objects.filter(pk=number).update(**before)
    grow(4, at=NOW + 2 * MINUTE)

    with caplog.at_level(logging.WARNING):
        hand(NOW + 2 * MINUTE)
        hand(NOW + 3 * MINUTE)

    assert only().error_code == "witness-ahead"
    assert (only().size, only().failures) == (3, 2)
    assert {one.levelname for one in caplog.records if "MOH" in one.message} == {"CRITICAL"}
    assert AuditEvent.objects.filter(action="witness-disagrees").count() == 1


def test_log_that_was_cut_below_what_is_remembered_is_a_loud_finding_though_nothing_new_is_signed(
    served: Running,
) -> None:
    added(served.url, served.key)
    grow(1, at=NOW)
    grow(2, 3, at=NOW + MINUTE)
    hand(NOW + MINUTE)
    cut(1)

    hand(NOW + 2 * MINUTE)

    assert only().error_code == "witness-ahead"


def test_rewritten_log_is_a_loud_finding(served: Running) -> None:
    added(served.url, served.key)
    grow(1, 2, 3, at=NOW)
    hand(NOW)
    cut(2)
    grow(77, 78, at=NOW + MINUTE)

    hand(NOW + MINUTE)

    assert only().error_code == "witness-forked"
    assert only().size == 3


def test_rewritten_log_of_the_same_size_is_a_loud_finding(served: Running) -> None:
    added(served.url, served.key)
    grow(1, 2, at=NOW)
    grow(3, at=NOW + MINUTE)
    hand(NOW + MINUTE)
    cut(2)
    grow(77, at=NOW + 2 * MINUTE)

    hand(NOW + 2 * MINUTE)

    assert only().error_code == "witness-forked"


def test_witness_that_was_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    port = free_port()
    with witnessing(tmp_path / "w", str(log_key()), port=port) as first:
        added(first.url, first.key)
        grow(1, 2, 3, at=NOW)
        hand(NOW)
        first.kill()
    grow(4, 5, at=NOW + MINUTE)
    hand(NOW + MINUTE)
    assert (only().size, only().error_code, only().failures) == (3, "connect-refused", 1)

    with witnessing(tmp_path / "w", str(log_key()), port=port) as again:
        assert again.key == first.key
        hand(NOW + MINUTE + dt.timedelta(seconds=1))
        assert only().size == 3  # it rests for some seconds first
        hand(NOW + 2 * MINUTE)

    assert (only().size, only().error_code, only().failures) == (5, "", 0)


def test_two_histories_at_once_over_sockets_give_one_cosigned(served: Running) -> None:
    """The second history is signed by the log's own key: what a platform could do that shows two faces."""
    grow(1, 2, 3, at=NOW)
    first = checkpoint_by(NOW)
    cut(2)
    grow(77, at=NOW)
    second = checkpoint_by(NOW)
    assert first
    assert second
    assert first.root != second.root
    statuses: list[int] = []

    def post(note: str) -> None:
        request = urllib.request.Request(f"{served.url}/add-checkpoint", Submission(0, (), note).body())  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                statuses.append(answer.status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)
            error.close()

    threads = [threading.Thread(target=post, args=(one.note,)) for one in [first, second] * 8]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(statuses) == [200] + [409] * 15


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, "bad-cosignature"),
        (400, "refused"),
        (403, "unknown-key"),
        (404, "unknown-log"),
        (409, "unexpected"),
        (422, "witness-forked"),
        (500, "unexpected"),
        (302, "unexpected"),
    ],
)
def test_every_refusal_is_told_and_nothing_is_kept(status: int, code: str) -> None:
    grow(1, at=NOW)
    with listening() as receiver:
        receiver.status = status
        added(f"http://127.0.0.1:{receiver.port}/behind/", KEY)

        hand(NOW)

        assert [one.path for one in receiver.told] == ["/behind/add-checkpoint"]
    assert (only().error_code, only().size) == (code, None)
    assert only().next_attempt_at
    assert only().next_attempt_at > NOW


def test_cosignature_of_another_key_is_not_kept(served: Running) -> None:
    grow(1, at=NOW)
    added(served.url, KEY)

    hand(NOW)

    assert (only().error_code, only().size) == ("bad-cosignature", None)


def test_address_that_may_not_be_called_is_not(served: Running, settings: Any) -> None:
    grow(1, at=NOW)
    added(served.url, served.key)
    settings.HOOK_NETWORKS = ()

    hand(NOW)

    assert only().error_code == "not-callable"


def test_removed_witness_is_asked_no_more_and_its_cosignature_is_not_served(served: Running, client: Client) -> None:
    number = added(served.url, served.key)
    grow(1, at=NOW)
    hand(NOW)

    remove_witness(number, why="moved", by=system_user("command-line"), at=NOW)

    assert due_witnesses(NOW + MINUTE) == []
    assert client.get("/log/cosigned").status_code == 404
    assert set(AuditEvent.objects.filter(object_kind="log-witness").values_list("action", flat=True)) == {
        "add-log-witness",
        "remove-log-witness",
    }
