"""The check of a whole resource."""

from __future__ import annotations

from lienthong.interop.fhir._issues import MOST_ISSUES, Issue
from lienthong.interop.fhir.r4.checking._objects import faults_of_resource
from lienthong.interop.fhir.r4.checking.invariants._reading import Node


def check(resource: Node) -> tuple[Issue, ...]:
    """Return what is wrong with a resource, as R4 (4.0.1) defines it; nothing where it is valid.

    The tree is that of `parse_json` or `parse_xml`. Places are simple FHIRPath from the type of the resource, or from
    `Resource` where it names none; messages say what is allowed, never a value. A thousand issues are told at most;
    nothing is raised.
    """
    name = resource.get("resourceType")
    place = name if isinstance(name, str) and name.isascii() and name.isalpha() and len(name) <= 64 else "Resource"
    try:
        found = faults_of_resource(resource)
    except RecursionError:
        return (Issue("error", "too-long", place, "the resource has too many levels", "depth"),)
    return tuple(issue.below(place) for issue in found[:MOST_ISSUES])
