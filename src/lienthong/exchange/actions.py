"""What people do at the exchange: map codes by two persons, replay, set aside, look at a patient.

Senders are registered by `exchange.registration.actions`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.exchange import reviewing
from lienthong.exchange.models import CodeMapping, HeldControl, Source
from lienthong.exchange.permissions import check_mapper, check_operator, day_of
from lienthong.exchange.registration.actions import register_and_replay, register_source, require_certificate
from lienthong.exchange.registration.entry import SenderEntry
from lienthong.exchange.terms.quantity import Clues, clashes
from lienthong.findings import Finding
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts
from lienthong.results import actions as results
from lienthong.results import reads as results_reads
from lienthong.results.reads import InboxFacts

__all__ = [
    "SenderEntry",
    "affirm_message",
    "confirm_mapping",
    "confirm_mappings",
    "decline_mapping",
    "open_patient_fields",
    "propose_mapping",
    "quantity_faults",
    "register_and_replay",
    "register_source",
    "replay_message",
    "replay_messages",
    "require_certificate",
    "set_aside_message",
]


@transaction.atomic
def propose_mapping(
    *,
    source: str,
    local_code: str,
    local_system: str = "",
    analyte: str,
    procedure: str = "",
    equipment: str = "",
    specimen: str = "",
    valid_from: dt.date,
    by: User,
    at: dt.datetime,
) -> int:
    """Propose what a sender's code means; source, analyte and procedure are given by code.

    With `equipment` it holds for results of that analyser only (OBX-18), with `specimen` for that kind of specimen
    only. Raises BadInput where what came with the code can't be the analyte, Conflict where a proposal
    waits.
    """
    sender = _source(source)
    check_mapper(by, sender, at=at)
    meant = next((one for one in registry.analytes().values() if one.key == analyte), None)
    if meant is None:
        raise NotFound(_("There is no such analyte."))
    if faults := quantity_faults(source, local_code, local_system, meant, specimen=specimen):
        raise BadInput(faults)
    narrowed = {"equipment": equipment, "specimen": specimen}
    rows = CodeMapping.objects.known_at(None).filter(
        source=sender, local_code=local_code, local_system=local_system, **narrowed
    )
    if rows.proposed().select_for_update().exists():
        raise Conflict(_("A mapping of this code is already proposed; confirm or decline it first."))
    mapping = CodeMapping.objects.create(
        source=sender,
        local_code=local_code,
        local_system=local_system,
        **narrowed,
        analyte_id=meant.id,
        procedure_id=_procedure_id(procedure, sender, meant, on=day_of(at)),
        valid_from=valid_from,
        recorded_at=at,
        proposed_by=by,
        proposed_at=at,
    )
    _record("propose-mapping", mapping, by=by, at=at)
    return mapping.pk


@transaction.atomic
def confirm_mapping(mapping_id: int, *, by: User, at: dt.datetime) -> int:
    """Confirm another person's proposal, end what held before, and replay in order what waited for it.

    Returns how many messages are replayed.
    """
    mapping = reviewing.proposal(CodeMapping, mapping_id, by=by, at=at)
    reviewing.confirm(mapping, by=by, at=at)
    _record("confirm-mapping", mapping, by=by, at=at)
    waiting = results_reads.messages_waiting_for_code(
        source=mapping.source.code, local_code=mapping.local_code, local_system=mapping.local_system
    )
    return results.replay(waiting, by=by, at=at)


@transaction.atomic
def confirm_mappings(mapping_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Confirm several proposals of others, all or none; return how many."""
    for mapping_id in sorted(mapping_ids):
        confirm_mapping(mapping_id, by=by, at=at)
    return len(mapping_ids)


@transaction.atomic
def decline_mapping(mapping_id: int, *, by: User, at: dt.datetime) -> None:
    """Decline a proposal, one's own as well; it stays on record."""
    mapping = reviewing.proposal(CodeMapping, mapping_id, by=by, at=at)
    reviewing.decline(mapping, at=at)
    _record("decline-mapping", mapping, by=by, at=at)


