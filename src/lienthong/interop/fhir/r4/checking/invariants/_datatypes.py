"""Rules of data types, each named after its key (FHIR R4, Data Types, Metadata Types, Extensibility)."""

from __future__ import annotations

from lienthong.interop.fhir.r4._times import is_after
from lienthong.interop.fhir.r4.checking.invariants._reading import UCUM, Node, amount, child, has, has_choice, text

_MOMENTS_WITHOUT_OFFSET = ("C", "CM", "CD", "CV")


def ext_1(extension: Node) -> bool:
    return has(extension, "extension") != has_choice(extension, "value")


def att_1(attachment: Node) -> bool:
    return not has(attachment, "data") or has(attachment, "contentType")


def cpt_2(contact_point: Node) -> bool:
    return not has(contact_point, "value") or has(contact_point, "system")


def exp_1(expression: Node) -> bool:
    return has(expression, "expression", "reference")


def qty_3(quantity: Node) -> bool:
    return not has(quantity, "code") or has(quantity, "system")


def sqty_1(quantity: Node) -> bool:
    return not has(quantity, "comparator")


def age_1(age: Node) -> bool:
    value = amount(age, "value")
    return _is_of_ucum(age) and (value is None or value > 0)


def cnt_3(count: Node) -> bool:
    is_one = not has(count, "code") or text(count, "code") == "1"
    return _is_of_ucum(count) and is_one and "." not in str(amount(count, "value"))


def dis_1(distance: Node) -> bool:
    return _is_of_ucum(distance)


def drt_1(duration: Node) -> bool:
    return not has(duration, "code") or (text(duration, "system") == UCUM and has(duration, "value"))


def per_1(period: Node) -> bool:
    """Compare to the precision that both have; two instants in time, whatever their offsets."""
    start, end = text(period, "start"), text(period, "end")
    return not (start and end) or not is_after(start, end)


def rng_2(bounds: Node) -> bool:
    """Quantities are comparable where their units are the same."""
    low, high = child(bounds, "low"), child(bounds, "high")
    least, most = amount(low, "value"), amount(high, "value")
    same = all(low.get(name) == high.get(name) for name in ("system", "code", "unit"))
    return least is None or most is None or not same or least <= most


def rat_1(ratio: Node) -> bool:
    both = has(ratio, "numerator") == has(ratio, "denominator")
    return both and has(ratio, "numerator", "extension")


def tim_1(repeat: Node) -> bool:
    return not has(repeat, "duration") or has(repeat, "durationUnit")


def tim_2(repeat: Node) -> bool:
    return not has(repeat, "period") or has(repeat, "periodUnit")


def tim_4(repeat: Node) -> bool:
    return (amount(repeat, "duration") or 0) >= 0


def tim_5(repeat: Node) -> bool:
    return (amount(repeat, "period") or 0) >= 0


def tim_6(repeat: Node) -> bool:
    return not has(repeat, "periodMax") or has(repeat, "period")


def tim_7(repeat: Node) -> bool:
    return not has(repeat, "durationMax") or has(repeat, "duration")


def tim_8(repeat: Node) -> bool:
    return not has(repeat, "countMax") or has(repeat, "count")


def tim_9(repeat: Node) -> bool:
    when = repeat.get("when")
    moments = when if isinstance(when, list) else []
    return not has(repeat, "offset") or (
        has(repeat, "when") and not any(one in _MOMENTS_WITHOUT_OFFSET for one in moments)
    )


def tim_10(repeat: Node) -> bool:
    return not (has(repeat, "timeOfDay") and has(repeat, "when"))


def trd_1(trigger: Node) -> bool:
    return not (has(trigger, "data") and has_choice(trigger, "timing"))


def trd_2(trigger: Node) -> bool:
    return not has(trigger, "condition") or has(trigger, "data")


def trd_3(trigger: Node) -> bool:
    kind = text(trigger, "type")
    if kind == "named-event":
        return has(trigger, "name")
    if kind == "periodic":
        return has_choice(trigger, "timing")
    return not kind.startswith("data-") or has(trigger, "data")


def drq(part: Node) -> bool:
    """drq-1 and drq-2 say the same of code and date filters."""
    return has(part, "path") != has(part, "searchParam")


def _is_of_ucum(quantity: Node) -> bool:
    has_code = has(quantity, "code") or not has(quantity, "value")
    return has_code and (not has(quantity, "system") or text(quantity, "system") == UCUM)
