"""Stores result messages in bulk: read all, mark all, then patients, reports, and what is held, each by one statement.

Where one of them can't be stored, the attempt is taken back and made again without it; where nobody foresaw the fault,
with the first half of the messages only, until the message is found. Rows are so locked in the same order by everyone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.db import transaction

from lienthong.core.models import User
from lienthong.exchange.controls.reading import ControlsRead, read_controls
from lienthong.exchange.controls.storing import ControlOutcome, join_outcomes, store_controls
from lienthong.exchange.deliveries.element_places import in_file
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.bundles import is_bundle
from lienthong.exchange.processing.desk import Desk
from lienthong.exchange.processing.joining import join_orders
from lienthong.exchange.processing.marking import mark_all
from lienthong.exchange.processing.message_read import MessageRead
from lienthong.exchange.processing.outcomes import UNFORESEEN, Opened, registered, unforeseen
from lienthong.exchange.processing.reading import read_message
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.results import actions as results
from lienthong.results.actions import (
    ChangedBack,
    HeldOfMessage,
    Outcome,
    PatientOutcome,
    ReportClaim,
    ReportOfAnotherPatient,
    Stored,
    Waiting,
)
from lienthong.results.reads import processed_before

OVERTAKEN = Finding("OBX", "overtaken", "Later versions of some results are stored already; these changed nothing.")
UNFOUNDED = Finding("OBX-11", "original-missing", "OBX-11 corrects or withdraws results that were never received.")
JOINED = Finding("OBX", "original-joined", "Corrections of some results came first and stand; these are the originals.")


class _Held(Exception):
    """Raised to take an attempt back: some of its messages must be held.

    `in_doubt` are those of which a person must say who the patient is; what was found of them is kept for that person.
    """

    def __init__(self, outcomes: Sequence[Outcome], in_doubt: Sequence[_Read] = ()) -> None:
        super().__init__()
        self.outcomes = {one.inbox_id: one for one in outcomes}
        self.in_doubt = in_doubt


@dataclass(frozen=True, slots=True)
class _Read:
    """A message that can be stored as far as it tells by itself.

    `refusal` says why nothing is stored of its patients, where only its controls can be.
    """

    waiting: Waiting
    message: MessageRead
    controls: ControlsRead | None = None
    refusal: Outcome | None = None

    @property
    def is_held(self) -> bool:
        """Whether those behind it in its lane must wait."""
        return self.refusal is not None or (self.message.is_held and not (self.controls and self.controls.given))


def open_results(waiting: Sequence[Waiting], desk: Desk, by: User, at: dt.datetime) -> Opened:
    """Read claimed messages of results, given in order of arrival."""
    read, outcomes = _read_all(waiting, desk)
    names = [name for one in read for name in one.message.lock_names()]
    kinds = {one.id: one.message_type for one in waiting}
    return Opened(names, partial(_store_all, read, outcomes, kinds, desk, by=by, at=at))


def _store_all(
    read: list[_Read],
    outcomes: dict[int, Outcome],
    kinds: Mapping[int, str],
    desk: Desk,
    *,
    by: User,
    at: dt.datetime,
) -> list[Outcome]:
    """Store what was read; messages behind a held one of their lane have no outcome. `kinds` are their types."""
    read = _join(read, desk, outcomes, by=by, at=at)
    doubted: list[_Read] = []
    while read:
        try:
            with transaction.atomic():
                outcomes |= _store(read, by=by, at=at)
            break
        except _Held as told:
            outcomes |= told.outcomes
            doubted += told.in_doubt
            read = _not_behind(read, told.outcomes)
        except UNFORESEEN as error:
            if len(read) == 1:
                outcomes[read[0].waiting.id] = unforeseen(read[0].waiting, error)
            read = read[: len(read) // 2]
    for cleared in _keep_doubts(doubted, by=by, at=at):
        del outcomes[cleared]
    return [replace(one, findings=in_file(kinds[one.inbox_id], one.findings)) for one in outcomes.values()]


def _join(read: Sequence[_Read], desk: Desk, outcomes: dict[int, Outcome], *, by: User, at: dt.datetime) -> list[_Read]:
    """Find by their orders whose the ownerless results are. Where that is not known, only the controls are left."""
    told = join_orders([(one.waiting, one.message) for one in read], desk, by=by, at=at)
    if not told:
        return list(read)
    left: list[_Read] = []
    closed: set[str] = set()
    for one in read:
        if one.waiting.lane in closed:
            continue
        if one.waiting.id not in told:
            left.append(one)
            closed |= {one.waiting.lane} if one.is_held else set()
            continue
        closed.add(one.waiting.lane)
        outcome = _waits(one, told[one.waiting.id])
        if one.controls is None:
            outcomes[one.waiting.id] = outcome
        else:
            message = replace(one.message, patients=[], ownerless=[], held=list(one.controls.held))
            left.append(replace(one, message=message, refusal=outcome))
    return left


def _keep_doubts(doubted: Sequence[_Read], *, by: User, at: dt.datetime) -> list[int]:
    """Keep what was found of patients in doubt, for the person who decides; return the messages not in doubt any more.

    The doubt is about those whom the batch stored, so that they come first. A message whose doubt went with one that
    was not stored has no outcome: the next batch takes it.
    """
    people = _find_patients(sorted(doubted, key=lambda one: one.waiting.id), by=by, at=at)
    return [message for message, found in people.items() if all(who.record_id is not None for who in found)]


def _read_all(waiting: Sequence[Waiting], desk: Desk) -> tuple[list[_Read], dict[int, Outcome]]:
    """Read messages; what can't be stored, and what came before, has its outcome at once.

    A message of the same bytes was sent again. A Bundle of the same bytes may take a later change back.
    """
    numbered = [one for one in waiting if not is_bundle(one)]
    before = processed_before([(one.id, one.source, one.digest) for one in numbered if one.source])
    read: list[_Read] = []
    outcomes: dict[int, Outcome] = {}
    closed: set[str] = set()
    bytes_seen: set[tuple[str, str]] = set()
    for one in waiting:
        if one.lane in closed:
            continue
        if (one.source, one.digest) in bytes_seen:  # the next batch can tell whether it was stored whole
            closed.add(one.lane)
            continue
        if not is_bundle(one):
            bytes_seen.add((one.source, one.digest))
        if one.id in before:
            outcomes[one.id] = Outcome(inbox_id=one.id, state="duplicate", source=one.source)
            continue
        found = _read(one, desk)
        if isinstance(found, Outcome):
            outcomes[one.id] = found
            closed |= {one.lane} if found.state == "held" else set()
        else:
            read.append(found)
            closed |= {one.lane} if found.is_held else set()
    return read, outcomes


def _read(one: Waiting, desk: Desk) -> _Read | Outcome:
    """Read a message, or say why nothing of it is stored."""
    try:
        source = registered(desk.source_of(one))
        if not one.source and processed_before([(one.id, source.code, one.digest)]):
            return Outcome(inbox_id=one.id, state="duplicate", source=source.code)
        return _with_controls(one, source, desk)
    except Unstorable as error:
        return Outcome(inbox_id=one.id, state="held", reason=error.reason, findings=error.findings)
    except UNFORESEEN as error:
        return unforeseen(one, error)


def _with_controls(one: Waiting, source: SourceFacts, desk: Desk) -> _Read:
    """Read patients and controls of a message; what is wrong with its patients doesn't concern its controls."""
    refusal = None
    try:
        message = read_message(one, source, desk.book)
    except Unstorable as error:
        if not error.controls:
            raise
        message = MessageRead(source, findings=list(error.findings), controls=list(error.controls))
        refusal = Outcome(
            inbox_id=one.id, source=source.code, state="held", reason=error.reason, findings=error.findings
        )
    if not message.controls:
        return _Read(one, message)
    controls = read_controls(one, message.controls, source, desk.book, desk.control_book)
    message.held += controls.held
    told = {(finding.where, finding.code) for finding in message.findings}
    message.findings += [finding for finding in controls.findings if (finding.where, finding.code) not in told]
    return _Read(one, message, controls, refusal)


