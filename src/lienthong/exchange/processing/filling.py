"""What a kind of message has no place for: it is filled in where the platform knows it, and marked as filled in.

The registry tells the interval, the method and the code; the time of an order stands for that of the collection; and
what is exported after it was released is taken as final.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from lienthong.exchange.deliveries import cn_cda, vn_xml
from lienthong.exchange.processing.measured import Measured
from lienthong.exchange.terms.codebook import Coding, loincs_of
from lienthong.interop.hl7v2 import Observation

# By the kind of message (MSH-9.1, or what stands in for it).
LACKS: Mapping[str, frozenset[str]] = {
    vn_xml.MESSAGE_TYPE: frozenset({"collected_at", "status", "method", "loinc", "reference_range"}),
    cn_cda.MESSAGE_TYPE: frozenset({"status", "method", "loinc", "reference_range"}),
}
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Filled:
    """The interval of a result in the analyte's unit, and the names of what was filled in, parted by blanks."""

    low: Decimal | None
    high: Decimal | None
    names: str = ""


def fill_in(
    message_code: str, one: Observation, coding: Coding, measured: Measured, *, status: str, is_collection_known: bool
) -> Filled:
    """Return what is filled in of an observation: only what its kind lacks, and it does not tell all the same."""
    lacks = LACKS.get(message_code, NOTHING)
    if not lacks:
        return Filled(measured.low, measured.high)
    low, high = measured.low, measured.high
    takes_interval = not one.reference_range and measured.value is not None and coding.registered != (None, None)
    if takes_interval:
        low, high = coding.registered
    is_filled = {
        "collected_at": is_collection_known,
        "status": status == "final",
        "method": coding.procedure_id is not None and one.method is None,
        "loinc": bool(coding.meaning and coding.meaning.analyte.loinc) and not loincs_of(one.code),
        "reference_range": takes_interval,
    }
    return Filled(low, high, " ".join(name for name, is_so in is_filled.items() if is_so and name in lacks))
