"""Facilities as Organizations, and their places as Locations (R4, Organization, Location)."""

from __future__ import annotations

from lienthong.exchange.fhir import systems
from lienthong.interop.fhir import Element
from lienthong.registry.reads import FacilityFacts

_PROVIDER = {"system": systems.ORGANIZATION_TYPE, "code": "prov", "display": "Healthcare Provider"}


def organization(facility: FacilityFacts) -> Element:
    """Return a facility under its licence code."""
    return {
        "resourceType": "Organization",
        "id": facility.code,
        "identifier": [{"system": systems.FACILITY, "value": facility.code}],
        "active": True,
        "type": [{"coding": [_PROVIDER]}],
        "name": facility.name,
    }


def location(facility: FacilityFacts) -> Element:
    """Return the place of a facility; where it lies is told by its regions, outermost first."""
    return {
        "resourceType": "Location",
        "id": facility.code,
        "identifier": [{"system": systems.FACILITY, "value": facility.code}],
        "status": "active",
        "mode": "instance",
        "name": facility.name,
        "address": {"country": facility.region_path[0].upper(), "text": " / ".join(facility.region_path)},
        "managingOrganization": {"reference": f"Organization/{facility.code}"},
    }
