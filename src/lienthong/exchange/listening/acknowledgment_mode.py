"""When a sender wants an answer: always in original mode; in enhanced mode as MSH-15 and MSH-16 say.

An acknowledgment is never acknowledged, whatever it asks for (HL7 v2.5.1, chapter 2.9): two systems that did would go
on for ever. Nothing that is sent from here asks for a later one on another line.
"""

from __future__ import annotations

from lienthong.interop.hl7v2 import Acknowledgment, Header

# HL7 table 0155: whether it is sent when the message is taken, and when it is refused.
_SENT_WHEN = {"AL": (True, True), "NE": (False, False), "ER": (False, True), "SU": (True, False)}
_ALWAYS = (True, True)
ACK = "ACK"
_COMMIT: dict[Acknowledgment, Acknowledgment] = {"AA": "CA", "AE": "CE", "AR": "CR"}


def choose_code(header: Header | None, plain: Acknowledgment) -> Acknowledgment | None:
    """Return the code to answer with for the original mode's AA, AE or AR; None where no answer is asked for.

    In enhanced mode the accept acknowledgment (CA, CE, CR) goes before the application's, since what is acknowledged
    is that the message is kept; a sender that asks for the application's only gets AA, AE or AR.
    """
    if header is None or not header.is_enhanced:
        return plain
    which = 0 if plain == "AA" else 1
    for asked, code in ((header.accept_acknowledgment, _COMMIT[plain]), (header.application_acknowledgment, plain)):
        if asked and _SENT_WHEN.get(asked, _ALWAYS)[which]:
            return code
    return None


def is_answer_certain(header: Header | None) -> bool:
    """Whether an answer comes whatever becomes of the message."""
    if header is not None and header.message_code == ACK:
        return False
    return choose_code(header, "AA") is not None and choose_code(header, "AE") is not None
