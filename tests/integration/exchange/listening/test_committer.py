"""Group commit when the database goes away: what was promised is there, and there once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.factories.exchange import message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.cutting import cutting

from lienthong.core.models import AuditEvent
from lienthong.exchange.listening.committer import Committer
from lienthong.exchange.listening.listener import conninfo
from lienthong.results.actions import Arrival
from lienthong.results.models import InboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


def arrival(number: int = 1, *, control_id: str = "") -> Arrival:
    raw = message(control_id=f"M{number}")
    return Arrival(raw=raw, received_at=timezone.now(), source="SX", lane="SX:1", control_id=control_id or f"M{number}")


def committing(committer: Committer, act: Callable[[], Awaitable[object]]) -> None:
    """Run the committer beside an act."""

    async def both() -> None:
        running = asyncio.create_task(committer.run())
        await act()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


def kept() -> list[str]:
    return list(InboxMessage.objects.order_by("id").values_list("control_id", flat=True))


def test_answer_of_a_commit_that_is_lost_on_the_way_doubles_nothing(committed_scene: Scene) -> None:
    at = conninfo_to_dict(conninfo())
    verdicts: list[bool] = []
    with cutting(str(at["host"]), int(at["port"])) as cutter:
        committer = Committer(make_conninfo(conninfo(), port=cutter.port), timezone.now)

        async def act() -> None:
            verdicts.append(await committer.keep(arrival(1)))
            cutter.mark = b"M2"
            verdicts.append(await committer.keep(arrival(2)))
            verdicts.append(await committer.keep(arrival(3)))

        committing(committer, act)

    assert cutter.cuts == 1
    assert verdicts == [True, True, True]
    assert kept() == ["M1", "M2", "M3"]
    assert sum(row.detail["messages"] for row in AuditEvent.objects.filter(action="receive")) == 3


def test_session_that_hangs_is_ended_before_its_batch_is_sent_again(committed_scene: Scene) -> None:
    """The first session waits for a lock, its line is lost; it must not commit after the second has."""
    at = conninfo_to_dict(conninfo())
    verdicts: list[bool] = []
    with cutting(str(at["host"]), int(at["port"])) as cutter, psycopg.connect(conninfo()) as blocker:
        committer = Committer(make_conninfo(conninfo(), port=cutter.port), timezone.now)

        async def act() -> None:
            await committer.keep(arrival(1))
            blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
            waiting = asyncio.create_task(committer.keep(arrival(2)))
            await asyncio.sleep(0.3)
            connection_ = await committer.session.connection()
            connection_.pgconn.finish()
            await asyncio.sleep(0.5)
            blocker.rollback()
            verdicts.append(await waiting)

        committing(committer, act)

    assert verdicts == [True]
    assert kept() == ["M1", "M2"]


def test_message_that_no_column_takes_leaves_the_others_of_its_batch(committed_scene: Scene) -> None:
    verdicts: list[bool] = []
    committer = Committer(conninfo(), timezone.now)
    bad = Arrival(raw=b"x", received_at=timezone.now(), source="S" * 61, control_id="bad")

    async def act() -> None:
        verdicts.extend(await asyncio.gather(*(committer.keep(one) for one in (arrival(1), bad, arrival(2)))))

    committing(committer, act)

    assert verdicts == [True, False, True]
    assert kept() == ["M1", "M2"]


def test_database_that_stays_away_is_told_in_time_and_later_messages_are_kept(committed_scene: Scene) -> None:
    verdicts: list[bool] = []
    committer = Committer(make_conninfo(conninfo(), port=1), timezone.now, give_up_seconds=0.6)

    async def act() -> None:
        verdicts.extend(await asyncio.gather(*(committer.keep(arrival(n)) for n in range(3))))
        committer.session.conninfo = conninfo()
        verdicts.append(await committer.keep(arrival(9)))

    committing(committer, act)

    assert verdicts == [False, False, False, True]
    assert kept() == ["M9"]


def test_queue_that_is_full_makes_the_next_one_wait(committed_scene: Scene) -> None:
    committer = Committer(conninfo(), timezone.now)
    told: list[bool] = []

    async def act() -> None:
        with psycopg.connect(conninfo()) as blocker:
            blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
            large = Arrival(raw=bytes(1 << 20), received_at=timezone.now(), control_id="large")
            while not committer.is_full:
                committer.offer([large], told.append)
            late = asyncio.create_task(committer.keep(arrival(2)))
            await asyncio.sleep(0.1)
            assert told == []
            blocker.rollback()
        assert await late

    committing(committer, act)

    assert set(told) == {True}
    assert kept()[-1] == "M2"


def test_one_commit_a_message_is_what_it_says(committed_scene: Scene) -> None:
    committer = Committer(conninfo(), timezone.now, largest_batch=1)

    async def act() -> None:
        await asyncio.gather(*(committer.keep(arrival(n)) for n in range(5)))

    committing(committer, act)

    assert (committer.commits, committer.messages) == (5, 5)
    assert _is_unlocked_in_time()


def _is_unlocked_in_time(*, seconds: float = 10) -> bool:
    """Whether no advisory lock is left; the server lets go a moment after a session was closed."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            if cursor.fetchone() == (0,):
                return True
            time.sleep(0.05)
    return False
