"""The structure of an object: members, types, cardinality, values, and the rules of its type (FHIR R4, JSON)."""

from __future__ import annotations

from lienthong.interop.fhir._issues import MOST_ISSUES, Issue
from lienthong.interop.fhir.r4._definitions import resource_types
from lienthong.interop.fhir.r4._json_form import shown
from lienthong.interop.fhir.r4.checking._bundles import faults_of_bundle
from lienthong.interop.fhir.r4.checking._contained import faults_of_container
from lienthong.interop.fhir.r4.checking._faults import below, fault
from lienthong.interop.fhir.r4.checking._scope import Scope
from lienthong.interop.fhir.r4.checking._shapes import Shape, Slot, shape_of
from lienthong.interop.fhir.r4.checking.invariants._reading import Node, codings

_HOLDS_RESOURCE = "Resource"


def faults_of_resource(node: Node, scope: Scope | None = None, *, is_contained: bool = False) -> list[Issue]:
    """Return what is wrong with a resource and all that is in it, with places below it.

    A contained resource shares the references of the one that it is in.
    """
    name = node.get("resourceType")
    if not isinstance(name, str) or name not in resource_types():
        return [fault("", "structure", "resourceType must name a resource of R4", "resource-type")]
    own = Scope(takes_searches=name == "Bundle" and node.get("type") in ("batch", "transaction"))
    if scope is not None:
        own.takes_searches = own.takes_searches or scope.takes_searches
        own.references = scope.references if is_contained else own.references
    found = _faults_of_object(node, shape_of(name), own)
    if not is_contained:
        found += faults_of_container(node, own)
        if scope is not None:
            scope.inner.append((node, own.references))
    if name == "Bundle":
        found += faults_of_bundle(node, own)
    return found


def _faults_of_object(node: Node, shape: Shape, scope: Scope) -> list[Issue]:
    found = _faults_of_members(node, shape, scope)
    if not node or (len(node) == 1 and "id" in node):
        found.append(fault("", "invariant", "an element must have a value or children", "ele-1"))
    for names in shape.required:
        if names.isdisjoint(node):
            found.append(_missing(names))
    for key, text, holds in shape.rules:
        held = holds(node)
        if held is not True:
            found.append(fault(held or "", "invariant", text, key))
    return found


def _faults_of_members(node: Node, shape: Shape, scope: Scope) -> list[Issue]:
    found: list[Issue] = []
    slots = shape.slots
    choices = 0
    for name, value in node.items():
        if len(found) >= MOST_ISSUES:
            return found
        slot = slots.get(name)
        if slot is None:
            message = f"{shape.name} has no such element"
            found.append(fault(f".{shown(name)}", "structure", message, "unknown-element"))
            continue
        if slot.choice:
            choices += 1
        if slot.is_single_value:
            if not slot.holds(value):
                found.append(_bad_value(f".{name}", slot, value))
        elif wrong := _faults_of_member(value, slot, node, scope):
            found += below(f".{name}", wrong)
    if choices > 1:
        found += _choices_given_twice(node, shape)
    return found


def _faults_of_member(value: object, slot: Slot, node: Node, scope: Scope) -> list[Issue]:
    """Check what is a list, an object, or the id and extensions of a primitive."""
    if not slot.is_list:
        if type(value) is list:
            return [fault("", "structure", "the element may be there once, and is no array", "cardinality")]
        if slot.companion_of and _is_id_of_value(value, slot, node.get(slot.companion_of)):
            return []
        return _faults_of_object_at(value, slot, scope)
    if type(value) is not list:
        return [fault("", "structure", "the element may repeat, and is an array", "cardinality")]
    if not value:
        return [fault("", "structure", "an array must have a value", "empty")]
    return _faults_of_list(value, slot, node, scope)


def _faults_of_list(value: list[object], slot: Slot, node: Node, scope: Scope) -> list[Issue]:
    found: list[Issue] = []
    if slot.most is not None and len(value) > slot.most:
        found.append(fault("", "structure", f"the element may be there {slot.most} times at most", "cardinality"))
    check_item = _faults_of_item if slot.is_value else _faults_of_object_at
    for index, one in enumerate(value):
        if (slot.is_value or slot.companion_of) and _is_filled(index, one, slot, node):
            continue
        if wrong := check_item(one, slot, scope):
            found += below(f"[{index}]", wrong)
        if len(found) >= MOST_ISSUES:
            break
    return found


def _is_filled(index: int, value: object, slot: Slot, node: Node) -> bool:
    """Tell whether the other half of a primitive makes this one good: null, or an id alone (FHIR R4, JSON, arrays)."""
    other = node.get(slot.companion_of or f"_{slot.name}")
    half = other[index] if isinstance(other, list) and index < len(other) else None
    return half is not None and (value is None or (bool(slot.companion_of) and _is_id_of_value(value, slot, half)))


def _is_id_of_value(value: object, slot: Slot, half: object) -> bool:
    """Tell whether the object is the id of a value that is there, so that ele-1 holds without an extension."""
    if half is None or not isinstance(value, dict) or value.keys() != {"id"}:
        return False
    return shape_of(slot.type_name).slots["id"].holds(value["id"])


def _faults_of_item(value: object, slot: Slot, _: Scope) -> list[Issue]:
    return [] if slot.holds(value) else [_bad_value("", slot, value)]


def _faults_of_object_at(value: object, slot: Slot, scope: Scope) -> list[Issue]:
    if type(value) is not dict:
        return [fault("", "structure", f"the element must be {slot.allowed}", "type")]
    if slot.type_name == _HOLDS_RESOURCE:
        return faults_of_resource(value, scope, is_contained=slot.name == "contained")
    shape = shape_of(slot.type_name)
    if shape.is_reference:
        scope.references.append((value, slot.targets))
    found = _faults_of_object(value, shape, scope)
    if slot.codings and not {f"{system}|{code}" for system, code in codings(value)} & slot.codings:
        found.append(fault("", "code-invalid", f"one coding must be {slot.allowed}", "required-binding"))
    return found


def _bad_value(place: str, slot: Slot, value: object) -> Issue:
    if type(value) in (dict, list) or value is None:
        return fault(place, "structure", f"the element must be {slot.allowed}", "type")
    if value == "":
        return fault(place, "value", f"the text is empty; it must be {slot.allowed}, or left out", "empty")
    if slot.has_codes and type(value) is str:
        return fault(place, "code-invalid", f"the code must be {slot.allowed}", "required-binding")
    return fault(place, "value", f"the value must be {slot.allowed}", slot.type_name)


def _missing(names: frozenset[str]) -> Issue:
    wanted = sorted(name for name in names if not name.startswith("_"))
    text = wanted[0] if len(wanted) == 1 else f"one of {', '.join(wanted)}"
    return fault("", "required", f"{text} is missing", "cardinality")


def _choices_given_twice(node: Node, shape: Shape) -> list[Issue]:
    given: dict[str, set[str]] = {}
    for name in node:
        slot = shape.slots.get(name)
        if slot is not None and slot.choice:
            given.setdefault(slot.choice, set()).add(slot.companion_of or name)
    return [
        fault("", "structure", f"{' and '.join(sorted(names))} exclude one another", "choice")
        for names in given.values()
        if len(names) > 1
    ]
