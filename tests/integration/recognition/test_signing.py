from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.core import UserFactory
from tests.factories.recognition import publish_level
from tests.factories.registry import FacilityFactory, bind
from tests.integration.recognition.conftest import NOW, ControlTable, Ward, check, marked

from lienthong.core.models import AuditEvent, User
from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.recognition import actions, reads
from lienthong.recognition.actions import Choice
from lienthong.registry.models import Region

HOUR = dt.timedelta(hours=1)
LATER = NOW + HOUR / 2


@pytest.fixture
def checked(region: Region, ward: Ward, clinician: User, controls: ControlTable) -> reads.OrderCheckFacts:
    """An order of three: glucose and urea stand, creatinine is too old, and nothing is known of cholesterol."""
    for item, hours in (("GLU", 2), ("UREA", 3), ("CREA", 60)):
        ward.result(marked(region, item), collected=NOW - hours * HOUR)
    facts = check(ward, clinician, ("GLU", "UREA", "CREA", "TC"))
    assert [line.outcome.value for line in facts.lines] == ["stands", "stands", "for_reference", "no_earlier_result"]
    return facts


def sign(
    facts: reads.OrderCheckFacts, by: User, choices: dict[str, Choice], at: dt.datetime = LATER
) -> reads.OrderCheckFacts:
    return actions.sign_order(check_id=facts.id, choices=choices, by=by, at=at)


def test_reuse_repeat_and_order_are_kept_with_version_and_reason(
    checked: reads.OrderCheckFacts,
    clinician: User,
) -> None:
    signed = sign(checked, clinician, {"GLU": Choice("reuse"), "UREA": Choice("repeat", "condition_changed")})

    kept = [(line.item, line.choice, line.reason_code, line.result_version) for line in signed.lines]
    assert kept == [
        ("GLU", "reuse", "", 1),
        ("UREA", "repeat", "condition_changed", 1),
        ("CREA", "order", "", 1),
        ("TC", "order", "", None),
    ]
    assert signed.signed_at == LATER
    assert AuditEvent.objects.get(action="sign-order").detail == {"reused": 1, "repeated": 1, "ordered": 2}


def test_what_is_for_reference_may_be_reused_anyway(checked: reads.OrderCheckFacts, clinician: User) -> None:
    signed = sign(checked, clinician, {item: Choice("reuse") for item in ("GLU", "UREA", "CREA")})

    assert [line.choice for line in signed.lines] == ["reuse", "reuse", "reuse", "order"]


@pytest.mark.parametrize(
    ("choices", "findings"),
    [
        pytest.param({}, {("GLU", "choice-missing"), ("UREA", "choice-missing")}, id="nothing chosen"),
        pytest.param(
            {"GLU": Choice("repeat"), "UREA": Choice("repeat", "bored")},
            {("GLU", "reason-missing"), ("UREA", "reason-unknown")},
            id="no reason, no such reason",
        ),
        pytest.param(
            {"GLU": Choice("repeat", "other", "  "), "UREA": Choice("repeat", "other", "x" * 501)},
            {("GLU", "text-missing"), ("UREA", "text-long")},
            id="words missing, too many words",
        ),
        pytest.param(
            {"GLU": Choice("order"), "UREA": Choice("reuse"), "TC": Choice("reuse"), "K": Choice("order")},
            {("GLU", "not-offered"), ("TC", "not-offered"), ("K", "not-ordered")},
            id="what is not offered",
        ),
    ],
)
def test_wrong_choices_are_all_named_and_nothing_is_kept(
    checked: reads.OrderCheckFacts,
    clinician: User,
    choices: dict[str, Choice],
    findings: set[tuple[str, str]],
) -> None:
    with pytest.raises(BadInput) as raised:
        sign(checked, clinician, choices)

    assert {(one.where, one.code) for one in raised.value.findings} == findings
    assert {line.choice for line in reads.order_check(checked.id).lines} == {""}


def test_signed_order_does_not_change(checked: reads.OrderCheckFacts, clinician: User) -> None:
    sign(checked, clinician, {"GLU": Choice("reuse"), "UREA": Choice("reuse")})

    with pytest.raises(Conflict):
        sign(checked, clinician, {"GLU": Choice("repeat", "condition_changed"), "UREA": Choice("reuse")})

    assert reads.order_check(checked.id).lines[0].choice == "reuse"


def test_emergency_is_signed_without_a_question(
    region: Region,
    ward: Ward,
    clinician: User,
    controls: ControlTable,
) -> None:
    ward.result(marked(region), collected=NOW - HOUR)
    facts = check(ward, clinician, encounter_class="emergency")

    signed = sign(facts, clinician, {})

    assert [line.choice for line in signed.lines] == ["order"]


