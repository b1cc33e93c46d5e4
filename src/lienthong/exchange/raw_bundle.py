"""A Bundle of FHIR as people see it: what was measured of it, a line an element; all else is hidden until asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from lienthong.exchange.raw_line import Line
from lienthong.findings import Finding
from lienthong.interop.fhir import Element, loads

_BEGINNING = b'{"resourceType":"Bundle"'
# Of these nothing is shown but that they are there.
_PEOPLE = frozenset(("Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Encounter"))
# What tells of a measurement and not of a person.
_SHOWN = ("status", "intent", "code", "category", "valueQuantity", "effectiveDateTime", "issued", "authoredOn", "type")


def is_bundle_text(data: bytes) -> bool:
    """Whether bytes begin as a Bundle in the inbox does."""
    return data.startswith(_BEGINNING)


def lay_out_bundle(
    data: bytes, findings: Collection[Finding], *, with_patient: bool, codes: Collection[str]
) -> tuple[Line, ...]:
    """Lay out a Bundle resource by resource; nothing where it can't be read.

    Codes that wait are marked, and the elements that findings name (`Bundle.entry[2].resource.code`, `Patient.name`).
    """
    try:
        bundle = loads(data)
    except ValueError:
        return ()
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    resources = [one.get("resource") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    found = [(at, one) for at, one in enumerate(resources) if isinstance(one, dict)]
    lines: list[Line] = []
    for at, one in found:
        root = f"Bundle.entry[{at}].resource" if len(resources) > 1 else str(one.get("resourceType"))
        lines += _lines(one, with_patient, codes, _elements(findings, root))
    return tuple(lines)


def _elements(findings: Collection[Finding], root: str) -> frozenset[str]:
    """Return the elements of a resource that findings name."""
    paths = (one.where.removeprefix(f"{root}.") for one in findings if one.where.startswith(f"{root}."))
    return frozenset(re.split(r"[.[]", path)[0] for path in paths)


def _lines(resource: Element, with_patient: bool, codes: Collection[str], faulty: Collection[str]) -> Iterator[Line]:
    kind = str(resource.get("resourceType"))
    yield ((f"{kind}/{resource.get('id', '')}", False, False),)
    for name, value in resource.items():
        if name in ("resourceType", "id"):
            continue
        is_open = with_patient or (kind not in _PEOPLE and name in _SHOWN)
        text = _text(value) if is_open else ""
        is_waiting = name in faulty or (is_open and any(f'"{code}"' in text for code in codes))
        yield ((f"  {name}: ", False, False), (text, is_waiting, not is_open))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
