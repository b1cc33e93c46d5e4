"""Controls of a batch of messages go to quality control in one act; what can't is kept as waiting, or told."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import DataError, IntegrityError, transaction

from lienthong.core.models import User
from lienthong.errors import LienthongError
from lienthong.exchange.controls.reading import ControlsRead, UnknownMaterial
from lienthong.exchange.models import HeldControl, Source
from lienthong.findings import Finding
from lienthong.iqc import actions as iqc
from lienthong.iqc.actions import GivenControl
from lienthong.results.actions import Outcome

log = logging.getLogger(__name__)

# What nobody foresaw in one message; a lost connection is not among them, the batch is then tried again.
_UNFORESEEN = (ArithmeticError, LookupError, TypeError, ValueError, DataError, IntegrityError, LienthongError)
_COULD_NOT = Finding(
    "MSH", "unforeseen", "The controls could not be recorded; tell the operator of the platform the message's number."
)


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """What became of the controls of a message: values stored and known before, materials that wait, and refusals."""

    stored: int = 0
    unchanged: int = 0
    waiting: int = 0
    refused: tuple[Finding, ...] = ()


def store_controls(read: Mapping[int, ControlsRead], *, by: User, at: dt.datetime) -> dict[int, ControlOutcome]:
    """Record the controls of messages, by the messages' keys, and say what became of each.

    One act for all; where it fails for a reason that nobody foresaw, each message is recorded by itself, so that what
    is wrong with one does not hold the others.
    """
    if not read:
        return {}
    _hold_unknown(read, at=at)
    try:
        with transaction.atomic():
            return _record(read, by=by, at=at)
    except _UNFORESEEN as error:
        if len(read) > 1:
            return {key: store_controls({key: one}, by=by, at=at)[key] for key, one in read.items()}
        ((key, one),) = read.items()
        log.error("controls of message %d could not be recorded: %s", key, type(error).__name__)
        return {key: ControlOutcome(waiting=len(one.unknown), refused=(*one.refused, _COULD_NOT))}


def join_outcomes(outcome: Outcome, control: ControlOutcome | None, *, has_patients: bool) -> Outcome:
    """Return what became of a message as a whole: of its patients' results, as `outcome` says, and of its controls.

    A message with controls only is `control` once anything of it is recorded, and held while nothing is. A refused
    control holds the message, since a person has to look at it.
    """
    if control is None:
        return outcome
    whole = replace(
        outcome,
        findings=(*outcome.findings, *control.refused),
        results_held=outcome.results_held + control.waiting,
    )
    if control.refused:
        return replace(whole, state="held", reason=outcome.reason or "control-refused")
    if has_patients:
        return whole
    if control.stored or not (control.waiting or outcome.results_held or control.unchanged):
        return replace(whole, state="control", reason="")
    if control.unchanged:
        return replace(whole, state="control" if whole.results_held else "duplicate", reason="")
    return replace(whole, state="held", reason="control-unknown" if control.waiting else outcome.reason)


def _record(read: Mapping[int, ControlsRead], *, by: User, at: dt.datetime) -> dict[int, ControlOutcome]:
    placed: list[tuple[int, GivenControl]] = [(key, one) for key, found in read.items() for one in found.given]
    source = ", ".join(sorted({found.source for found in read.values() if found.given}))[:200]
    recorded = iqc.record_controls([one for _key, one in placed], source=source, by=by, at=at)
    outcomes = {}
    for key, found in read.items():
        places = {place for place, (owner, _one) in enumerate(placed) if owner == key}
        outcomes[key] = ControlOutcome(
            stored=len(places & recorded.stored),
            unchanged=len(places & recorded.unchanged),
            waiting=len(found.unknown),
            refused=(*found.refused, *(recorded.refused[place] for place in sorted(places & recorded.refused.keys()))),
        )
    return outcomes


def _hold_unknown(read: Mapping[int, ControlsRead], *, at: dt.datetime) -> None:
    """Write which controls wait for a mapping, and release those that waited and wait no longer."""
    sources = dict(Source.objects.filter(code__in={one.source for one in read.values()}).values_list("code", "id"))
    waiting = HeldControl.objects.waiting().filter(inbox_id__in=list(read))
    for row in waiting:
        if row.position not in {one.position for one in read[row.inbox_id].unknown}:
            row.released_at = at
            row.save(update_fields=["released_at"])
    rows = [_held(key, sources[found.source], one, at) for key, found in read.items() for one in found.unknown]
    HeldControl.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["inbox_id", "position"],
        update_fields=["source", "material", "lot", "level", "name", "asked_on", "released_at"],
    )


def _held(inbox_id: int, source_id: int, one: UnknownMaterial, at: dt.datetime) -> HeldControl:
    told = one.told
    return HeldControl(
        source_id=source_id,
        inbox_id=inbox_id,
        position=one.position[:20],
        material=_clean(told.material, 100),
        lot=_clean(told.lot, 60),
        level=_clean(told.level, 40),
        name=_clean(told.name, 200),
        asked_on=one.asked_on,
        held_at=at,
    )


def _clean(text: str, length: int) -> str:
    return text.replace("\0", "")[:length]
