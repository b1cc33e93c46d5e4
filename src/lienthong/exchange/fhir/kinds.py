"""The resources that the interface offers, with what may be done with each: the one table of the server.

Routes, the search, the CapabilityStatement and the OpenAPI description are made of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.interop.fhir import r4

# Parameters of these types are asked for; composites and special ones are not.
SEARCHED_TYPES = frozenset(("token", "string", "date", "reference", "uri", "quantity", "number"))
# Whose a resource is.
OF_PATIENT = frozenset(("patient", "subject"))
# What a system says for itself, and no sender: it tells of no patient, and is no message.
OF_SYSTEMS = frozenset(("Subscription",))
# R4 defines these for every resource; texts are not kept as full texts, and lists and queries do not exist here.
NOT_OFFERED = frozenset(("_content", "_text", "_list", "_query", "_filter", "_has", "_type"))


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource. Every type is kept as received.

    Those that laboratories do not exchange have the parameters of all resources only. `acts` says what the server does
    with one beside keeping it.
    """

    name: str
    acts: str = ""

    @property
    def parameters(self) -> dict[str, r4.SearchParameter]:
        """Return the search parameters that are answered, by their codes."""
        return {
            code: one
            for code, one in r4.search_parameters(self.name).items()
            if one.type in SEARCHED_TYPES and code not in NOT_OFFERED
        }

    @property
    def references(self) -> dict[str, r4.SearchParameter]:
        """Return the parameters that may be included (_include)."""
        return {code: one for code, one in self.parameters.items() if one.type == "reference"}


# These are answers and forms, nothing that is kept.
_NOT_KEPT = frozenset(("Parameters", "OperationOutcome", "CapabilityStatement"))
_ACTS = {
    "Subscription": (
        "Channel rest-hook only, criteria of Observation and DiagnosticReport. The endpoint is called by https: an"
        " empty POST, or with a payload (application/fhir+json, application/fhir+xml) a PUT of the resource as Type/id"
        " under the endpoint. A client gives the status requested or off; the values of headers are never shown."
    )
}
KINDS = {name: Kind(name, _ACTS.get(name, "")) for name in sorted(r4.resource_types() - _NOT_KEPT)}