def _store(read: Sequence[_Read], *, by: User, at: dt.datetime) -> dict[int, Outcome]:
    """Store all or nothing; raise _Held with the messages that must be held first."""
    given = {one.waiting.id: one.controls for one in read if one.controls}
    controls = store_controls(given, by=by, at=at)  # before the marks, which ask for the state of control
    mark_all([one.message for one in read])
    people = _store_patients(read, by=by, at=at)
    stored = _store_reports(read, people, by=by, at=at)
    results.hold_results(
        [
            HeldOfMessage(one.waiting.id, one.message.source.code, tuple(one.message.held))
            for one in read
            if one.message.held or one.waiting.attempts
        ],
        by=by,
        at=at,
    )
    return {(key := one.waiting.id): _outcome(one, people[key], stored[key], controls.get(key)) for one in read}


def _store_patients(read: Sequence[_Read], *, by: User, at: dt.datetime) -> dict[int, list[PatientOutcome]]:
    """Find or make the patients of each message; raise _Held with those of which a person must say who they are."""
    people = _find_patients(read, by=by, at=at)
    in_doubt = [one for one in read if any(who.record_id is None for who in people[one.waiting.id])]
    if in_doubt:
        told = ([finding for who in people[one.waiting.id] for finding in who.findings] for one in in_doubt)
        raise _Held([_conflict(one, findings) for one, findings in zip(in_doubt, told, strict=True)], in_doubt)
    return people