@transaction.atomic
def replay_message(inbox_id: int, *, by: User, at: dt.datetime) -> int:
    """Send a held or refused message through the worker again; return 1 if it goes."""
    _message(inbox_id, by=by, at=at)
    return results.replay([inbox_id], by=by, at=at)


@transaction.atomic
def replay_messages(inbox_ids: list[int], *, by: User, at: dt.datetime) -> int:
    """Send several messages through the worker again, in order; return how many go."""
    codes = results_reads.sources_of_messages(inbox_ids)
    known = Source.objects.in_bulk(codes, field_name="code")
    for code in codes:
        check_operator(by, known.get(code), at=at)
    return results.replay(inbox_ids, by=by, at=at)


@transaction.atomic
def affirm_message(inbox_id: int, *, why: str, by: User, at: dt.datetime) -> int:
    """Let a message that is held as changed back be stored, since what it says holds now; return 1."""
    _message(inbox_id, by=by, at=at)
    return results.affirm(inbox_id, why=why, by=by, at=at)


@transaction.atomic
def set_aside_message(inbox_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Close a held message with a reason; the messages behind it go on."""
    _message(inbox_id, by=by, at=at)
    results.set_aside(inbox_id, why=why, by=by, at=at)
    HeldControl.objects.waiting().filter(inbox_id=inbox_id).update(released_at=at)


@transaction.atomic
def open_patient_fields(inbox_id: int, *, by: User, at: dt.datetime) -> InboxFacts:
    """Write to the access log that the patient's fields of a message are read, and return the message."""
    message = _message(inbox_id, by=by, at=at)
    records = results_reads.patients_of_messages([inbox_id])[inbox_id]
    for record_id in records:
        audit.record_read(
            by=by,
            at=at,
            patient_record_id=record_id,
            object_kind="inbox",
            object_key=inbox_id,
            facility="",
            relation="operator",
        )
    if not records:
        audit.record("read", by=by, at=at, object_kind="inbox", object_key=inbox_id, detail={"relation": "operator"})
    return message


def quantity_faults(
    source: str, local_code: str, local_system: str, analyte: AnalyteFacts, *, specimen: str = ""
) -> list[Finding]:
    """Return why what came with a waiting code can't be an analyte; nothing where it can."""
    place = {"source": source, "local_code": local_code, "local_system": local_system}
    one = results_reads.unmapped_code(**place)
    if one is None:
        return []
    specimens = (specimen,) if specimen else one.specimens
    return clashes(Clues(one.local_code, one.local_name, one.units, specimens, one.loincs), analyte)


def _source(code: str) -> Source:
    found = Source.objects.filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no such sender."))
    return found


def _procedure_id(code: str, sender: Source, analyte: AnalyteFacts, *, on: dt.date) -> int | None:
    """Return the key of the measuring system of that code, which must be the sender's and of the analyte."""
    if not code:
        return None
    found = next(iter(registry.procedures(codes=[code], on=on).values()), None)
    if found is None or found.facility_id != sender.facility_id or found.analyte.id != analyte.id:
        raise NotFound(_("The sender has no such measuring system for this analyte."))
    return found.id


def _message(inbox_id: int, *, by: User, at: dt.datetime) -> InboxFacts:
    message = results_reads.inbox_message(inbox_id)
    if message is None:
        raise NotFound(_("There is no such message."))
    check_operator(by, Source.objects.filter(code=message.source).first(), at=at)
    return message


def _record(action: str, mapping: CodeMapping, *, by: User, at: dt.datetime) -> None:
    detail: dict[str, str | int | float | bool | None] = {
        "source": mapping.source.code,
        "local_code": mapping.local_code,
        "equipment": mapping.equipment,
        "specimen": mapping.specimen,
        "analyte": mapping.analyte_id,
        "procedure": mapping.procedure_id,
        "valid_from": mapping.valid_from.isoformat(),
    }
    audit.record(action, by=by, at=at, object_kind="code-mapping", object_key=mapping.pk, detail=detail)
