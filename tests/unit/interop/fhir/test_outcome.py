"""Issues and findings make one form of OperationOutcome, which is itself valid."""

from __future__ import annotations

from typing import get_args

import pytest

from lienthong.findings import Finding
from lienthong.interop.fhir import Issue, IssueCode, Unreadable, issue_of, operation_outcome
from lienthong.interop.fhir.r4 import check, parse_json, value_set


def test_outcome_has_an_issue_for_each() -> None:
    issues = [
        Issue("error", "required", "Observation", "code is missing", "cardinality"),
        Issue("warning", "value", "", "the text is long"),
    ]

    outcome = operation_outcome(issues)

    assert outcome["issue"] == [
        {
            "severity": "error",
            "code": "required",
            "details": {"text": "cardinality"},
            "diagnostics": "code is missing",
            "expression": ["Observation"],
        },
        {"severity": "warning", "code": "value", "diagnostics": "the text is long"},
    ]
    assert check(outcome) == ()


def test_codes_are_those_of_r4() -> None:
    (codes,) = (value_set("issue-type") or {}).values()

    assert set(get_args(IssueCode)) == codes


def test_outcome_of_nothing_is_fatal_and_unknown() -> None:
    outcome = operation_outcome([])

    assert outcome["issue"] == [{"severity": "fatal", "code": "unknown"}]
    assert check(outcome) == ()


@pytest.mark.parametrize(("severity", "code"), [("fatal", "structure"), ("warning", "value")])
def test_finding_of_other_material_becomes_an_issue(severity: str, code: str) -> None:
    finding = Finding("PID-7", "not-a-date", "PID-7 is not a date")

    issue = issue_of(finding, severity)  # type: ignore[arg-type]

    assert issue == Issue(severity, code, "PID-7", "PID-7 is not a date", "not-a-date")  # type: ignore[arg-type]
    assert check(operation_outcome([issue])) == ()


def test_what_cannot_be_read_makes_an_outcome() -> None:
    with pytest.raises(Unreadable) as caught:
        parse_json(b"{")

    outcome = operation_outcome(caught.value.issues)

    assert check(outcome) == ()
    assert "line 1" in str(caught.value)
