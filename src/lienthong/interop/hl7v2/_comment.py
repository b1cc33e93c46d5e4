"""Comments: NTE (HL7 chapter 2.16.10)."""

from __future__ import annotations

from lienthong.interop.hl7v2._datatypes import Comment
from lienthong.interop.hl7v2._fields import Fields


def comment_from(sent: list[str], fields: Fields) -> Comment | None:
    """Read NTE from its fields as sent, the repetitions of NTE-3 as lines of one text; None where it says nothing."""
    if len(sent) < 4:
        return None
    text = fields.comment(sent[3])
    if not text or text.isspace():
        return None
    kind = fields.coded(sent[4]) if len(sent) > 4 and sent[4] else None
    return Comment(text, fields.value(sent[2]), kind)
