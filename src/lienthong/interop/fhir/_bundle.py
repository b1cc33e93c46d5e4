"""The Bundle being made: its resources, their ids, and what is wrong on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from uuid import UUID

from lienthong.findings import Finding
from lienthong.interop.fhir._json import Element, dumps
from lienthong.interop.fhir._times import Clock, put_time

_NAMESPACE = UUID("6f0e5f0a-3a2e-5d0f-9a57-1d7f2c1b8e40")
_MOST_FINDINGS = 100


@dataclass(slots=True)
class Build:
    """Resources in order; the id of each is a UUID (version 5) of the keys that name it: equal input, equal ids."""

    sender: str
    clock: Clock
    control_id: str = ""
    is_control: bool = False
    findings: list[Finding] = field(default_factory=list)
    resources: dict[str, Element] = field(default_factory=dict)

    def add(self, resource: Element, *key: str, is_shared: bool = True) -> Element:
        """Add a resource and return a reference to it.

        An equal one under the same key is the same resource, unless each is one of its own (`is_shared` False).
        """
        kind = str(resource["resourceType"])
        for ordinal in range(len(self.resources) + 1):
            found = _uuid("\x1f".join((kind, self.sender, *key, str(ordinal or ""))))
            if found not in self.resources:
                self.resources[found] = resource
                break
            if is_shared and self.resources[found] == resource:
                break
        return {"reference": f"urn:uuid:{found}"}

    def add_content(self, resource: Element) -> Element:
        """Add a resource that is what it says (a name and numbers): the same content is the same resource."""
        return self.add(resource, dumps(resource))

    def time(self, element: Element, key: str, sent: str, where: str, *, is_instant: bool = False) -> None:
        """Set a time, or report that it is none."""
        if not put_time(element, key, sent, self.clock, is_instant=is_instant):
            self.report(where, "date", f"{where} is not a time; write YYYYMMDDHHMMSS with the offset as +0700.")

    def report(self, where: str, code: str, message: str) -> None:
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(where, code, message))

    def entries(self, kind: str) -> list[Element]:
        """Return the entries of a Bundle of that type."""
        return [self._entry(found, resource, kind) for found, resource in self.resources.items()]

    @staticmethod
    def _entry(found: str, resource: Mapping[str, object], kind: str) -> Element:
        entry: Element = {
            "fullUrl": f"urn:uuid:{found}",
            "resource": {"resourceType": resource["resourceType"], "id": found, **resource},
        }
        if kind == "transaction":
            entry["request"] = {"method": "PUT", "url": f"{resource['resourceType']}/{found}"}
        return entry


def _uuid(name: str) -> str:
    """Return the UUID of version 5 (RFC 9562, 5.5) for a name, as uuid.uuid5 does in a sixth of its time."""
    digest = bytearray(sha1(_NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
