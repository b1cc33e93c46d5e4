"""Handing a checkpoint to one witness: with the proof from what it cosigned last, and from what it says it knows."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Q

from lienthong.core.log.reads import consistency, head
from lienthong.core.log.storage import Kept, LogBroken
from lienthong.core.log.submissions import ADD_CHECKPOINT, MOST_BYTES, Submission
from lienthong.core.log.witnesses import head_to_hand_over
from lienthong.core.models import LogWitness, User
from lienthong.core.outgoing import outgoing_rules
from lienthong.exchange.outbound.hl7v2.channel import files_of_environment
from lienthong.exchange.outbound.http.calling import Answer, Call, Limits, NotReached, send
from lienthong.exchange.witnesses.actions import settle
from lienthong.exchange.witnesses.answers import LOUD, Outcome, ahead, outcome_of

log = logging.getLogger(__name__)

# While a worker hands over nobody else does; one that was killed is followed after this time.
TURN = dt.timedelta(minutes=1)
LIMITS = Limits(connect=5.0, answer=8.0, whole=10.0)
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


def due_witnesses(at: dt.datetime) -> list[int]:
    """Return the witnesses to whom something is to be handed now: a newer checkpoint, or one of another log.

    Those whose last checkpoint is larger than the newest that is signed are among them: the log was cut.
    """
    rested = LogWitness.objects.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=at))
    if not rested.exists():
        return []
    target, newest = head_to_hand_over(at), head()
    if target is None or newest is None:
        return list(rested.exclude(size=None, known_size=0).values_list("pk", flat=True))
    is_news = Q(size=None) | Q(size__lt=target.size) | Q(size=target.size) & ~Q(note=target.note)
    return list(rested.filter(is_news | Q(size__gt=newest.size)).order_by("pk").values_list("pk", flat=True))


def hand_over(witness_id: int, *, by: User, at: dt.datetime, chance: float = 0.5, limits: Limits = LIMITS) -> None:
    """Hand the checkpoint of this interval to a witness and keep its cosignature, or why there is none.

    Does nothing where another worker is at it, or the witness was removed.
    """
    row = _taken(witness_id, at=at)
    if row is None:
        return
    outcome = _attempted(row, head_to_hand_over(at), head(), limits=limits)
    if outcome.code in LOUD:
        log.critical("the witness %s knows another log: %s; see docs/log.md", row.name, outcome.text)
    elif outcome.code:
        log.warning("the witness %s did not cosign: %s", row.name, outcome.code)
    settle(witness_id, outcome, by=by, at=at, chance=chance)


@transaction.atomic
def _taken(witness_id: int, *, at: dt.datetime) -> LogWitness | None:
    """Take the turn of a witness; None where another has it."""
    rested = LogWitness.objects.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=at), pk=witness_id)
    row = rested.select_for_update(skip_locked=True).first()
    if row:
        row.next_attempt_at = at + TURN
        row.save(update_fields=["next_attempt_at"])
    return row


def _attempted(row: LogWitness, target: Kept | None, newest: Kept | None, *, limits: Limits) -> Outcome:
    known, largest = row.known_size, newest.size if newest else 0
    if known > largest:
        return ahead(known, largest, asked_from=known)
    if target is None or known > target.size:
        return Outcome(known)
    for _turn in range(2):  # the second from the size that the witness names
        try:
            given = Submission(known, consistency(known, target.size).proof, target.note)
            answer = _sent(row, given, limits)
        except LogBroken as error:
            return Outcome(known, code=error.code, text=str(error))
        except NotReached as error:
            return Outcome(known, code=error.code, text=str(error))
        found = outcome_of(answer, given, target, key=row.key, newest=largest)
        if isinstance(found, Outcome):
            return found
        known = found
    return Outcome(known, code="moving", text="the witness named another size at each attempt")


def _sent(row: LogWitness, given: Submission, limits: Limits) -> Answer:
    url = f"{row.url.rstrip('/')}{ADD_CHECKPOINT}"
    call = Call("POST", url, _TEXT, given.body(), most_answered=MOST_BYTES)
    return send(call, outgoing_rules(), files_of_environment(), limits=limits)
