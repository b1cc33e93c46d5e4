"""The discovery document: which services there are and what each wants prefetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lienthong.interop.cds_hooks._json import Json
from lienthong.interop.cds_hooks._request import Hook

PREFETCH: Mapping[str, str] = {
    "patient": "Patient/{{context.patientId}}",
    "encounter": "Encounter/{{context.encounterId}}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as discovery lists it; it is called at `cds-services/<id>`."""

    id: str
    hook: Hook
    title: str
    description: str
    prefetch: Mapping[str, str] = field(default_factory=lambda: PREFETCH)


def services_document(services: Iterable[Service]) -> dict[str, Json]:
    """Return the body of the discovery endpoint."""
    return {
        "services": [
            {
                "id": service.id,
                "hook": service.hook,
                "title": service.title,
                "description": service.description,
                "prefetch": dict(service.prefetch),
            }
            for service in services
        ]
    }
