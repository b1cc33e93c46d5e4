"""Resources as Hypothesis makes them from the definitions: any type, any elements, values, extensions, contained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from tests.unit.interop.fhir.r4.primitives import PRIMITIVES, codes, ids, texts, uris

from lienthong.interop.fhir.r4 import (
    ElementDefinition,
    TypeDefinition,
    TypeUse,
    resource_types,
    type_definition,
    value_set,
)
from lienthong.interop.fhir.r4.checking.invariants import RULES

Node = dict[str, Any]
MOST_OPTIONAL = 4
# What a rule asks for beside the cardinality, so that few draws are thrown away.
WANTED: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("clinicalStatus",),
    "Composition.section": ("text",),
    "Condition.evidence": ("code",),
    "Condition.stage": ("summary",),
    "Consent": ("policyRule",),
    "DataRequirement.codeFilter": ("path",),
    "DataRequirement.dateFilter": ("path",),
    "Expression": ("expression",),
    "Extension": ("value",),
    "Observation.referenceRange": ("text",),
    "Organization": ("name",),
    "Parameters.parameter": ("value",),
    "Patient.contact": ("name",),
    "Ratio": ("numerator", "denominator"),
}
NEVER: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("verificationStatus",),
    "Condition": ("abatement", "verificationStatus"),
    "DataRequirement.codeFilter": ("searchParam",),
    "DataRequirement.dateFilter": ("searchParam",),
    "Extension": ("extension",),
    "Observation": ("dataAbsentReason",),
    "Organization": ("address", "telecom"),
    "Parameters.parameter": ("part", "resource"),
    "Period": ("end",),
    "Range": ("high",),
    "Timing.repeat": ("timeOfDay", "when", "offset", "duration", "period", "periodMax", "durationMax", "countMax"),
    "TriggerDefinition": ("condition", "timing"),
}
QUANTITIES: Mapping[str, Node] = {
    "Age": {"value": 7, "system": "http://unitsofmeasure.org", "code": "a"},
    "Count": {"value": 7, "system": "http://unitsofmeasure.org", "code": "1"},
    "Distance": {"value": 7, "system": "http://unitsofmeasure.org", "code": "m"},
    "Duration": {"value": 7, "system": "http://unitsofmeasure.org", "code": "min"},
    "SimpleQuantity": {"value": 7, "unit": "mmol/L"},
    "TriggerDefinition": {"type": "named-event", "name": "discharge"},
}


ANY = st.sampled_from(sorted(resource_types() - {"Bundle"}))


@st.composite
def resources(draw: st.DrawFn, names: st.SearchStrategy[str] | None = None) -> Node:
    """Return a resource that keeps the structure and the rules of R4. Bundles have strategies of their own."""
    name = draw(ANY if names is None else names)
    node: Node = {"resourceType": name, **draw(nodes(name, depth=2))}
    if draw(st.booleans()) and any(one.name == "contained" for one in type_definition(name).elements):
        held = draw(nodes("Device", depth=0))
        node["contained"] = [{"resourceType": "Device", **held, "id": "d1"}]
        pointer = {"url": "http://example.org/device", "valueReference": {"reference": "#d1"}}
        node.setdefault("extension", []).append(pointer)
    return node


@st.composite
def bundles(draw: st.DrawFn) -> Node:
    held = draw(st.lists(resources(), min_size=1, max_size=3))
    urls = draw(st.lists(st.uuids(), min_size=len(held), max_size=len(held), unique=True))
    entries = [{"fullUrl": f"urn:uuid:{url}", "resource": one} for url, one in zip(urls, held, strict=True)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


@st.composite
def nodes(draw: st.DrawFn, name: str, *, depth: int) -> Node:
    """Return an object of a type; at depth 0 with nothing that may be left out."""
    if name in QUANTITIES:
        return dict(QUANTITIES[name])
    definition = type_definition(name)
    wanted = WANTED.get(name, ())
    optional = [one for one in definition.elements if _may_be_drawn(one, name)]
    chosen = (
        draw(st.lists(st.sampled_from(optional), max_size=MOST_OPTIONAL, unique=True)) if optional and depth else []
    )
    node: Node = {}
    for element in definition.elements:
        if element.least or element.name in wanted or element in chosen:
            _add(draw, node, element, depth)
    return _kept(draw, node, definition)


def _may_be_drawn(element: ElementDefinition, name: str) -> bool:
    held = ("contained", *NEVER.get(name, ()))
    return not element.least and element.name not in held and element.types[0].code != "Resource"


def _kept(draw: st.DrawFn, node: Node, definition: TypeDefinition) -> Node:
    """Take what may go from what breaks a rule (a code without a system); what is left empty gets an extension."""
    rules = [RULES[one.type, one.key] for one in definition.constraints if (one.type, one.key) in RULES]
    required = {one.name for one in definition.elements if one.least} | set(WANTED.get(definition.name, ()))
    for name in [*node]:
        if all(rule(node) is True for rule in rules):
            break
        if not any(name.lstrip("_").startswith(one) for one in required):
            del node[name]
    if definition.kind != "resource" and not set(node) - {"id"}:
        node["extension"] = [{"url": "http://example.org/empty", "valueBoolean": draw(st.booleans())}]
    return node


def _add(draw: st.DrawFn, node: Node, element: ElementDefinition, depth: int) -> None:
    names = element.names()
    name, use = draw(st.sampled_from(names)) if len(names) > 1 else names[0]
    count = draw(st.integers(1, 2)) if element.is_list else 1
    if use.code not in PRIMITIVES:
        values = [draw(_objects(element, use, depth)) for _ in range(count)]
        node[name] = values if element.is_list else values[0]
        return
    values = [draw(_values(element, use)) for _ in range(count)]
    others: list[Node | None] = [None] * count
    if depth and element.has_companion(use) and draw(st.integers(0, 5)) == 0:
        at = draw(st.integers(0, count - 1))
        others[at] = {"id": "x1", "extension": [{"url": "http://example.org/x", "valueString": draw(texts)}]}
        if not element.value_set and draw(st.booleans()):
            values[at] = None
    if any(one is not None for one in values):
        node[name] = values if element.is_list else values[0]
    if any(others):
        node[f"_{name}"] = others if element.is_list else others[0]


def _values(element: ElementDefinition, use: TypeUse) -> st.SearchStrategy[Any]:
    held = value_set(element.value_set) if element.value_set else None
    if held:
        return st.sampled_from(sorted(code for found in held.values() for code in found))
    return PRIMITIVES[use.code]


def _objects(element: ElementDefinition, use: TypeUse, depth: int) -> st.SearchStrategy[Node]:
    held = value_set(element.value_set) if element.value_set else None
    if held and use.code in ("Coding", "CodeableConcept"):
        pairs = sorted((system, code) for system, found in held.items() for code in found)
        codings = st.sampled_from(pairs).map(lambda pair: {"system": pair[0], "code": pair[1]})
        return codings if use.code == "Coding" else codings.map(lambda one: {"coding": [one]})
    if use.code == "Reference":
        return _references(use)
    if use.code == "Extension":
        return st.builds(lambda url, text: {"url": url, "valueString": text}, uris, texts)
    return nodes(use.profile or use.code, depth=max(depth - 1, 0))


def _references(use: TypeUse) -> st.SearchStrategy[Node]:
    targets = [one for one in use.targets if one in resource_types()] or ["Patient", "Basic"]
    literal = st.builds(
        "{}{}/{}".format, st.sampled_from(["", "http://example.org/fhir/"]), st.sampled_from(targets), ids
    )
    return (
        literal.map(lambda text: {"reference": text})
        | st.builds(lambda text, code: {"display": text, "identifier": {"value": code}}, texts, codes)
        | st.uuids().map(lambda one: {"reference": f"urn:uuid:{one}"})
    )
