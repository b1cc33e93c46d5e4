"""What an answer of a receiver means for the message, and what of it is kept: codes and places, never its words.

The words of ERR and MSA-3 are the receiver's own and often name the patient; who wants them reads the receiver's log.
"""

from __future__ import annotations

import re

from lienthong.exchange.listening.client import NoAnswer, read_answer
from lienthong.exchange.outbound.channels import Sent
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Message, Segment

ACCEPTED, REFUSED, BUSY = frozenset({"AA", "CA"}), frozenset({"AE", "AR", "CR"}), "CE"
MOST_ERRORS = 5
_PLACE = re.compile(r"[A-Z][A-Z0-9]{2}(?:\^\d{1,4}){0,5}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,20}", re.ASCII)


def outcome_of(payload: bytes, *, control_id: str, version: int) -> Sent:
    """Return what became of the message with this control id; `version` is the one that it told.

    CE says that the receiver could not keep it, which passes; AE, AR and CR that it does not take it. An answer to
    another message, or what is none, says nothing of this one: it is sent again.
    """
    try:
        answer = read_answer(payload)
    except NoAnswer:
        return Sent(outcome="again", code="garbage", text="the receiver answered with what is no acknowledgment")
    if answer.control_id != control_id:
        told = "the answer is to another message: MSA-2 is not the control id that was sent"
        return Sent(outcome="again", code="wrong-control-id", text=told)
    if answer.code in ACCEPTED:
        return Sent(outcome="delivered", version=version)
    text = "; ".join([answer.code, *_errors(payload)])
    if answer.code == BUSY:
        return Sent(outcome="again", code="CE", text=text)
    if answer.code in REFUSED:
        return Sent(outcome="refused", code=answer.code, text=text)
    return Sent(outcome="again", code="unknown-answer", text="MSA-1 is not of HL7 table 0008 (AA, AE, AR, CA, CE, CR)")


def _errors(payload: bytes) -> list[str]:
    """Return place and condition of the first errors, each only where it has the form of one."""
    message, _findings = hl7v2.parse(payload)
    if message is None:
        return []
    return [told for one in message.all("ERR")[:MOST_ERRORS] if (told := _error(one, message))]


def _error(segment: Segment, message: Message) -> str:
    """ERR-2 and ERR-3; before v2.5, ERR-1 holds both."""
    component = message.delimiters.component
    place, condition = segment.sent(2), segment.value(3)
    if not place and not condition:
        parts = segment.sent(1).split(component)
        place, condition = component.join(parts[:3]), segment.value(1, 4)
    place = place.replace(component, "^")
    kept = [one for one, form in ((place, _PLACE), (condition, _CODE)) if form.fullmatch(one)]
    return " ".join(kept)
