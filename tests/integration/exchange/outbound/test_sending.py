"""The queue: what is told to whom in which order, waiting, dead letters, and what replaces what."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from tests.integration.exchange.outbound.scene import AT, Clock, Scene, Told, row, states, work

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent
from lienthong.errors import Conflict
from lienthong.exchange.outbound.actions import change_outlet, pause_outlet, resend_dispatch, resume_outlet
from lienthong.exchange.outbound.channels import DispatchFacts, Sent
from lienthong.exchange.outbound.housekeeping import Housekeeping
from lienthong.exchange.outbound.models import Dispatch, Outlet
from lienthong.exchange.outbound.patience import KEEP_FOR, MOST_REFUSALS_IN_A_ROW, wait_after
from lienthong.exchange.outbound.sending import due_outlets, work_outlet
from lienthong.exchange.outbound.settling import settle
from lienthong.exchange.outbound.states import DISPATCH_TRANSITIONS, OUTLET_TRANSITIONS

pytestmark = pytest.mark.django_db
BUSY = Sent(outcome="again", code="connect-refused", text="nobody listens")
NO = Sent(outcome="refused", code="AE", text="AE")
BY = system_user


def refused_for(*subjects: int) -> Told:
    """Return a channel that refuses some reports and takes the others."""
    keys = {str(one) for one in subjects}
    return Told(lambda one: NO if one.subject in keys else Sent(outcome="delivered"))


def test_changes_are_told_in_the_order_of_the_log_once(orders: Scene) -> None:
    outlet = orders.outlet()
    reports = [orders.report(f"EX{n}") for n in range(5)]
    channel = Told()

    assert work(outlet, channel=channel) == 5
    assert work(outlet, channel=channel) == 0
    assert [int(one.subject) for one in channel.asked] == reports
    assert states(outlet) == ["delivered"] * 5
    assert due_outlets(AT) == []


def test_what_changed_before_an_outlet_was_registered_is_not_told(orders: Scene) -> None:
    orders.report("EX1")
    outlet = orders.outlet()
    second = orders.report("EX2")
    channel = Told()

    work(outlet, channel=channel)

    assert [int(one.subject) for one in channel.asked] == [second]


def test_outlet_that_is_not_reached_waits_as_a_whole_and_goes_on_in_order(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    reports = [orders.report(f"EX{n}") for n in range(3)]
    channel = Told(lambda _one: BUSY)
    work(outlet, channel=channel, clock=clock)
    work(outlet, channel=channel, clock=clock)
    failing = row(outlet)
    channel.outcomes = lambda _one: Sent(outcome="delivered")
    clock.forward(seconds=7)

    work(outlet, channel=channel, clock=clock)

    assert [int(one.subject) for one in channel.asked] == [reports[0], *reports]
    assert {one.id for one in channel.asked[:2]} == {channel.asked[0].id}
    assert [one.attempt for one in channel.asked] == [1, 2, 1, 1]
    assert (failing.failing_since, failing.failures, failing.last_error_code) == (AT, 1, "connect-refused")
    assert AT + dt.timedelta(seconds=4) <= (failing.next_attempt_at or AT) <= AT + dt.timedelta(seconds=6)
    assert row(outlet).failing_since is None


def test_queue_is_filled_while_the_receiver_is_away(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    channel = Told(lambda _one: BUSY)
    work(outlet, channel=channel, clock=clock)
    orders.report("EX2")

    assert due_outlets(clock()) == [outlet]
    work(outlet, channel=channel, clock=clock)

    assert states(outlet) == ["waiting", "waiting"]
    assert len(channel.asked) == 1
    assert due_outlets(clock()) == []


@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(1, 0.5, 5), (2, 0.5, 10), (5, 0.5, 80), (9, 0.5, 900), (1000, 0.5, 900), (1, 0, 4), (1, 1, 6)],
)
def test_waiting_doubles_to_a_quarter_of_an_hour_and_is_spread(failures: int, chance: float, seconds: int) -> None:
    assert wait_after(failures, chance=chance).total_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize(("asked", "seconds"), [(2, 5), (600, 600), (10**6, 86400)])
def test_waiting_heeds_what_the_receiver_asks_for_up_to_a_day(asked: int, seconds: int) -> None:
    assert wait_after(1, chance=0.5, asked=dt.timedelta(seconds=asked)).total_seconds() == pytest.approx(seconds)


def test_outlet_that_is_not_reached_for_three_days_is_paused(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    channel = Told(lambda _one: BUSY)
    work(outlet, channel=channel, clock=clock)
    clock.forward(days=2, hours=23)
    work(outlet, channel=channel, clock=clock)
    before = row(outlet).state
    clock.forward(hours=2)

    work(outlet, channel=channel, clock=clock)

    assert before == Outlet.State.ACTIVE
    assert row(outlet).state == Outlet.State.PAUSED
    assert AuditEvent.objects.get(action="pause-outlet").detail == {"why": "not-reached", "error": "connect-refused"}
    assert states(outlet) == ["waiting"]


def test_outlet_is_paused_after_the_time_that_the_operator_sets(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    channels = {"hl7v2": Told(lambda _one: BUSY)}
    for _turn in range(2):
        work_outlet(outlet, channels=channels, clock=clock, give_up_after=dt.timedelta(hours=1))
        clock.forward(hours=2)

    assert row(outlet).state == Outlet.State.PAUSED


def test_paused_outlet_is_told_all_that_changed_once_it_is_resumed(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    pause_outlet("HIS", why="maintenance", by=BY("t"), at=clock())
    reports = [orders.report(f"EX{n}") for n in range(2)]
    channel = Told()
    work(outlet, channel=channel, clock=clock)
    silent = list(channel.asked)

    resume_outlet("HIS", by=BY("t"), at=clock())
    work(outlet, channel=channel, clock=clock)

    assert silent == []
    assert [int(one.subject) for one in channel.asked] == reports


def test_refused_dispatch_lets_the_others_go_and_dies_after_three_attempts(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    bad, good = orders.report("EX1"), orders.report("EX2")
    channel = refused_for(bad)
    work(outlet, channel=channel, clock=clock)
    first = states(outlet)
    for _turn in range(3):
        clock.forward(minutes=6)
        work(outlet, channel=channel, clock=clock)

    dead = Dispatch.objects.get(state="dead")
    assert first == ["waiting", "delivered"]
    assert [int(one.subject) for one in channel.asked] == [bad, good, bad, bad]
    assert (int(dead.subject), dead.attempts, dead.last_error_code) == (bad, 3, "AE")
    assert row(outlet).state == Outlet.State.ACTIVE


def test_newer_version_waits_behind_a_refused_one_of_the_same_report(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    report = orders.report("EX1")
    channel = refused_for(report)
    work(outlet, channel=channel, clock=clock)
    orders.corrected("EX1")

    work(outlet, channel=channel, clock=clock)

    assert [one.version for one in channel.asked] == [1]


def test_message_that_told_a_newer_version_leaves_nothing_to_tell(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    orders.corrected("EX1")
    other = orders.report("EX2")
    channel = Told(lambda one: Sent(outcome="delivered", version=2 if one.version == 1 else None))

    work(outlet, channel=channel, clock=clock)

    assert len(channel.asked) == 2
    assert int(channel.asked[1].subject) == other
    assert states(outlet) == ["delivered", "superseded", "delivered"]


def test_version_whose_leaf_comes_after_it_was_told_is_not_told_again(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    channel = Told(lambda _one: Sent(outcome="delivered", version=2))
    work(outlet, channel=channel, clock=clock)
    orders.corrected("EX1")

    work(outlet, channel=channel, clock=clock)

    assert len(channel.asked) == 1
    assert states(outlet) == ["delivered", "superseded"]


def test_dead_letter_is_sent_again_by_a_person(orders: Scene, clock: Clock) -> None:
    outlet, report = orders.outlet(), orders.report("EX1")
    channel = _kill(orders, outlet, report, clock)
    dead = Dispatch.objects.get(state="dead")
    channel.outcomes = lambda _one: Sent(outcome="delivered")

    resend_dispatch(dead.pk, by=BY("operator"), at=clock())
    work(outlet, channel=channel, clock=clock)

    assert states(outlet) == ["delivered"]
    assert channel.asked[-1].id == dead.pk
    assert AuditEvent.objects.get(action="resend-dispatch").detail["dispatch"] == str(dead.pk)


def test_dead_letter_is_replaced_once_a_newer_version_is_delivered(orders: Scene, clock: Clock) -> None:
    outlet, report = orders.outlet(), orders.report("EX1")
    channel = _kill(orders, outlet, report, clock)
    dead = Dispatch.objects.get(state="dead")
    channel.outcomes = lambda _one: Sent(outcome="delivered")
    orders.corrected("EX1")
    work(outlet, channel=channel, clock=clock)

    with pytest.raises(Conflict, match=r"(?i)newer version|phiên bản|版本"):
        resend_dispatch(dead.pk, by=BY("operator"), at=clock())

    assert states(outlet) == ["superseded", "delivered"]


def test_receiver_that_refuses_everything_is_paused_and_not_all_dies(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    for n in range(MOST_REFUSALS_IN_A_ROW + 5):
        orders.report(f"EX{n}")
    channel = Told(lambda _one: NO)

    work(outlet, channel=channel, clock=clock)

    assert len(channel.asked) == MOST_REFUSALS_IN_A_ROW
    assert row(outlet).state == Outlet.State.PAUSED
    assert AuditEvent.objects.get(action="pause-outlet").detail["why"] == "refuses-everything"
    assert set(states(outlet)) == {"waiting"}


def test_order_of_versions_is_kept_by_a_receiver_that_fails_at_random(orders: Scene, clock: Clock) -> None:
    outlet, chance = orders.outlet(), random.Random(7)  # noqa: S311 — a fixed sequence
    for n in range(12):
        _ = orders.report(f"EX{n}") if n < 4 else orders.corrected(f"EX{n % 4}", f"{6 + n / 10:.1f}")
    delivered: list[tuple[str, int]] = []

    def at_random(one: DispatchFacts) -> Sent:
        outcome = chance.choice(("delivered", "again", "refused"))
        if outcome == "delivered":
            delivered.append((one.subject, one.version))
        return Sent(outcome=outcome, code="AE")  # type: ignore[arg-type]  # one of the outcomes

    channel = Told(at_random)
    for _turn in range(200):
        work(outlet, channel=channel, clock=clock)
        clock.forward(minutes=20)

    for subject in {one for one, _version in delivered}:
        versions = [version for one, version in delivered if one == subject]
        assert versions == sorted(versions)
        assert len(versions) == len(set(versions))
    assert "waiting" not in states(outlet)
    assert {subject for subject, version in delivered if version == 3} == {
        one.subject for one in Dispatch.objects.filter(version=3, state="delivered")
    }


def test_channel_that_fails_holds_up_nothing_but_the_one(orders: Scene, clock: Clock) -> None:
    outlet, bad = orders.outlet(), orders.report("EX1")
    orders.report("EX2")

    def fails(one: DispatchFacts) -> Sent:
        if int(one.subject) == bad:
            raise ZeroDivisionError
        return Sent(outcome="delivered")

    work(outlet, channel=Told(fails), clock=clock)

    assert states(outlet) == ["waiting", "delivered"]
    assert Dispatch.objects.get(subject=str(bad)).last_error_code == "unforeseen"


def test_channel_that_can_not_say_what_it_wants_lets_its_outlet_wait(
    orders: Scene, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet, channel = orders.outlet(), Told()
    orders.report("EX1")
    with monkeypatch.context() as patch:
        patch.setattr(channel, "wanted", lambda *_args, **_at: 1 // 0)
        work(outlet, channel=channel, clock=clock)
    waiting, due = row(outlet), due_outlets(clock())
    clock.forward(seconds=7)

    work(outlet, channel=channel, clock=clock)

    assert (waiting.last_error_code, waiting.failures, due) == ("unforeseen", 1, [])
    assert states(outlet) == ["delivered"]


def test_attempt_that_ends_after_its_outlet_was_closed_changes_nothing(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    work(outlet, channel=Told(lambda _one: BUSY), clock=clock)
    one = Dispatch.objects.get()
    Dispatch.objects.filter(pk=one.pk).update(state="closed")

    settle(one.pk, Sent(outcome="delivered"), by=BY("outbound"), at=clock())

    assert states(outlet) == ["closed"]


def test_outlet_whose_period_is_over_ends_and_sends_nothing(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    Outlet.objects.filter(pk=outlet).update(valid_to=AT + dt.timedelta(hours=1))
    orders.report("EX1")
    channel = Told(lambda _one: BUSY)
    work(outlet, channel=channel, clock=clock)
    clock.forward(hours=2)

    assert due_outlets(clock()) == [outlet]
    work(outlet, channel=channel, clock=clock)

    assert row(outlet).state == Outlet.State.OFF
    assert states(outlet) == ["closed"]


def test_changed_outlet_is_tried_at_once(orders: Scene, clock: Clock) -> None:
    outlet = orders.outlet()
    orders.report("EX1")
    channel = Told(lambda _one: BUSY)
    work(outlet, channel=channel, clock=clock)
    channel.outcomes = lambda _one: Sent(outcome="delivered")

    change_outlet("HIS", name="New", settings={"host": "b"}, valid_to=None, by=BY("t"), at=clock())
    work(outlet, channel=channel, clock=clock)

    assert states(outlet) == ["delivered"]


def test_dispatches_that_are_done_go_after_ninety_days_and_dead_letters_stay(orders: Scene, clock: Clock) -> None:
    outlet, bad = orders.outlet(), orders.report("EX1")
    orders.report("EX2")
    for _turn in range(3):
        work(outlet, channel=refused_for(bad), clock=clock)
        clock.forward(minutes=6)
    house = Housekeeping(clock())

    early = house.do(clock() + KEEP_FOR - dt.timedelta(hours=2))
    late = house.do(clock() + KEEP_FOR + dt.timedelta(hours=2))

    assert (early, late) == (0, 1)
    assert states(outlet) == ["dead"]


def test_every_state_has_its_transitions() -> None:
    assert set(OUTLET_TRANSITIONS) == set(Outlet.State)
    assert set(DISPATCH_TRANSITIONS) == set(Dispatch.State)


def _kill(scene: Scene, outlet: int, report: int, clock: Clock) -> Told:
    """Let a report die as a dead letter; return the channel that refused it."""
    channel = refused_for(report)
    for _turn in range(3):
        work(outlet, channel=channel, clock=clock)
        clock.forward(minutes=6)
    assert states(outlet) == ["dead"]
    return channel
