"""What a witness's answer means, by C2SP tlog-witness."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.core.log.cosignatures import Cosignature, find_cosignature, parse_witness_key
from lienthong.core.log.storage import Kept
from lienthong.core.log.submissions import Submission, read_size
from lienthong.exchange.outbound.http.calling import Answer

# Faults that say that the log of this database is not the one that the witness saw: it was cut, restored or rewritten.
AHEAD, FORKED = "witness-ahead", "witness-forked"
LOUD = frozenset({AHEAD, FORKED})
REFUSALS = {
    400: ("refused", "the witness takes the request for wrong"),
    403: ("unknown-key", "the witness does not know the key that signs this log"),
    404: ("unknown-log", "the witness does not know a log of this name, or its address is another"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt gave: what the witness knows now, and its cosignature of `note` or the fault, or neither."""

    known_size: int
    note: str = ""
    cosigned: Cosignature | None = None
    code: str = ""
    text: str = ""


def outcome_of(answer: Answer, given: Submission, target: Kept, *, key: str, newest: int) -> Outcome | int:
    """Return what an answer means, or the size from which the witness asks for the proof.

    `target` is the checkpoint that was handed over, `newest` the size of the log's newest.
    """
    if answer.status == 200:
        found = find_cosignature(
            target.note, answer.body.decode("utf-8", "replace").split("\n"), parse_witness_key(key)
        )
        if found:
            return Outcome(target.size, target.note, found)
        return Outcome(
            given.old, code="bad-cosignature", text="the answer has no valid cosignature of the witness's key"
        )
    if answer.status == 409:
        return _other_size(answer, given, target, newest=newest)
    if answer.status == 422:
        return Outcome(
            given.old, code=FORKED, text=f"the log does not begin with the {given.old} leaves of the witness"
        )
    code, text = REFUSALS.get(answer.status, ("unexpected", "the answer is none of a witness"))
    return Outcome(given.old, code=code, text=f"{text} (HTTP {answer.status})")


def ahead(known: int, newest: int, *, asked_from: int) -> Outcome:
    """Return the finding that a witness cosigned more leaves than the log has signed.

    What it only says is not remembered: the next attempt asks again from the same size.
    """
    return Outcome(
        asked_from, code=AHEAD, text=f"the witness cosigned {known} leaves, but only {newest} are signed here"
    )


def _other_size(answer: Answer, given: Submission, target: Kept, *, newest: int) -> Outcome | int:
    known = read_size(answer.body.decode("ascii", "replace").removesuffix("\n"))
    if known == given.old or (known is None and given.old == target.size):
        return Outcome(given.old, code=FORKED, text=f"the witness knows another log of {given.old} leaves")
    if known is None:
        return Outcome(given.old, code="unexpected", text="the answer does not say what size the witness knows")
    if known > newest:
        return ahead(known, newest, asked_from=given.old)
    return known if known <= target.size else Outcome(known)  # a worker handed a newer one over meanwhile
