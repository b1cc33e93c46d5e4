"""What is wrong with a resource, and where: the parts of OperationOutcome.issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lienthong.findings import Finding

MOST_ISSUES = 1000  # that are told of one resource; what is in it is not looked at any further then
Severity: TypeAlias = Literal["fatal", "error", "warning", "information"]
# The codes of http://hl7.org/fhir/issue-type (FHIR R4, OperationOutcome).
IssueCode: TypeAlias = Literal[
    "invalid",
    "structure",
    "required",
    "value",
    "invariant",
    "security",
    "login",
    "unknown",
    "expired",
    "forbidden",
    "suppressed",
    "processing",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-long",
    "code-invalid",
    "extension",
    "too-costly",
    "business-rule",
    "conflict",
    "transient",
    "lock-error",
    "no-store",
    "exception",
    "timeout",
    "incomplete",
    "throttled",
    "informational",
]


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault: `place` as simple FHIRPath (`Observation.component[1].valueQuantity.value`), and one sentence.

    `code` is FHIR's kind of the issue, `rule` the key of the rule that was broken (`obs-6`, `unknown-element`). The
    message says what was found and what is allowed, never a patient's value.
    """

    severity: Severity
    code: IssueCode
    place: str
    message: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.rule or self.code}]"

    def below(self, place: str) -> Issue:
        """Return the issue as seen from a container, which writes `place` before its own."""
        return Issue(self.severity, self.code, place + self.place, self.message, self.rule)


def issue_of(finding: Finding, severity: Severity = "fatal") -> Issue:
    """Return a finding of other material (`PID-7`) as an issue; its code becomes the rule."""
    code: IssueCode = "structure" if severity == "fatal" else "value"
    return Issue(severity, code, finding.where, finding.message, finding.code)


class Unreadable(ValueError):
    """Raised for bytes that are no resource in JSON or XML; `issues` says what is wrong, at least one."""

    def __init__(self, *issues: Issue) -> None:
        self.issues = issues
        super().__init__("\n".join(str(issue) for issue in issues))
