"""Parting deliveries in the background: the row of a delivery is itself the queue.

A delivery is parted once into the inbox, in commits of some hundred pieces each, so that its progress is seen and long
transactions hold nobody up. Who is interrupted goes on where the last commit ended: the same bytes part in the same
way. A session's advisory lock keeps two workers from reading one file; it ends with the connection, whatever kills it.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence

import psycopg
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, connection, transaction
from django.utils import translation

from lienthong.core import audit
from lienthong.core.actions import system_user
from lienthong.core.turns import alone
from lienthong.exchange.deliveries.actions import stored_findings
from lienthong.exchange.deliveries.arrivals import arrival_of
from lienthong.exchange.deliveries.kinds import split_delivery
from lienthong.exchange.deliveries.models import Delivery, DeliveryPiece
from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.deliveries.preview import preview_of
from lienthong.exchange.deliveries.report_form import LONGEST
from lienthong.exchange.deliveries.states import move
from lienthong.findings import Finding
from lienthong.results import actions as results

log = logging.getLogger(__name__)

SPLITTER = "deliveries"
CHUNK = 500
MOST_FINDINGS = 5_000
_LOCK = 0x4C54444C  # the first half of the advisory lock's key, so that no other use of such locks meets it
State = Delivery.State
DATABASE = (DatabaseError, InterfaceError, psycopg.Error)
UNSTORABLE = (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError)  # what was to be stored is at fault
UNFORESEEN = Finding("file", "unforeseen", "The file could not be read; tell the operator of the platform its number.")


def keep_deliveries(stop: threading.Event, *, clock: Callable[[], dt.datetime], look_seconds: float = 1.0) -> None:
    """Part what waits until `stop` is set; what fails is logged and tried again at the next turn."""
    while not stop.wait(look_seconds):
        try:
            work_deliveries(clock())
        except DATABASE as error:
            log.warning("deliveries wait for the database: %s", type(error).__name__)
        finally:
            connection.close()


def work_deliveries(at: dt.datetime) -> int:
    """Check and part all deliveries that wait, oldest first; return how many were done here."""
    waiting = Delivery.objects.filter(state__in=[State.UPLOADED, State.RECEIVED]).order_by("id")
    return sum(_work_one_of_many(one, at=at) for one in list(waiting.values_list("id", flat=True)))


def _work_one_of_many(delivery_id: int, *, at: dt.datetime) -> bool:
    """Check or part one delivery; one that fails waits for another turn and holds up no other.

    What fails because the database is lost goes up: the others would fail as well.
    """
    try:
        return work_delivery(delivery_id, at=at)
    except Exception as error:  # whatever it is, the next delivery is not at fault
        if is_lost(error):
            raise
        log.error("the delivery with the id %s waits for another turn: %s", delivery_id, type(error).__name__)
        return False


def work_delivery(delivery_id: int, *, at: dt.datetime) -> bool:
    """Check or part one delivery; False where another process is at it, or nothing is to do.

    A delivery with which anything but the database fails is refused: it would fail again at each turn.
    """
    with alone(_LOCK, delivery_id) as is_alone:
        row = Delivery.objects.select_related("source__facility").get(pk=delivery_id) if is_alone else None
        if row is None or row.state not in (State.UPLOADED, State.RECEIVED):
            return False
        with translation.override(row.language):
            split = _split(row)
            try:
                _go_on(row, split, at=at)
            except Exception as error:  # it would be raised again at each turn
                if is_of_the_database(error):
                    raise
                log.error("delivery %s could not be stored: %s", row.number, type(error).__name__)
                _refuse(delivery_id, at=at)
    return True


def is_lost(error: Exception) -> bool:
    """Whether an error says that there is no database, and not only that it did not do one thing."""
    return isinstance(error, DATABASE) and not connection.is_usable()


def is_of_the_database(error: Exception) -> bool:
    """Whether the database failed, and not what it was given."""
    return isinstance(error, DATABASE) and not isinstance(error, UNSTORABLE)


def _go_on(row: Delivery, split: Split, *, at: dt.datetime) -> None:
    if row.state == State.UPLOADED:
        _check(row, split, at=at)
    else:
        _take_in(row, split, at=at)


@transaction.atomic
def _refuse(delivery_id: int, *, at: dt.datetime) -> None:
    """Let a delivery that the database does not take block no other; what of it is in the inbox stays there."""
    row = Delivery.objects.defer("content").get(pk=delivery_id)
    move(row, State.REFUSED)
    row.findings, row.finished_at = stored_findings((UNFORESEEN,)), at
    row.save(update_fields=["state", "findings", "finished_at"])


def _split(row: Delivery) -> Split:
    try:
        found = split_delivery(row.kind, bytes(row.content), charset=row.source.default_charset)
    except Exception as error:  # whatever a file makes its reader raise, it is no reason to read no other
        if is_of_the_database(error):
            raise
        log.error("delivery %s could not be read: %s", row.number, type(error).__name__)
        return Split((), (UNFORESEEN,))
    return Split(found.pieces, found.findings[:MOST_FINDINGS])


def _check(row: Delivery, split: Split, *, at: dt.datetime) -> None:
    """Keep what a person is shown before the delivery counts."""
    preview = preview_of(row, split, at=at)
    with transaction.atomic():
        move(row, State.CHECKED if split.pieces else State.REFUSED)
        row.preview, row.findings, row.pieces_found = preview, stored_findings(split.findings), len(split.pieces)
        row.finished_at = None if split.pieces else at
        row.save(update_fields=["state", "preview", "findings", "pieces_found", "finished_at"])


def _take_in(row: Delivery, split: Split, *, at: dt.datetime) -> None:
    """Write the pieces that are not yet in the inbox, chunk by chunk."""
    row.pieces_found, row.findings = len(split.pieces), stored_findings(split.findings)
    row.save(update_fields=["pieces_found", "findings"])
    for begin in range(row.pieces_received, len(split.pieces), CHUNK):
        _write(row, split.pieces[begin : begin + CHUNK], begin, at=at)
    by = system_user(SPLITTER)
    with transaction.atomic():
        move(row, State.SPLIT if split.pieces else State.REFUSED)
        row.finished_at = at
        row.save(update_fields=["state", "finished_at"])
        detail = {"pieces": len(split.pieces), "findings": len(split.findings)}
        audit.record("split-delivery", by=by, at=at, object_kind="delivery", object_key=row.number, detail=detail)


@transaction.atomic
def _write(row: Delivery, pieces: Sequence[Piece], begin: int, *, at: dt.datetime) -> None:
    """Write some pieces and how far it is now; both or neither."""
    arrivals = [arrival_of(piece, place, row) for place, piece in enumerate(pieces, start=begin)]
    ids = results.receive(arrivals, by=system_user(SPLITTER), at=at)
    DeliveryPiece.objects.bulk_create(
        DeliveryPiece(
            delivery=row, place=begin + index, number=_storable(piece.number), where=piece.where, inbox_id=inbox_id
        )
        for index, (piece, inbox_id) in enumerate(zip(pieces, ids, strict=True))
    )
    row.pieces_received = begin + len(pieces)
    row.first_inbox_id, row.last_inbox_id = row.first_inbox_id or min(ids), max(ids)
    row.save(update_fields=["pieces_received", "first_inbox_id", "last_inbox_id"])


def _storable(number: str) -> str:
    return number.replace("\0", "")[:LONGEST]
