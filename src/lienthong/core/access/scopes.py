"""Scopes: what a connected system may ask for, and what is left of it by what it was granted.

Resources of FHIR are named as in SMART App Launch 2 (Scopes for Requesting FHIR Resources): `system/Observation.rs`,
the rights in the order c r u d s. Scopes of version 1 are read as their equals: `.read` is `.rs`, `.write` is `.cud`,
`.*` is `.cruds`. What is no resource of FHIR has a scope of the platform's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from lienthong.errors import BadInput
from lienthong.findings import Finding

Right = Literal["c", "r", "u", "d", "s"]
RIGHTS = "cruds"
ANY = "*"
CDS_HOOKS, DELIVERY_WRITE, DELIVERY_READ = "cds-hooks/call", "delivery/write", "delivery/read"
# The region's results without what names a patient, for the quality control centre (docs/adr/0008).
OVERSIGHT_EXPORT = "oversight/export"
PLATFORM_SCOPES = (DELIVERY_WRITE, DELIVERY_READ, CDS_HOOKS, OVERSIGHT_EXPORT)
RESOURCE_TYPES = (
    *("Patient", "Observation", "DiagnosticReport", "Specimen", "ServiceRequest", "Encounter", "Organization"),
    *("Location", "Practitioner", "PractitionerRole", "Device", "Provenance", "Bundle", "Consent", "Subscription"),
    *("ImagingStudy", "Media", "Binary", "DocumentReference", "Endpoint"),
)
_VERSION_1 = {"read": "rs", "write": "cud", "*": RIGHTS}
_RESOURCE = re.compile(r"system/(\*|[A-Za-z]+)\.(read|write|\*|[a-z]+)")
_IN_ORDER = re.compile("c?r?u?d?s?")
_OF_PEOPLE = ("patient/", "user/", "openid", "launch", "fhirUser", "offline_access", "online_access", "profile")


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """Rights over one type of resource, or over all of them (`*`)."""

    resource_type: str
    rights: frozenset[str]

    def __str__(self) -> str:
        return f"system/{self.resource_type}.{''.join(one for one in RIGHTS if one in self.rights)}"


def read_scopes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return scopes as they are kept, each type once with all its rights; raise BadInput with each that is not known.

    Where a finding is, is the scope as written.
    """
    asked = list(dict.fromkeys(texts))
    if faults := [fault for one in asked if (fault := fault_of(one))]:
        raise BadInput(faults)
    resources = [one for one in map(_resource_scope, asked) if one]
    return _written(resources, {one for one in asked if one in PLATFORM_SCOPES})


def fault_of(text: str) -> Finding | None:
    """Say what is wrong with one scope; None where it is known."""
    if text in PLATFORM_SCOPES:
        return None
    where = _printable(text)
    if "?" in text:
        return Finding(where, "scope-restricted", "scopes restricted by a search (?) are not supported; leave that out")
    if text.startswith(_OF_PEOPLE):
        return Finding(where, "scope-of-people", "a backend service asks for system/ scopes only")
    found = _RESOURCE.fullmatch(text)
    if found is None:
        allowed = f"a scope must be system/<Type or *>.<rights of cruds> or one of {', '.join(PLATFORM_SCOPES)}"
        return Finding(where, "scope-unknown", allowed)
    if found[1] not in (ANY, *RESOURCE_TYPES):
        return Finding(where, "scope-type", f"the type must be * or one of {', '.join(RESOURCE_TYPES)}")
    if found[2] not in _VERSION_1 and not _IN_ORDER.fullmatch(found[2]):
        return Finding(where, "scope-rights", "the rights must be some of cruds, in this order, or read, write or *")
    return None


def narrowed(asked: Iterable[str], granted: Collection[str]) -> tuple[str, ...]:
    """Return what of the asked scopes is granted, as they are kept; both must be known."""
    asked = list(asked)
    mine = [one for one in map(_resource_scope, granted) if one]
    shared = [both for one in map(_resource_scope, asked) if one for other in mine if (both := _shared(one, other))]
    return _written(shared, {one for one in asked if one in PLATFORM_SCOPES and one in granted})


def allows(scopes: Iterable[str], resource_type: str, right: Right) -> bool:
    """Whether one of the scopes gives a right over a type of resource; raises ValueError for what is no right."""
    if right not in RIGHTS or len(right) != 1:
        raise ValueError(f"right must be one of {RIGHTS}, but got {right!r}")
    held = (one for one in map(_resource_scope, scopes) if one)
    return any(one.resource_type in (ANY, resource_type) and right in one.rights for one in held)


def _resource_scope(text: str) -> ResourceScope | None:
    found = _RESOURCE.fullmatch(text)
    return ResourceScope(found[1], frozenset(_VERSION_1.get(found[2], found[2]))) if found else None


def _shared(one: ResourceScope, other: ResourceScope) -> ResourceScope | None:
    if ANY not in (one.resource_type, other.resource_type) and one.resource_type != other.resource_type:
        return None
    kind = other.resource_type if one.resource_type == ANY else one.resource_type
    rights = one.rights & other.rights
    return ResourceScope(kind, rights) if rights else None


def _written(found: Iterable[ResourceScope], others: Collection[str]) -> tuple[str, ...]:
    """Write each type once, all types first; a right that is held over all types is not said again of one."""
    rights: dict[str, frozenset[str]] = {}
    for one in found:
        rights[one.resource_type] = rights.get(one.resource_type, frozenset()) | one.rights
    everywhere = rights.get(ANY, frozenset())
    left = {kind: held if kind == ANY else held - everywhere for kind, held in rights.items()}
    of_types = (str(ResourceScope(kind, held)) for kind, held in sorted(left.items()) if held)
    return (*of_types, *(one for one in PLATFORM_SCOPES if one in others))


def _printable(text: str) -> str:
    """Return what may stand in an error of OAuth (RFC 6749, 5.2): visible ASCII without quote and backslash."""
    return "".join(one if 0x20 <= ord(one) <= 0x7E and one not in '"\\' else "?" for one in text)[:100]
