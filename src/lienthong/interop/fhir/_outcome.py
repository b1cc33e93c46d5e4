"""Findings as an OperationOutcome."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.findings import Finding
from lienthong.interop.fhir._json import Element


def operation_outcome(findings: Iterable[Finding], *, is_fatal: bool = True) -> Element:
    """Return an OperationOutcome with an issue for each finding: fatal where nothing could be read, else a warning.

    Messages name positions only, never a patient's value, and so does the outcome.
    """
    severity = "fatal" if is_fatal else "warning"
    issues = [
        {
            "severity": severity,
            "code": "structure" if is_fatal else "value",
            "details": {"text": finding.code},
            "diagnostics": finding.message,
            "expression": [finding.where],
        }
        for finding in findings
    ]
    return {"resourceType": "OperationOutcome", "issue": issues or [{"severity": severity, "code": "unknown"}]}
