"""Messages that are no patient's: MSH-11 says training or debugging, or they are published cases of a certification.

They are kept in the inbox and judged there; no result of them is stored.
"""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.results.actions import Waiting

# HL7 table 0103: debugging and training.
TRAINING_IDS = (b"T", b"D")
# How control ids and report numbers of published cases begin, for ever: a late one must not find a patient either.
MARK = "LTCERT-"


def split_training(waiting: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Return the messages of training, and the real ones."""
    training: list[Waiting] = []
    real: list[Waiting] = []
    for one in waiting:
        (training if is_case(one) or has_training_id(one.raw) else real).append(one)
    return training, real


def is_case(one: Waiting) -> bool:
    """Whether the control id, or the report number in the lane, is one of a published case."""
    return one.control_id.startswith(MARK) or f":{MARK}" in one.lane


def has_training_id(raw: bytes) -> bool:
    """Whether MSH-11 begins with T or D, read from the bytes: this is asked of every message."""
    if raw[:3] != b"MSH" or not raw[3:4].strip():
        return False
    fields = raw[:2000].splitlines()[0].split(raw[3:4], 11)
    return len(fields) > 10 and fields[10][:1] in TRAINING_IDS and not fields[10][1:2].isalnum()
