"""What FHIR R4 (4.0.1) defines: types with their elements, primitives, code lists, search parameters.

The table is definitions.json, made by tools/fhir_definitions.py from HL7's definitions (CC0 1.0). It is read once, at
first use, and each type is unpacked at its first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


@dataclass(frozen=True, slots=True)
class TypeUse:
    """One type that an element may have; `targets` are the resource types that a reference may name, none for any.

    `profile` is SimpleQuantity where the element allows only that form of Quantity.
    """

    code: str
    targets: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True)
class ElementDefinition:
    """An element of a type: `name` without [x], cardinality (`most` is None for many), types and required code list."""

    name: str
    least: int
    most: int | None
    types: tuple[TypeUse, ...]
    is_choice: bool
    value_set: str
    is_attribute: bool
    is_summary: bool

    @property
    def is_list(self) -> bool:
        return self.most is None or self.most > 1

    def has_companion(self, use: TypeUse) -> bool:
        """Whether `_name` may hold id and extensions: of primitives, but not of attributes, ids and XHTML."""
        return use.code in primitives() and use.code != "xhtml" and not self.is_attribute and self.name != "id"

    def names(self) -> tuple[tuple[str, TypeUse], ...]:
        """Return the JSON names with the type that each has: value[x] gives valueQuantity, valueString …"""
        if not self.is_choice:
            return ((self.name, self.types[0]),)
        return tuple((f"{self.name}{use.code[0].upper()}{use.code[1:]}", use) for use in self.types)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule: the `type` that sets it, its `key` (obs-6), `severity` (error, warning), and its text as HL7 words it."""

    type: str
    key: str
    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A resource, a data type, or a nested type (Observation.component); elements and rules with the inherited ones."""

    name: str
    kind: Literal["resource", "complex-type", "nested"]
    is_abstract: bool
    base: str
    elements: tuple[ElementDefinition, ...]
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """A search parameter of a type (FHIR R4, Search): its FHIRPath expression begins at that type.

    `components` of a composite are type and expression, which begins at what `expression` finds.
    """

    code: str
    type: str
    expression: str
    targets: tuple[str, ...] = ()
    components: tuple[tuple[str, str], ...] = ()


class _Primitive(msgspec.Struct):
    base: str
    pattern: str


class _Type(msgspec.Struct):
    kind: Literal["resource", "complex-type", "nested"]
    abstract: bool
    base: str
    elements: list[str]
    invariants: list[tuple[str, str, str]]


class _SearchParameter(msgspec.Struct, array_like=True):
    code: str
    type: str
    expression: str
    targets: list[str] = []
    components: list[tuple[str, str]] = []


class _Table(msgspec.Struct):
    release: str
    primitives: dict[str, _Primitive]
    types: dict[str, _Type]
    value_sets: dict[str, dict[str, list[str]]]
    open_value_sets: dict[str, str]
    search: dict[str, list[_SearchParameter]]


@cache
def _table() -> _Table:
    return msgspec.json.decode(files(__package__).joinpath("definitions.json").read_bytes(), type=_Table)


def release() -> str:
    return _table().release


@cache
def resource_types() -> frozenset[str]:
    """Return the names of the resources that can be instances."""
    return frozenset(name for name, one in _table().types.items() if one.kind == "resource" and not one.abstract)


@cache
def type_names() -> frozenset[str]:
    """Return the names of all types but primitives, nested ones by their path (Observation.component)."""
    return frozenset(_table().types)


@cache
def primitives() -> Mapping[str, str]:
    """Return the regular expression of each primitive type, empty where R4 gives none."""
    return {name: one.pattern for name, one in _table().primitives.items()}


@cache
def type_definition(name: str) -> TypeDefinition:
    """Return a type by its name. Raises KeyError where R4 has none."""
    row = _table().types[name]
    base = type_definition(row.base) if row.base else None
    inherited = base.elements if base else ()
    constraints = base.constraints if base else ()
    own = tuple(_element(text) for text in row.elements)
    return TypeDefinition(
        name=name,
        kind=row.kind,
        is_abstract=row.abstract,
        base=row.base,
        elements=inherited + own,
        constraints=constraints + tuple(Constraint(name, *one) for one in row.invariants),
    )


@cache
def value_set(name: str) -> Mapping[str, frozenset[str]] | None:
    """Return the codes of a required value set by system; None where R4 lists none (media types, currencies, units)."""
    found = _table().value_sets.get(name)
    return {system: frozenset(codes) for system, codes in found.items()} if found else None


@cache
def search_parameters(resource_type: str) -> Mapping[str, SearchParameter]:
    """Return the search parameters of a type by their code, those of every resource included."""
    rows = [*_table().search["Resource"], *_table().search["DomainResource"], *_table().search.get(resource_type, ())]
    return {
        row.code: SearchParameter(row.code, row.type, row.expression, tuple(row.targets), tuple(row.components))
        for row in rows
    }


@cache
def searched_types() -> frozenset[str]:
    """Return the resources whose search parameters are in the table."""
    return frozenset(_table().search) & resource_types()


def _element(text: str) -> ElementDefinition:
    """Read a row: `name cardinality type… [=value-set] [attribute] [summary]`."""
    name, cardinality, *words = text.split(" ")
    least, _, most = cardinality.partition("..")
    flags = {word for word in words if word in ("attribute", "summary")}
    codes = [word for word in words if word.startswith("=")]
    return ElementDefinition(
        name=name.removesuffix("[x]"),
        least=int(least),
        most=None if most == "*" else int(most),
        types=tuple(_type_use(word) for word in words if word not in flags and not word.startswith("=")),
        is_choice=name.endswith("[x]"),
        value_set=codes[0][1:] if codes else "",
        is_attribute="attribute" in flags,
        is_summary="summary" in flags,
    )


def _type_use(word: str) -> TypeUse:
    code, _, profile = word.partition(":")
    code, _, targets = code.partition("(")
    return TypeUse(code, tuple(targets.removesuffix(")").split("|")) if targets else (), profile)
