"""A claimed batch from inbox to results: read all, mark all, then store each message by itself.

A message that can't be stored leaves nothing behind but its reason; the others of the batch are not touched by it.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from django.db import DataError, IntegrityError, transaction

from lienthong.core.models import User
from lienthong.errors import LienthongError
from lienthong.exchange.astm_arrivals import MESSAGE_TYPE as ASTM
from lienthong.exchange.astm_arrivals import find_analyzer
from lienthong.exchange.codebook import CodeBook
from lienthong.exchange.control_book import ControlBook
from lienthong.exchange.control_reading import ControlsRead, read_controls
from lienthong.exchange.control_storing import join_outcomes, store_controls
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.marking import mark_all
from lienthong.exchange.reading import MessageRead, PatientRead, read_message
from lienthong.exchange.senders import Directory, SourceFacts, directory, sources_by_code
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.results import actions as results
from lienthong.results.actions import Outcome, ReportOfAnotherPatient, Stored, Waiting
from lienthong.results.reads import was_processed_before

log = logging.getLogger(__name__)

# What a message that nobody foresaw may raise; a lost connection is not among them, the batch is then tried again.
UNFORESEEN = (
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
    *(DataError, IntegrityError, LienthongError),
)


@transaction.atomic
def process_batch(*, by: User, at: dt.datetime, limit: int = 100) -> list[Outcome]:
    """Claim the heads of waiting lanes, store what they hold, and write what became of each; all in one commit."""
    waiting = results.take_lanes(limit=limit, by=by)
    if not waiting:
        return []
    batch = _Batch.load(waiting, at=at)
    read: dict[int, MessageRead] = {}
    outcomes: dict[int, Outcome] = {}
    for one in waiting:
        found = batch.read(one)
        if isinstance(found, Outcome):
            outcomes[one.id] = found
        else:
            read[one.id] = found
    results.lock_keys([name for message in read.values() for name in message.lock_names()])
    controls = store_controls(batch.controls, by=by, at=at)  # before the marks, which ask for the state of control
    mark_all(list(read.values()))
    for one in waiting:
        if one.id in read:
            outcomes[one.id] = _store(one, read[one.id], by=by, at=at)
    with_patients = {key for key, one in read.items() if one.patients} | (outcomes.keys() - read.keys())
    done = [
        join_outcomes(outcomes[one.id], controls.get(one.id), has_patients=one.id in with_patients) for one in waiting
    ]
    results.finish(done, by=by, at=at)
    return done


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all messages of a batch are read with."""

    sources: dict[str, SourceFacts]
    directory: Directory
    book: CodeBook
    control_book: ControlBook
    controls: dict[int, ControlsRead] = field(default_factory=dict)

    @classmethod
    def load(cls, waiting: Sequence[Waiting], *, at: dt.datetime) -> _Batch:
        sources = sources_by_code(on=at.date())
        return cls(sources, directory(), CodeBook.load(list(sources)), ControlBook.load(list(sources)))

    def read(self, one: Waiting) -> MessageRead | Outcome:
        """Read a message, or say why nothing of it is stored."""
        try:
            source = self.sources[one.source] if one.source else self._find_source(one)
            if was_processed_before(inbox_id=one.id, source=source.code, digest=sha256(one.raw).hexdigest()):
                return Outcome(inbox_id=one.id, state="duplicate", source=source.code)
            read = read_message(one, source, self.book)
            if read.controls:
                self._read_controls(one, read, source)
        except Unstorable as error:
            if error.controls:
                self.controls[one.id] = read_controls(one, error.controls, source, self.book, self.control_book)
            return Outcome(inbox_id=one.id, state="held", reason=error.reason, findings=error.findings)
        except UNFORESEEN as error:
            return _unforeseen(one, error)
        return read

    def _read_controls(self, one: Waiting, read: MessageRead, source: SourceFacts) -> None:
        found = self.controls[one.id] = read_controls(one, read.controls, source, self.book, self.control_book)
        read.held += found.held
        told = {(finding.where, finding.code) for finding in read.findings}
        read.findings += [finding for finding in found.findings if (finding.where, finding.code) not in told]

    def _find_source(self, one: Waiting) -> SourceFacts:
        """A message refused before its sender was registered finds it when it is replayed."""
        if one.message_type == ASTM:
            return self.sources[find_analyzer(one.sender).code]
        header = hl7v2.header(one.raw)
        sender = self.directory.find(header) if header else None
        if sender is None:
            told = Finding(
                "MSH-3", "unknown-sender", "MSH-3 and MSH-4 name no registered sender; register it, then replay."
            )
            raise Unstorable("unknown-sender", [told])
        return self.sources[sender.code]


def _store(one: Waiting, read: MessageRead, *, by: User, at: dt.datetime) -> Outcome:
    try:
        with transaction.atomic():
            stored = [
                report for patient in read.patients for report in _store_patient(one, patient, read, by=by, at=at)
            ]
            if read.held or one.attempts:
                results.hold_results(one.id, read.held, source=read.source.code, by=by, at=at)
    except Unstorable as error:
        return Outcome(
            inbox_id=one.id, state="held", reason=error.reason, findings=error.findings, source=read.source.code
        )
    except UNFORESEEN as error:
        return _unforeseen(one, error)
    return _outcome(one, read, stored)


def _store_patient(one: Waiting, patient: PatientRead, read: MessageRead, *, by: User, at: dt.datetime) -> list[Stored]:
    who = results.store_patient(patient.claim, said_at=one.received_at, by=by, at=at)
    read.findings += who.findings
    if who.record_id is None:
        raise Unstorable("identity-conflict", read.findings)
    try:
        return [
            results.store_report(report.draft, patient_record_id=who.record_id, inbox_id=one.id, by=by, at=at).results
            for report in patient.reports
        ]
    except ReportOfAnotherPatient as error:
        told = Finding("OBR-3", error.code, f"OBR-3: {error}; a person must say whose report it is.")
        raise Unstorable("identity-conflict", [*read.findings, told]) from error


def _outcome(one: Waiting, read: MessageRead, stored: Sequence[Stored]) -> Outcome:
    written = sum(len(report.new) + len(report.changed) for report in stored)
    is_held = bool(read.held) and not read.patients
    state = "held" if is_held else "stored" if written or read.held else "duplicate"
    return Outcome(
        inbox_id=one.id,
        source=read.source.code,
        state=state,
        reason=read.held[0].reason if is_held else "",
        findings=(*read.findings, *_told(stored)),
        results_stored=written,
        results_held=len(read.held),
    )


def _told(stored: Sequence[Stored]) -> list[Finding]:
    told = []
    if any(report.overtaken for report in stored):
        told.append(
            Finding("OBX", "overtaken", "Later versions of some results are stored already; these changed nothing.")
        )
    if any(report.unfounded for report in stored):
        told.append(
            Finding("OBX-11", "original-missing", "OBX-11 corrects or withdraws results that were never received.")
        )
    return told


def _unforeseen(one: Waiting, error: Exception) -> Outcome:
    """Hold what nobody foresaw. The log names the message and the kind of error, never what is in it."""
    log.error("message %d could not be processed: %s", one.id, type(error).__name__)
    told = Finding(
        "MSH", "unforeseen", "The message could not be processed; tell the operator of the platform its number."
    )
    return Outcome(inbox_id=one.id, state="held", reason="unforeseen", findings=(told,))
