"""Issues as an OperationOutcome."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.interop.fhir._issues import Issue
from lienthong.interop.fhir._json import Element


def operation_outcome(issues: Iterable[Issue]) -> Element:
    """Return an OperationOutcome with its issues in order; without any, a fatal one of code `unknown`.

    `details.text` is the rule, `diagnostics` the sentence, `expression` the place (FHIR R4, OperationOutcome). Messages
    name places only, never a patient's value, and so does the outcome.
    """
    found = [_entry(issue) for issue in issues]
    return {"resourceType": "OperationOutcome", "issue": found or [{"severity": "fatal", "code": "unknown"}]}


def _entry(issue: Issue) -> Element:
    entry: Element = {"severity": issue.severity, "code": issue.code}
    if issue.rule:
        entry["details"] = {"text": issue.rule}
    entry["diagnostics"] = issue.message
    if issue.place:
        entry["expression"] = [issue.place]
    return entry
