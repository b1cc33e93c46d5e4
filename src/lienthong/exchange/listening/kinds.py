"""The kinds of messages that a listener takes, by MSH-9: results, orders, and what happens to patients' records."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Header

_ORDERS = frozenset({"O01", "O21", "O33", "O35", "O39"})
_PATIENTS = frozenset(
    ["A01", "A02", "A03", "A04", "A05", "A08", "A11", "A13", "A28", "A31", "A40", "A41", "A45", "A47"]
)
# None takes every trigger event, also none at all: systems before 2.3.1 send MSH-9 without one.
TAKEN: Mapping[str, frozenset[str] | None] = {
    "ORU": None,
    "OUL": frozenset({"R22", "R23", "R24"}),
    "ORM": _ORDERS,
    "OML": _ORDERS,
    "ADT": _PATIENTS,
}
NOT_TAKEN = Finding(
    "MSH-9",
    "message-type",
    "MSH-9 must be ORU^R01, OUL^R22 to R24, ORM^O01, OML^O21, O33, O35 or O39, or ADT^A01 to A05, A08, A11, A13, A28, "
    "A31, A40, A41, A45 or A47; other messages are not taken here.",
)


def is_taken(header: Header) -> bool:
    """Whether a worker can act on messages of this kind; MSH-9.3 `ORU_R01` alone tells results too."""
    if header.message_code not in TAKEN:
        return header.message_structure == "ORU_R01"
    triggers = TAKEN[header.message_code]
    return triggers is None or header.trigger_event in triggers


def is_about_order(header: Header) -> bool:
    """Whether the message asks for examinations or says what becomes of what was asked for."""
    return header.message_code in ("ORM", "OML")


def is_about_patient(header: Header) -> bool:
    """Whether the message changes a patient's record and no report."""
    return header.message_code == "ADT"
