"""A signed order: what is reused, what is ordered and why, and what that saves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.templatetags.numbers import moment
from lienthong.portal.evidence import Comment, Shelf
from lienthong.portal.presenters.amounts import Saving, saving_of
from lienthong.portal.presenters.filled import collected_words
from lienthong.portal.presenters.order_check import ORDER, REPEAT, REUSE, policy_of
from lienthong.portal.presenters.values import ShownValue, as_compared
from lienthong.recognition import reads as recognition
from lienthong.registry.reads import FacilityFacts


@dataclass(frozen=True, slots=True)
class ReusedRow:
    name: str
    value: ShownValue | None
    facility: str
    collected: str
    version: int | None
    report_id: int | None
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class OrderedRow:
    name: str
    is_repeat: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptView:
    number: str
    signed_at: dt.datetime | None
    signed_by: str
    title: str
    reused: tuple[ReusedRow, ...]
    ordered: tuple[OrderedRow, ...]
    saving: Saving | None


def receipt_view(check: recognition.OrderCheckFacts, *, facility: FacilityFacts, shelf: Shelf) -> ReceiptView:
    """Return the receipt of a signed check."""
    policy = policy_of(check, facility=facility)
    code = policy.pack.code
    reused = [line for line in check.lines if line.choice == REUSE]
    ordered = [line for line in check.lines if line.choice in (REPEAT, ORDER)]
    return ReceiptView(
        number=check.number,
        signed_at=check.signed_at,
        signed_by=check.user_label,
        title=_title(reused=len(reused), ordered=len(ordered)),
        reused=tuple(_reused(line, shelf=shelf, jurisdiction=code) for line in reused),
        ordered=tuple(
            OrderedRow(
                name=recognition.item_name(line.item, jurisdiction=code),
                is_repeat=line.choice == REPEAT,
                reason=_reason(line, jurisdiction=code),
            )
            for line in ordered
        ),
        saving=saving_of([line.item for line in reused], policy=policy) if reused else None,
    )


def _title(*, reused: int, ordered: int) -> str:
    first = ngettext("%(number)s test is reused", "%(number)s tests are reused", reused) % {"number": reused}
    second = ngettext("%(number)s test is ordered", "%(number)s tests are ordered", ordered) % {"number": ordered}
    return _("%(reused)s, %(ordered)s") % {"reused": first, "ordered": second}


def _reused(line: recognition.LineFacts, *, shelf: Shelf, jurisdiction: str) -> ReusedRow:
    held = shelf.get(line.result_id)
    return ReusedRow(
        name=recognition.item_name(line.item, jurisdiction=jurisdiction),
        value=as_compared(held.result, held.analyte, held.procedure) if held else None,
        facility=held.facility.name if held else "",
        collected=collected_words(held.result.collected_at, [held.result]) if held else moment(None),
        version=line.result_version,
        report_id=held.result.report_id if held else None,
        comments=held.comments if held else (),
    )


def _reason(line: recognition.LineFacts, *, jurisdiction: str) -> str:
    if not line.reason_code:
        return ""
    name = recognition.exception_name(line.reason_code, jurisdiction=jurisdiction)
    return f"{name}: {line.reason_text}" if line.reason_text else name