def test_result_that_has_a_newer_version_cannot_be_reused_unseen(
    checked: reads.OrderCheckFacts,
    ward: Ward,
    clinician: User,
) -> None:
    from lienthong.results.models import Result

    Result.objects.filter(pk=checked.lines[0].result_id).update(is_current=False)

    with pytest.raises(Conflict):
        sign(checked, clinician, {"GLU": Choice("reuse"), "UREA": Choice("reuse")})


def test_window_that_closed_since_the_check_asks_for_a_new_check(
    checked: reads.OrderCheckFacts,
    clinician: User,
) -> None:
    with pytest.raises(Conflict):
        sign(checked, clinician, {"GLU": Choice("reuse"), "UREA": Choice("reuse")}, at=NOW + 22 * HOUR)


def test_order_of_another_facility_cannot_be_signed(checked: reads.OrderCheckFacts) -> None:
    stranger = UserFactory()
    bind(stranger, "clinician", FacilityFactory())

    with pytest.raises(NotAllowed):
        sign(checked, stranger, {})


# Feedback of connected systems


@pytest.fixture
def card(region: Region, ward: Ward, worker: User, controls: ControlTable) -> reads.OrderCheckFacts:
    """A card with two suggestions, and an item without an earlier result."""
    publish_level(ward.record.facility, 2)
    for item in ("GLU", "UREA"):
        ward.result(marked(region, item), collected=NOW - HOUR)
    return check(ward, worker, ("GLU", "UREA", "TC"), channel="cds_hooks")


def test_accepted_suggestions_are_reuses_and_the_rest_stays_open(card: reads.OrderCheckFacts, worker: User) -> None:
    taken = {card.lines[1].suggestion_uuid}

    facts = actions.record_feedback(card_uuid=card.card_uuid, outcome="accepted", accepted=taken, by=worker, at=LATER)

    assert [line.choice for line in facts.lines] == ["", "reuse", ""]


def test_accepted_card_without_named_suggestions_is_a_reuse_of_all_that_stands(
    card: reads.OrderCheckFacts, worker: User
) -> None:
    facts = actions.record_feedback(card_uuid=card.card_uuid, outcome="accepted", by=worker, at=LATER)

    assert [line.choice for line in facts.lines] == ["reuse", "reuse", ""]


@pytest.mark.parametrize(
    ("code", "kept"),
    [pytest.param("does_not_fit", "does_not_fit", id="coded"), pytest.param("", "not_given", id="none")],
)
def test_overridden_card_is_a_repeat_with_its_reason(
    card: reads.OrderCheckFacts, worker: User, code: str, kept: str
) -> None:
    facts = actions.record_feedback(
        card_uuid=card.card_uuid, outcome="overridden", reason_code=code, reason_text="pale", by=worker, at=LATER
    )

    assert [(line.choice, line.reason_code, line.reason_text) for line in facts.lines[:2]] == [
        ("repeat", kept, "pale"),
        ("repeat", kept, "pale"),
    ]


def test_same_feedback_twice_changes_nothing_and_a_new_check_keeps_what_was_chosen(
    card: reads.OrderCheckFacts, ward: Ward, worker: User
) -> None:
    for _again in range(2):
        actions.record_feedback(card_uuid=card.card_uuid, outcome="accepted", by=worker, at=LATER)

    facts = check(ward, worker, ("GLU", "UREA", "TC"), channel="cds_hooks", at=LATER)

    assert sorted((line.item, line.choice) for line in facts.lines) == [("GLU", "reuse"), ("TC", ""), ("UREA", "reuse")]
    assert AuditEvent.objects.filter(action="feedback-on-card").count() == 1


def test_feedback_for_a_strange_card_reason_or_outcome_is_refused(card: reads.OrderCheckFacts, worker: User) -> None:
    with pytest.raises(NotFound):
        actions.record_feedback(card_uuid="none", outcome="accepted", by=worker, at=LATER)
    with pytest.raises(NotFound):
        actions.record_feedback(card_uuid=card.card_uuid, outcome="accepted", facility_id=0, by=worker, at=LATER)
    with pytest.raises(BadInput) as raised:
        actions.record_feedback(card_uuid=card.card_uuid, outcome="lost", reason_code="bored", by=worker, at=LATER)

    assert {one.code for one in raised.value.findings} == {"outcome-unknown", "reason-unknown"}
