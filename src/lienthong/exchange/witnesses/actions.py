"""What administrators do with witnesses, and what an attempt to hand over leaves behind."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import LogWitness, User
from lienthong.core.outgoing import outgoing_rules
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.exchange.outbound.patience import wait_after
from lienthong.exchange.witnesses.answers import LOUD, Outcome
from lienthong.exchange.witnesses.entry import WitnessEntry, faults
from lienthong.exchange.witnesses.permissions import check_may_change

LONGEST_ERROR = 500


@transaction.atomic
def add_witness(entry: WitnessEntry, *, by: User, at: dt.datetime) -> int:
    """Add a witness, which is handed the newest checkpoint from now on; return its key in the table.

    Raises NotAllowed unless an administrator of a region asks, BadInput, and Conflict where the key is taken.
    """
    check_may_change(by, at=at)
    if found := faults(entry, outgoing_rules()):
        raise BadInput(found)
    if LogWitness.objects.filter(key=entry.key).exists():
        raise Conflict(_("There is a witness with this key already."))
    row = LogWitness.objects.create(name=entry.name, url=entry.url, key=entry.key, added_at=at)
    _record("add-log-witness", row, by=by, at=at, detail={"url": row.url})
    return row.pk


@transaction.atomic
def remove_witness(witness_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Hand nothing more to a witness, and serve its cosignatures no more. Raises NotAllowed, NotFound."""
    check_may_change(by, at=at)
    row = _locked(witness_id)
    if row is None:
        raise NotFound(_("There is no such witness."))
    _record("remove-log-witness", row, by=by, at=at, detail={"url": row.url, "size": row.size, "why": why})
    row.delete()


@transaction.atomic
def settle(witness_id: int, outcome: Outcome, *, by: User, at: dt.datetime, chance: float) -> None:
    """Write what became of an attempt; `chance`, between 0 and 1, spreads the next ones. A removed witness is left.

    That a witness knows another log than ours is written to the audit log as well, once.
    """
    row = _locked(witness_id)
    if row is None:
        return
    row.known_size = outcome.known_size
    if outcome.cosigned:
        one = outcome.cosigned
        row.size, row.note, row.line, row.cosigned_at = outcome.known_size, outcome.note, one.line, one.at
    if outcome.code:
        if outcome.code in LOUD and outcome.code != row.last_error_code:
            _record("witness-disagrees", row, by=by, at=at, detail={"code": outcome.code, "size": outcome.known_size})
        row.failures += 1
        row.next_attempt_at = at + wait_after(row.failures, chance=chance)
        row.last_error_code, row.last_error, row.last_error_at = outcome.code, outcome.text[:LONGEST_ERROR], at
    else:
        row.failures, row.next_attempt_at = 0, None
        row.last_error_code, row.last_error, row.last_error_at = "", "", None
    row.save()


def _locked(witness_id: int) -> LogWitness | None:
    return LogWitness.objects.select_for_update().filter(pk=witness_id).first()


def _record(
    action: str, row: LogWitness, *, by: User, at: dt.datetime, detail: dict[str, str | int | float | bool | None]
) -> None:
    given = {"name": row.name, "key": row.key, **detail}
    audit.record(action, by=by, at=at, object_kind="log-witness", object_key=row.pk, detail=given)
