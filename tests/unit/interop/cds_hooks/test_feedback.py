from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lienthong.interop.cds_hooks import Feedback, Json, read_feedback

ENTRY: dict[str, Json] = {"card": "c1", "outcome": "accepted", "outcomeTimestamp": "2026-10-01T08:00:00+07:00"}
AT = datetime(2026, 10, 1, 1, tzinfo=UTC)


def test_read_feedback_accepted_suggestions_are_listed() -> None:
    read, findings = read_feedback({"feedback": [{**ENTRY, "acceptedSuggestions": [{"id": "s1"}, {"id": "s2"}]}]})

    assert findings == ()
    assert read == (Feedback(card="c1", outcome="accepted", at=AT, accepted_suggestions=("s1", "s2")),)


def test_read_feedback_override_has_reason_and_comment() -> None:
    reason: Json = {"reason": {"code": "condition-changed", "system": "urn:x"}, "userComment": "sốt cao"}

    read, findings = read_feedback({"feedback": [{**ENTRY, "outcome": "overridden", "overrideReason": reason}]})

    assert findings == ()
    assert (read[0].outcome, read[0].reason_code, read[0].reason_system) == ("overridden", "condition-changed", "urn:x")
    assert read[0].comment == "sốt cao"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"card": ""}, "feedback[1].card"),
        ({"outcome": "ignored"}, "feedback[1].outcome"),
        ({"outcomeTimestamp": "2026-10-01T08:00:00"}, "feedback[1].outcomeTimestamp"),
        ({"outcomeTimestamp": "yesterday"}, "feedback[1].outcomeTimestamp"),
    ],
)
def test_read_feedback_faulty_entry_is_named_and_the_others_read(change: dict[str, Json], where: str) -> None:
    read, findings = read_feedback({"feedback": [ENTRY, {**ENTRY, **change}]})

    assert [feedback.card for feedback in read] == ["c1"]
    assert [finding.where for finding in findings] == [where]


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": "none"}, [], None])
def test_read_feedback_without_entries_gives_a_finding(body: Json) -> None:
    read, findings = read_feedback(body)

    assert read == ()
    assert [finding.where for finding in findings] == ["feedback"]
