"""What was chosen on the order-check page and what is wrong with it: a page with faults keeps what was filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.recognition.reads import OrderCheckFacts, item_name

_FIELDS = {"reason-missing": "reason", "reason-unknown": "reason", "text-missing": "text", "text-long": "text"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The fields of one item as filled in."""

    choice: str
    reason: str
    text: str
    error: str
    error_field: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An error for the list at the top, with the field it leads to."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class SigningView:
    items: Mapping[str, Chosen]
    shared_reason: str
    shared_text: str
    faults: tuple[Fault, ...]


def signing_view(
    check: OrderCheckFacts, *, posted: Mapping[str, str], findings: Sequence[Finding], jurisdiction: str
) -> SigningView:
    """Return what the form shows; nothing is chosen before the clinician chooses."""
    by_item = {finding.where: finding for finding in findings}
    return SigningView(
        items={line.item: _chosen(line.item, posted, by_item.get(line.item)) for line in check.lines},
        shared_reason=posted.get("reason-all", ""),
        shared_text=posted.get("text-all", ""),
        faults=tuple(
            Fault(
                field=f"{_FIELDS.get(finding.code, 'choice')}-{finding.where}",
                message=f"{item_name(finding.where, jurisdiction=jurisdiction)}: {finding.message}",
            )
            for finding in findings
        ),
    )


def _chosen(item: str, posted: Mapping[str, str], finding: Finding | None) -> Chosen:
    return Chosen(
        choice=posted.get(f"choice-{item}", ""),
        reason=posted.get(f"reason-{item}", ""),
        text=posted.get(f"text-{item}", ""),
        error=finding.message if finding else "",
        error_field=_FIELDS.get(finding.code, "choice") if finding else "",
    )
