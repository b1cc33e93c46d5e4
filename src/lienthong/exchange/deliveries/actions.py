"""Receiving a delivery, confirming what was looked at, and setting aside what was not meant."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from hashlib import sha256

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.core.retold import kept, said
from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.exchange.deliveries.kinds import find_kind, kind_fault
from lienthong.exchange.deliveries.models import DELIVERERS, Delivery
from lienthong.exchange.deliveries.states import move
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import day_of
from lienthong.findings import Finding
from lienthong.registry.reads import check_role

State = Delivery.State
EMPTY = Finding("file", "empty", "There are no bytes; nothing was sent.")
_SALT = "lienthong.exchange.deliveries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is handed in, by which entrance, and in which language its faults are said.

    `client` names the user or the system. `wants_preview`: nothing of it counts before a person has confirmed it.
    """

    data: bytes
    entrance: str
    client: str
    name: str = ""
    idempotency_key: str = ""
    language: str = "en"
    wants_preview: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The number of a delivery, and whether it came before."""

    id: int
    number: str
    is_repeated: bool


@transaction.atomic
def receive_delivery(parcel: Parcel, *, source: str, by: User, at: dt.datetime) -> Receipt:
    """Keep a delivery of a registered source; the same bytes again are the same delivery and change nothing.

    Raises NotFound where there is no such source, NotAllowed where it is not the user's, BadInput where the bytes are
    of no kind, and Conflict where the idempotency key came with other bytes.
    """
    sender = Source.objects.filter(code=source).select_related("facility").first()
    if sender is None:
        raise NotFound(_("There is no such sender."))
    check_deliverer(by, sender, at=at)
    digest = sha256(parcel.data).hexdigest()
    if before := _before(parcel, sender, digest):
        return before
    kind = find_kind(parcel.data)
    if kind is None:
        raise BadInput([kind_fault(parcel.data) if parcel.data else EMPTY])
    row = Delivery(
        number=f"{at:%Y%m%d}-{secrets.token_hex(5)}",
        source=sender,
        kind=kind.MESSAGE_TYPE,
        name=parcel.name[-200:].replace("\0", ""),
        entrance=parcel.entrance,
        content=parcel.data,
        digest=digest,
        size=len(parcel.data),
        client=parcel.client[:300],
        idempotency_key=parcel.idempotency_key,
        language=parcel.language,
        state=State.UPLOADED if parcel.wants_preview else State.RECEIVED,
        received_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another process was a moment quicker
        if before := _before(parcel, sender, digest):
            return before
        raise
    _record("receive-delivery", row, by=by, at=at)
    return Receipt(row.pk, row.number, is_repeated=False)


def confirmation_of(delivery: Delivery) -> str:
    """Return what a page must send to confirm: it is bound to the bytes and to what was shown of them."""
    return Signer(salt=_SALT).signature(_shown(delivery))


@transaction.atomic
def confirm_delivery(number: str, *, confirmation: str, by: User, at: dt.datetime) -> None:
    """Let a delivery that was looked at go into the inbox; raise Conflict where something else was looked at."""
    row = _locked(number, by=by, at=at)
    try:
        Signer(salt=_SALT).unsign(f"{_shown(row)}:{confirmation}")
    except BadSignature:
        raise Conflict(_("This is not what you looked at; look at it again, then confirm.")) from None
    move(row, State.RECEIVED)
    row.save(update_fields=["state"])
    _record("confirm-delivery", row, by=by, at=at)


@transaction.atomic
def discard_delivery(number: str, *, by: User, at: dt.datetime) -> None:
    """Let nothing of a delivery count that was looked at and not confirmed."""
    row = _locked(number, by=by, at=at)
    move(row, State.DISCARDED)
    row.finished_at = at
    row.save(update_fields=["state", "finished_at"])
    _record("discard-delivery", row, by=by, at=at)


def check_deliverer(by: User, source: Source, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user works in a laboratory of the source's facility, or operates it."""
    if by.is_system:
        return
    access = check_role(by, *DELIVERERS, on=day_of(at))
    if source.facility_id not in access.facilities_as(*DELIVERERS):
        raise NotAllowed(_("This sender is not one of yours."))


def findings_of(delivery: Delivery) -> list[Finding]:
    """Return what of a delivery could not be read, in the active language."""
    return [
        Finding(one["where"], one["code"], said(one["kept"]) if one.get("kept") else one["message"])
        for one in delivery.findings
    ]


def stored_findings(findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    """Return findings as the row keeps them, so that they can be said in the language of who reads them.

    PostgreSQL keeps no NUL.
    """
    return [
        {
            "where": one.where.replace("\0", ""),
            "code": one.code,
            "message": one.message.replace("\0", ""),
            "kept": kept(one.message),
        }
        for one in findings
    ]


def _before(parcel: Parcel, sender: Source, digest: str) -> Receipt | None:
    rows = Delivery.objects.filter(source=sender).exclude(state=State.DISCARDED).defer("content")
    if parcel.idempotency_key:
        found = rows.filter(client=parcel.client[:300], idempotency_key=parcel.idempotency_key).first()
        if found and found.digest != digest:
            raise Conflict("the Idempotency-Key came with other bytes before; give each delivery a key of its own")
    found = rows.filter(digest=digest).first()
    return Receipt(found.pk, found.number, is_repeated=True) if found else None


def _locked(number: str, *, by: User, at: dt.datetime) -> Delivery:
    row = Delivery.objects.select_for_update(of=("self",)).select_related("source").filter(number=number).first()
    if row is None:
        raise NotFound(_("There is no such delivery."))
    check_deliverer(by, row.source, at=at)
    return row


def _shown(delivery: Delivery) -> str:
    told = sha256(repr((delivery.findings, delivery.preview)).encode()).hexdigest()
    return f"{delivery.number}/{delivery.digest}/{told}"


def _record(action: str, row: Delivery, *, by: User, at: dt.datetime) -> None:
    told = {"source": row.source.code, "kind": row.kind, "entrance": row.entrance, "client": row.client}
    detail: dict[str, str | int | float | bool | None] = {**told, "size": row.size}
    facility = row.source.facility.code
    audit.record(action, by=by, at=at, object_kind="delivery", object_key=row.number, facility=facility, detail=detail)
