"""What a later message does to what an earlier one stored: corrections, cancellations, time points, late originals."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import OBR, PID, message
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict
from lienthong.exchange.actions import affirm_message, set_aside_message
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import InboxMessage, Report, Result

pytestmark = pytest.mark.django_db

NINE, TEN = "20261120090000", "20261120100000"


def glucose(value: str, *, status: str = "F", sub_id: str = "", at: str = "20261120070000") -> str:
    """Return OBX of a glucose; `at` is OBX-14."""
    return f"OBX|1|NM|2345-7^Glucose^LN|{sub_id}|{value}|mmol/L|3.9-6.4|N|||{status}|||{at}|||||20261120080000"


def sent(*segments: str, control_id: str, released: str = NINE, order: str = "F") -> bytes:
    """Return a message of the report SX1, released at OBR-22 with OBR-25 `order`."""
    return message(PID, OBR.replace(NINE, released).replace("|||F", f"|||{order}"), *segments, control_id=control_id)


def versions() -> list[tuple[int, str, Decimal | None, bool]]:
    rows = Result.objects.order_by("key", "version")
    return [(row.version, row.status, row.value, row.is_current) for row in rows]


def chain() -> list[int | None]:
    """Return for each version, oldest first, the number of the version that it replaces."""
    numbers = dict(Result.objects.values_list("id", "version"))
    return [numbers.get(row.replaces or 0) for row in Result.objects.order_by("version")]


def told(control_id: str) -> set[str]:
    return {one["code"] for one in InboxMessage.objects.get(control_id=control_id).findings}


FIRST, SECOND = Decimal("5.6"), Decimal("6.5")


@pytest.mark.parametrize("released", [NINE, ""], ids=["released before it", "no time of release"])
def test_original_that_comes_after_its_correction_becomes_the_earlier_version(scene: Scene, released: str) -> None:
    correction = sent(glucose("6.5", status="C"), control_id="C", released=TEN if released else "", order="C")
    original = sent(glucose("5.6"), control_id="O", released=released)

    scene.process(correction)
    assert versions() == [(2, "corrected", SECOND, True)]
    assert "original-missing" in told("C")
    scene.process(original)

    assert versions() == [(1, "final", FIRST, False), (2, "corrected", SECOND, True)]
    assert chain() == [None, 1]
    assert "original-joined" in told("O")
    assert Report.objects.get().status == "corrected"


def test_original_joins_a_chain_that_went_on(scene: Scene) -> None:
    scene.process(sent(glucose("6.5", status="C"), control_id="C", released=TEN))
    scene.process(sent(glucose("6.7", status="C"), control_id="D", released="20261120110000"))

    scene.process(sent(glucose("5.6"), control_id="O"))

    assert [row[0] for row in versions()] == [1, 2, 3]
    assert chain() == [None, 1, 2]
    assert [row[3] for row in versions()] == [False, False, True]


def test_original_sent_again_after_it_was_joined_changes_nothing(scene: Scene) -> None:
    scene.process(sent(glucose("6.5", status="C"), control_id="C", released=""))
    scene.process(sent(glucose("5.6"), control_id="O", released=""))

    scene.process(sent(glucose("5.6"), control_id="P", released=""))

    assert [row[0] for row in versions()] == [1, 2]
    assert scene.states()[-1] == ("duplicate", "")


@pytest.mark.parametrize("status", ["C", "D", "W", "X"])
def test_correction_and_its_late_original_in_one_batch_give_the_same(scene: Scene, status: str) -> None:
    scene.process(
        sent(glucose("6.5", status=status), control_id="C", released=TEN), sent(glucose("5.6"), control_id="O")
    )

    assert [(row[0], row[3]) for row in versions()] == [(1, False), (2, True)]
    assert versions()[1][1] == ("corrected" if status == "C" else "withdrawn")
    assert chain() == [None, 1]


def test_result_obtained_after_all_stands(scene: Scene) -> None:
    scene.process(sent(glucose("", status="X"), control_id="X", released=""))

    scene.process(sent(glucose("5.6"), control_id="F", released=""))

    assert [(row[1], row[3]) for row in versions()] == [("withdrawn", False), ("corrected", True)]


@pytest.mark.parametrize("observed", [True, False], ids=["with its results", "without"])
def test_cancelled_order_withdraws_all_its_results(scene: Scene, observed: bool) -> None:
    potassium = "OBX|2|NM|2823-3^K^LN||4.1|mmol/L|||||F"
    scene.process(sent(glucose("5.6"), potassium, control_id="F"))

    scene.process(sent(*([glucose("5.6")] if observed else []), control_id="X", released=TEN, order="X"))

    assert set(Result.objects.filter(is_current=True).values_list("status", "version")) == {("withdrawn", 2)}
    assert Result.objects.filter(is_current=True).count() == 2
    assert Report.objects.get().status == "withdrawn"
    assert scene.states()[-1] == ("stored", "")


def test_order_cancelled_before_its_results_came_leaves_none_standing(scene: Scene) -> None:
    scene.process(sent(control_id="X", released=TEN, order="X"))
    assert scene.states() == [("stored", "")]
    assert "original-missing" in told("X")

    scene.process(sent(glucose("5.6"), control_id="F"))

    assert versions() == [(1, "final", FIRST, False), (2, "withdrawn", FIRST, True)]
    assert Report.objects.get().status == "withdrawn"


def test_order_that_says_corrected_changes_only_what_differs(scene: Scene) -> None:
    potassium = "OBX|2|NM|2823-3^K^LN||4.1|mmol/L|||||F"
    scene.process(sent(glucose("5.6"), potassium, control_id="F"))

    scene.process(sent(glucose("6.5"), potassium, control_id="C", released=TEN, order="C"))

    assert sorted(Result.objects.filter(is_current=True).values_list("status", "version")) == [
        ("corrected", 2),
        ("final", 1),
    ]


def test_withdrawing_one_result_leaves_the_report_corrected(scene: Scene) -> None:
    potassium = "OBX|2|NM|2823-3^K^LN||4.1|mmol/L|||||F"
    scene.process(sent(glucose("5.6"), potassium, control_id="F"))

    scene.process(sent(glucose("5.6", status="D"), control_id="D", released=TEN, order=""))

    assert Report.objects.get().status == "corrected"


def test_older_release_does_not_overwrite_a_newer(scene: Scene) -> None:
    scene.process(sent(glucose("6.5"), control_id="N", released=TEN))

    scene.process(sent(glucose("5.6"), control_id="O", released=NINE))

    assert versions() == [(1, "final", SECOND, True)]
    assert "overtaken" in told("O")


TIME_POINTS = (
    pytest.param({"at": "20261120070000"}, {"at": "20261120090000"}, id="OBX-14"),
    pytest.param({"sub_id": "1"}, {"sub_id": "2"}, id="OBX-4"),
)


@pytest.mark.parametrize(("first", "second"), TIME_POINTS)
@pytest.mark.parametrize("apart", [True, False], ids=["two messages", "one message"])
def test_time_points_of_one_code_do_not_overwrite_each_other(
    scene: Scene, first: dict[str, str], second: dict[str, str], apart: bool
) -> None:
    points = [glucose("5.6", **first), glucose("9.1", **second)]
    messages = (
        [sent(one, control_id=f"M{n}") for n, one in enumerate(points)] if apart else [sent(*points, control_id="M")]
    )

    scene.process(*messages)

    assert {(row[0], row[2], row[3]) for row in versions()} == {(1, FIRST, True), (1, Decimal("9.1"), True)}


@pytest.mark.parametrize(("first", "second"), TIME_POINTS)
def test_correction_of_a_time_point_replaces_that_one_only(
    scene: Scene, first: dict[str, str], second: dict[str, str]
) -> None:
    scene.process(sent(glucose("5.6", **first), glucose("9.1", **second), control_id="M"))

    scene.process(sent(glucose("8.8", status="C", **second), control_id="C", released=TEN))

    assert sorted((row.version, row.value) for row in Result.objects.filter(is_current=True)) == [
        (1, FIRST),
        (2, Decimal("8.8")),
    ]


def test_correction_with_another_time_of_observation_means_the_only_result(scene: Scene) -> None:
    scene.process(sent(glucose("5.6"), control_id="F"))

    scene.process(sent(glucose("5.6", status="C", at="20261120063000"), control_id="C", released=TEN))

    assert [(row[0], row[3]) for row in versions()] == [(1, False), (2, True)]


def test_same_codes_of_two_specimens_are_two_results(scene: Scene) -> None:
    fasting, later = "SPM|1|S1^S1||SER", "SPM|1|S2^S2||SER"

    scene.process(sent(glucose("5.6"), fasting, control_id="1"), sent(glucose("9.1"), later, control_id="2"))

    assert {row[2] for row in versions() if row[3]} == {FIRST, Decimal("9.1")}


def test_final_result_without_a_value_is_no_correction_of_another(scene: Scene) -> None:
    scene.process(sent(glucose("***.**"), control_id="F"))

    assert [(row[0], row[1]) for row in versions()] == [(1, "withdrawn")]
    assert "original-missing" not in told("F")


def test_amended_report_in_its_real_form(scene: Scene) -> None:
    """A metabolic panel and its amendment as a laboratory system sends them: all results again, one of them changed."""
    panel = [
        "ORC|RE|PL1|SX1||CM||||20261120070000",
        OBR,
        glucose("5.6"),
        "NTE|1|L|fasting",
        "OBX|2|NM|2823-3^Potassium^LN||4.1|mmol/L^^UCUM|3.5-5.1|N|||F|||20261120070000",
    ]
    amended = [
        panel[0],
        OBR.replace(NINE, TEN).replace("|||F", "|||C"),
        glucose("5.6"),
        "OBX|2|NM|2823-3^Potassium^LN||5.9|mmol/L^^UCUM|3.5-5.1|H|||C|||20261120070000",
    ]

    scene.process(message(PID, *panel, control_id="A"), message(PID, *amended, control_id="B"))

    current = Result.objects.filter(is_current=True).order_by("version")
    assert [(row.version, row.status, row.value) for row in current] == [
        (1, "final", FIRST),
        (2, "corrected", Decimal("5.9")),
    ]
    assert (Report.objects.get().status, Report.objects.get().version) == ("corrected", 2)


def written(days: int) -> str:
    """Return MSH-7 of a message that is written so many days from now."""
    return f"{timezone.localtime() + dt.timedelta(days=days):%Y%m%d%H%M%S}"


@pytest.fixture
def operator(scene: Scene) -> User:
    user: User = UserFactory()
    bind(user, "operator", scene.laboratory.facility)
    return user


def changed_back(scene: Scene, *, msh7: str) -> InboxMessage:
    """Store 5.6, correct it to 6.5, and send 5.6 again under `F` without a release; return that message."""
    scene.process(sent(glucose("5.6"), control_id="A", released=""))
    scene.process(sent(glucose("6.5"), control_id="B", released=""))
    scene.process(message(PID, OBR.replace(NINE, ""), glucose("5.6"), control_id="A2", at=msh7))
    return InboxMessage.objects.get(control_id="A2")


def test_old_message_sent_again_under_another_number_changes_nothing(scene: Scene) -> None:
    again = changed_back(scene, msh7=written(-1))

    assert (again.state, "overtaken" in told("A2")) == ("duplicate", True)
    assert [row[2] for row in versions() if row[3]] == [SECOND]


@pytest.mark.parametrize("msh7", [written(1), ""], ids=["written since", "not told when"])
def test_what_may_be_changed_back_is_held_and_delays_only_its_report(scene: Scene, msh7: str) -> None:
    again = changed_back(scene, msh7=msh7)
    scene.process(message(PID, OBR.replace("SX1", "SX2"), glucose("4.4"), control_id="N"))

    assert (again.state, again.reason) == ("held", "changed-back")
    assert scene.states()[-1] == ("stored", "")
    assert {row[2] for row in versions() if row[3]} == {SECOND, Decimal("4.4")}
    assert "5.6" not in json.dumps(again.findings)


def test_person_affirms_what_was_changed_back(scene: Scene, operator: User) -> None:
    again = changed_back(scene, msh7=written(1))

    affirm_message(again.pk, why="the laboratory, by telephone", by=operator, at=timezone.now())
    process_waiting(timezone.now())

    assert versions() == [(1, "final", FIRST, False), (2, "corrected", SECOND, False), (3, "corrected", FIRST, True)]
    assert chain() == [None, 1, 2]
    assert AuditEvent.objects.get(action="affirm").detail == {"why": "the laboratory, by telephone"}


def test_only_what_was_changed_back_can_be_affirmed(scene: Scene, operator: User) -> None:
    scene.process(message(PID, OBR, "OBX|1|NM|XYZ^Xyz^L||5.6|mmol/L|||||F", control_id="H"))

    with pytest.raises(Conflict, match="changed back"):
        affirm_message(InboxMessage.objects.get().pk, why="all is well", by=operator, at=timezone.now())

    assert scene.states() == [("held", "code-unknown")]


def test_old_message_that_was_held_is_set_aside_and_the_report_goes_on(scene: Scene, operator: User) -> None:
    again = changed_back(scene, msh7=written(1))
    scene.process(sent(glucose("7.7", status="C"), control_id="C", released=TEN))
    assert scene.states()[-1] == ("received", "")

    set_aside_message(again.pk, why="sent again by the interface", by=operator, at=timezone.now())
    process_waiting(timezone.now())

    assert [row[2] for row in versions()] == [FIRST, SECOND, Decimal("7.7")]
