"""Which numbers of a message name a tube.

In an order: SPM-2 on both sides, since whoever placed it and the laboratory may both have labelled the tube; SPM-30,
and SAC-3. In results of an analyser: O-3, SPM-2.1, SPM-30 and SAC-3. SPM-2.2 and O-4 are the analyser's own there, such
as a place in a rack, and name no tube to others.
"""

from __future__ import annotations

from lienthong.interop.hl7v2 import EntityIdentifier, Instant, OrderRequest, OruOrder, Specimen
from lienthong.results.reads import NumberKind


def told_by_order(order: OrderRequest) -> dict[str, Instant | None]:
    """Return the numbers of the tubes of an order, each with the time of collection where it is told."""
    return {
        number: specimen.collected_at
        for specimen in order.specimens
        for number in _numbers(specimen.placer, specimen.filler, specimen=specimen)
    }


def told_by_results(order: OruOrder, kind: NumberKind) -> tuple[str, ...]:
    """Return the numbers by which an analyser's results can be those of an order.

    Where tubes bear the placer's number, OBR-2 is one of them.
    """
    tubes = tuple(number for one in order.specimens for number in _numbers(one.placer, specimen=one))
    placer = (order.placer_order_number,) if kind == "placer" and order.placer_order_number else ()
    return tuple(dict.fromkeys((*tubes, *placer)))


def _numbers(*identifiers: EntityIdentifier | None, specimen: Specimen | None = None) -> tuple[str, ...]:
    values = [one.value for one in identifiers if one]
    if specimen:
        values += [one.value for one in specimen.accessions]
        values += [one.identifier.value for one in specimen.containers if one.identifier]
    cleaned = (value.replace("\0", "").strip() for value in values)
    return tuple(dict.fromkeys(value for value in cleaned if value))
