"""Why a result can't be given a meaning by its code: where the code stands, and what to do."""

from __future__ import annotations

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Observation, OruOrder


def is_examination(order: OruOrder, one: Observation) -> bool:
    """Whether an observation is the examination that was ordered: it stands where its order does."""
    return one.position == order.position


def code_place(order: OruOrder, one: Observation) -> str:
    """Name where the code stands: of an examination in its order."""
    return f"{one.position}-4" if is_examination(order, one) else f"{one.position}-3"


def clash(order: OruOrder, one: Observation, told: Finding) -> Finding:
    place = f"SPM-4 ({one.position})" if told.where == "SPM-4" else code_place(order, one)
    return Finding(place, told.code, told.message)


def no_examination(order: OruOrder, one: Observation) -> Finding:
    place = code_place(order, one)
    told = f"{place} is mapped to what is measured; map it to an examination that is told in words, then replay."
    return Finding(place, "not-an-examination", told)


def unknown_code(order: OruOrder, one: Observation) -> Finding:
    place = code_place(order, one)
    return Finding(
        place, "code-unknown", f"{place} is no mapped code of this sender; map it, then the message is replayed."
    )
