"""From the bytes of a message about patients (ADT) to claims who they are, and which numbers lead to which.

Nothing is written here. What forbids storing anything is raised as Unstorable; the rest is told as findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.parsing import parse_as
from lienthong.exchange.processing.patient_reading import claim_of
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import AdtMessage, Identifier, Merge, PatientEvent
from lienthong.results.actions import PatientClaim, Waiting, patient_lock_name
from lienthong.results.reads import identifier_kind

NUMBERS_OF_A_HUMAN_BEING = frozenset({"NI", "HC"})  # they name a person, not a sender's record
LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDraft:
    """That a sender's prior number (MRG-1) leads to the surviving one (PID-3) from now on; both are (system, value).

    `kind` tells a merge of two records from a record that only gets another number.
    """

    kind: Literal["merge", "change-number"]
    source: str
    survivor: tuple[str, str]
    prior: tuple[str, str]
    position: str


@dataclass(slots=True)
class PatientMessageRead:
    """All that a message about patients gives, in its order."""

    source: SourceFacts
    claims: list[PatientClaim] = field(default_factory=list)
    merges: list[MergeDraft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def lock_names(self) -> list[str]:
        """Name what must not be written by two workers at once: patients, those that are merged too, their numbers."""
        names = [name for claim in self.claims for name in claim.lock_names()]
        return names + [patient_lock_name(merge.source, *merge.prior) for merge in self.merges]


def read_patient_message(waiting: Waiting, source: SourceFacts) -> PatientMessageRead:
    """Read a claimed ADT message of a known source; raise Unstorable where nothing of it can be stored."""
    adt, findings = parse_patients(waiting.raw, source)
    read = PatientMessageRead(source, findings=list(findings))
    for event in adt.events:
        claim, told = claim_of(event.patient, source)
        read.findings += told
        if claim is None:
            raise Unstorable(told[0].code, read.findings)
        read.claims.append(claim)
        read.merges += _merges(adt, event, claim, read)
    return read


def parse_patients(raw: bytes, source: SourceFacts) -> tuple[AdtMessage, tuple[Finding, ...]]:
    """Parse an ADT message in the source's character set; raise Unstorable where its form is broken."""
    adt, findings = parse_as(hl7v2.read_adt, raw, source)
    if any(finding.code == "required" and finding.where.startswith("MRG") for finding in findings):
        raise Unstorable("merge-number", findings)
    return adt, findings


def _merges(adt: AdtMessage, event: PatientEvent, claim: PatientClaim, read: PatientMessageRead) -> list[MergeDraft]:
    survivor = (claim.local_system, claim.local_id)
    drafts = []
    for merge in event.merges if adt.act != "update" else ():
        priors = [one for one in _own_numbers(merge.identifiers, claim) if one != survivor]
        if adt.act in ("move-account", "move-visit"):
            _check_moved(merge, is_other_patient=bool(priors), read=read)
            continue
        if not priors:
            place = f"{merge.position}-1"
            told = f"{place} names no number of the sender's own beside that of PID-3; nothing is merged by it."
            raise Unstorable("merge-number", [*read.findings, Finding(place, "merge-number", told)])
        kind: Literal["merge", "change-number"] = "change-number" if adt.act == "change-number" else "merge"
        drafts += [
            MergeDraft(kind=kind, source=claim.source, survivor=survivor, prior=prior, position=f"{merge.position}-1")
            for prior in priors
        ]
    return drafts


def _own_numbers(identifiers: Iterable[Identifier], claim: PatientClaim) -> list[tuple[str, str]]:
    """Return the sender's own among prior numbers; one without an authority is of the authority of PID-3."""
    found = (
        ((one.system or claim.local_system)[:LONGEST], one.value[:LONGEST])
        for one in identifiers
        if identifier_kind(system=one.system, type_code=one.type_code) not in NUMBERS_OF_A_HUMAN_BEING
    )
    return list(dict.fromkeys(found))


def _check_moved(merge: Merge, *, is_other_patient: bool, read: PatientMessageRead) -> None:
    """Accounts and visits are not kept here, so that moving one within a patient changes nothing.

    From another patient all data of the visit go with it (HL7 chapter 3, A45: PID and MRG name both patients). Reports
    don't keep their visit, and results never leave the record they were sent for; so a person sees to it.
    """
    if is_other_patient:
        place = f"{merge.position}-1"
        told = (
            f"{place} moves an account or a visit from another patient; results stay with the record they were sent "
            "for. Let the laboratory withdraw those of the visit and send them for the right patient, then set this "
            "message aside."
        )
        raise Unstorable("visit-moved", [*read.findings, Finding(place, "visit-moved", told)])
    told = f"{merge.position} moves an account or a visit within one patient; nothing that is kept here changes."
    read.findings.append(Finding(merge.position, "account-only", told))
