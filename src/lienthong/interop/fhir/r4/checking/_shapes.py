"""Types unpacked for checking: for each member name of JSON what it holds, and what must be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lienthong.interop.fhir.r4._definitions import (
    ElementDefinition,
    TypeDefinition,
    TypeUse,
    primitives,
    type_definition,
    value_set,
)
from lienthong.interop.fhir.r4.checking._primitives import ALLOWED, Holds, member_of, test_of
from lienthong.interop.fhir.r4.checking.invariants import RULES, Rule

MOST_CODES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Slot:
    """A member of an object: `holds` tests a primitive, `type_name` names the type of an object.

    `companion_of` is the name of the primitive whose id and extensions this member has (`_birthDate`), `choice` the
    name of the element that has a type in its name.
    """

    name: str
    type_name: str
    is_list: bool
    most: int | None
    is_value: bool
    is_single_value: bool
    holds: Holds
    has_codes: bool
    codings: frozenset[str]
    allowed: str
    targets: tuple[str, ...]
    companion_of: str
    choice: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A type: its members by name, for each required element the names that it may have, and the rules of the type."""

    name: str
    slots: Mapping[str, Slot]
    required: tuple[frozenset[str], ...]
    has_choices: bool
    is_reference: bool
    rules: tuple[tuple[str, str, Rule], ...]


RESOURCE_TYPE = Slot(
    "resourceType", "code", False, 1, True, True, test_of("code"), False, frozenset(), ALLOWED["code"], (), "", ""
)


@cache
def shape_of(name: str) -> Shape:
    """Return the shape of a type by its name. Raises KeyError where R4 has none."""
    definition = type_definition(name)
    slots = {"resourceType": RESOURCE_TYPE} if definition.kind == "resource" else {}
    required = []
    for element in definition.elements:
        names = []
        for written, use in element.names():
            slots[written] = _slot(written, element, use)
            names.append(written)
            if element.has_companion(use):
                slots[f"_{written}"] = _companion(written, element)
                names.append(f"_{written}")
        if element.least:
            required.append(frozenset(names))
    return Shape(
        name=name,
        slots=slots,
        required=tuple(required),
        has_choices=any(element.is_choice for element in definition.elements),
        is_reference=name == "Reference",
        rules=_rules(definition),
    )


def _rules(definition: TypeDefinition) -> tuple[tuple[str, str, Rule], ...]:
    """Return key, text and function of the rules that make an error."""
    known = [(one, RULES.get((one.type, one.key))) for one in definition.constraints if one.severity == "error"]
    return tuple((one.key, one.text, rule) for one, rule in known if rule is not None)


def _slot(name: str, element: ElementDefinition, use: TypeUse) -> Slot:
    codes = value_set(element.value_set) if element.value_set else None
    is_primitive = use.code in primitives()
    listed = frozenset(code for found in codes.values() for code in found) if codes and is_primitive else None
    pairs = codes.items() if codes and not is_primitive else ()
    return Slot(
        name=name,
        type_name=use.profile or use.code,
        is_list=element.is_list,
        most=element.most,
        is_value=is_primitive,
        is_single_value=is_primitive and not element.is_list,
        holds=_test(use.code, listed) if is_primitive else _never,
        has_codes=listed is not None,
        codings=frozenset(f"{system}|{code}" for system, found in pairs for code in found),
        allowed=_allowed(use.code, element, frozenset().union(*codes.values()) if codes else None),
        targets=use.targets,
        companion_of="",
        choice=element.name if element.is_choice else "",
    )


def _test(code: str, codes: frozenset[str] | None) -> Holds:
    return test_of(code) if codes is None else member_of(codes)


def _never(_: object) -> bool:
    """Objects are no values of a primitive type."""
    return False


def _companion(name: str, element: ElementDefinition) -> Slot:
    return Slot(
        name=f"_{name}",
        type_name="Element",
        is_list=element.is_list,
        most=element.most,
        is_value=False,
        is_single_value=False,
        holds=_never,
        has_codes=False,
        codings=frozenset(),
        allowed="an object with id or extension",
        targets=(),
        companion_of=name,
        choice=element.name if element.is_choice else "",
    )


def _allowed(code: str, element: ElementDefinition, codes: frozenset[str] | None) -> str:
    if codes is None:
        return ALLOWED.get(code, f"an object of type {code}")
    if len(codes) > MOST_CODES_SHOWN:
        return f"one of the {len(codes)} codes of {element.value_set}"
    return f"one of {', '.join(sorted(codes))}"