def _find_patients(read: Sequence[_Read], *, by: User, at: dt.datetime) -> dict[int, list[PatientOutcome]]:
    """Return what becomes of the patients of each message, in the order of the message."""
    claimed = [(one.waiting, patient.claim) for one in read for patient in one.message.patients if patient.claim]
    claims = [replace(claim, inbox_id=waiting.id) for waiting, claim in claimed]
    said_at = [waiting.received_at for waiting, _ in claimed]
    found = iter(results.store_patients(claims, said_at=said_at, by=by, at=at))
    return {
        one.waiting.id: [
            next(found) if patient.claim else PatientOutcome(patient.record_id) for patient in one.message.patients
        ]
        for one in read
    }


def _store_reports(
    read: Sequence[_Read], people: Mapping[int, Sequence[PatientOutcome]], *, by: User, at: dt.datetime
) -> dict[int, list[Stored]]:
    """Store the reports of each message."""
    claims = [
        ReportClaim(report.draft, who.record_id or 0, one.waiting.id, is_affirmed=one.waiting.affirmed_at is not None)
        for one in read
        for patient, who in zip(one.message.patients, people[one.waiting.id], strict=True)
        for report in patient.reports
    ]
    try:
        done = results.store_reports(claims, by=by, at=at)
    except ReportOfAnotherPatient as error:
        told = Finding("OBR-3", error.code, f"OBR-3: {error}; a person must say whose report it is.")
        raise _Held([_conflict(one, [told]) for one in read if one.waiting.id in error.inbox_ids]) from error
    except ChangedBack as error:
        told = Finding("OBX-5", error.code, f"OBX-5: {error}; a person must say whether it holds again.")
        raise _Held([_waits(one, [told]) for one in read if one.waiting.id in error.inbox_ids]) from error
    has_order = [report.report_id for claim, report in zip(claims, done, strict=True) if claim.draft.placer_number]
    results.follow_reports(has_order, by=by, at=at)
    stored: dict[int, list[Stored]] = {one.waiting.id: [] for one in read}
    for claim, report in zip(claims, done, strict=True):
        stored[claim.inbox_id].append(report.results)
    return stored


def _not_behind(read: Sequence[_Read], held: Mapping[int, Outcome]) -> list[_Read]:
    """Return what is left to store: not the held messages, and not those of their lanes that came after them."""
    closed: set[str] = set()
    left = []
    for one in read:
        if one.waiting.id in held:
            closed.add(one.waiting.lane)
        elif one.waiting.lane not in closed:
            left.append(one)
    return left


def _outcome(
    one: _Read, people: Sequence[PatientOutcome], stored: Sequence[Stored], control: ControlOutcome | None
) -> Outcome:
    patients = one.refusal or _outcome_of_patients(one, people, stored)
    return join_outcomes(patients, control, has_patients=bool(one.message.patients or one.refusal))


def _outcome_of_patients(one: _Read, people: Sequence[PatientOutcome], stored: Sequence[Stored]) -> Outcome:
    read = one.message
    written = sum(report.written for report in stored)
    is_kept = bool(
        written or read.held or any(report.unfounded or report.is_commented or report.documents for report in stored)
    )
    of_people = [finding for who in people for finding in who.findings]
    return Outcome(
        inbox_id=one.waiting.id,
        source=read.source.code,
        state="held" if read.is_held else "stored" if is_kept else "duplicate",
        reason=read.held[0].reason if read.is_held else "",
        findings=(*read.findings, *of_people, *_told(stored)),
        results_stored=written,
        results_held=len(read.held),
    )


def _told(stored: Sequence[Stored]) -> list[Finding]:
    told = (
        (OVERTAKEN, any(report.overtaken for report in stored)),
        (UNFOUNDED, any(report.unfounded for report in stored)),
        (JOINED, any(report.joined for report in stored)),
    )
    return [finding for finding, is_so in told if is_so]


def _waits(one: _Read, told: Sequence[Finding]) -> Outcome:
    return Outcome(
        inbox_id=one.waiting.id,
        source=one.message.source.code,
        state="held",
        reason=told[0].code,
        findings=(*one.message.findings, *told),
    )


def _conflict(one: _Read, told: Sequence[Finding]) -> Outcome:
    return Outcome(
        inbox_id=one.waiting.id,
        source=one.message.source.code,
        state="held",
        reason="identity-conflict",
        findings=(*one.message.findings, *told),
    )
