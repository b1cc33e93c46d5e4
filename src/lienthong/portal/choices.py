"""What a clinician chose on the order-check page, as posted. A reason that is not shown is not read."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.recognition.actions import Choice
from lienthong.recognition.reads import OrderCheckFacts

REPEAT = "repeat"


def read_choices(posted: Mapping[str, str], check: OrderCheckFacts) -> dict[str, Choice]:
    """Return the choice of each item that has one; a repeat without a reason of its own takes the shared one."""
    chosen = {line.item: posted.get(f"choice-{line.item}", "") for line in check.lines}
    return {item: _choice(posted, item, choice) for item, choice in chosen.items() if choice}


def _choice(posted: Mapping[str, str], item: str, choice: str) -> Choice:
    if choice != REPEAT:
        return Choice(choice)
    name = item if posted.get(f"reason-{item}") else "all"
    return Choice(choice, posted.get(f"reason-{name}", ""), posted.get(f"text-{name}", ""))
