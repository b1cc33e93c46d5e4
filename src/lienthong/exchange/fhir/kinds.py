"""The resources that the interface offers, with what may be done with each: the one table of the server.

The search, the CapabilityStatement and the OpenAPI description are made of it; a test holds the routes to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lienthong.interop.fhir import r4

# Parameters of these types are asked for; composites and special ones are not.
SEARCHED_TYPES = frozenset(("token", "string", "date", "reference", "uri", "quantity", "number"))
# What a system says for itself, and no sender: it tells of no patient, and is no message.
OF_SYSTEMS = frozenset(("Subscription",))
# Asked for of every kind, and no parameter of one: name and meaning.
OF_REFERRING = (
    "_has",
    "what something refers to that meets a further search: _has:Type:reference:parameter=value, such as"
    " Patient?_has:Observation:patient:code=2345-7, and _has in _has; the token must let search each type",
)
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
    def parameters(self) -> Mapping[str, r4.SearchParameter]:
        """Return the search parameters that are answered, by their codes."""
        return _parameters(self.name)

    @property
    def references(self) -> Mapping[str, r4.SearchParameter]:
        """Return the parameters that may be included (_include)."""
        return {code: one for code, one in self.parameters.items() if one.type == "reference"}


@cache
def _parameters(kind: str) -> Mapping[str, r4.SearchParameter]:
    return {
        code: one
        for code, one in r4.search_parameters(kind).items()
        if one.type in SEARCHED_TYPES and code not in NOT_OFFERED
    }


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation (R4, operations): `name` without $, of a type or, where `kind` is empty, of the whole server.

    `parameters` are those of the URL with their meaning; with `is_search` those of the type's search come beside them.
    `takes_body` says that Parameters may be posted, `answers` what is told by which status.
    """

    name: str
    definition: str
    told: str
    kind: str = ""
    of_instance: bool = False
    methods: tuple[str, ...] = ("POST",)
    parameters: tuple[tuple[str, str], ...] = ()
    is_search: bool = False
    takes_body: bool = True
    answers: tuple[tuple[str, str], ...] = (("200", "What was found."),)

    @property
    def path(self) -> str:
        """Return the address below that of the interface."""
        return "/".join(part for part in (self.kind, "{id}" if self.of_instance else "", f"${self.name}") if part)


# These are answers and forms, nothing that is kept.
_NOT_KEPT = frozenset(("Parameters", "OperationOutcome", "CapabilityStatement"))
_ACTS = {
    "Subscription": (
        "Channel rest-hook only, criteria of DiagnosticReport, Observation, Patient, ServiceRequest and Specimen. The"
        " endpoint is called by https: an empty POST, or with a payload (application/fhir+json, application/fhir+xml)"
        " a PUT of the resource as Type/id under the endpoint. A client gives the status requested or off; the values"
        " of headers are never shown."
    )
}
KINDS = {name: Kind(name, _ACTS.get(name, "")) for name in sorted(r4.resource_types() - _NOT_KEPT)}
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_OF_EXPORT = (
    ("_type", "types with commas between them; all that the token may read and search where it is left out"),
    ("_since", "an instant: only what changed since then"),
    ("_outputFormat", "application/fhir+ndjson, application/ndjson or ndjson"),
)
_EXPORT_ANSWERS = (("202", "The export is being made; Content-Location says where it is."),)
OPERATIONS = (
    Operation(
        "export",
        f"{_BULK}/export",
        "All that the system may read, as files of NDJSON; with Prefer: respond-async.",
        methods=("GET", "POST"),
        parameters=_OF_EXPORT,
        answers=_EXPORT_ANSWERS,
    ),
    Operation(
        "lastn",
        "http://hl7.org/fhir/OperationDefinition/Observation-lastn",
        "The newest results of each code of a patient.",
        kind="Observation",
        methods=("GET", "POST"),
        parameters=(("max", "how many of each code, from 1 to 100; 1 where it is left out"),),
        is_search=True,
    ),
    Operation(
        "match",
        "http://hl7.org/fhir/OperationDefinition/Patient-match",
        "Whom the traits of a Patient name, as one match or none; nothing is created.",
        kind="Patient",
    ),
    Operation(
        "export",
        f"{_BULK}/patient-export",
        "Of all that the system may read, what is of patients.",
        kind="Patient",
        methods=("GET", "POST"),
        parameters=_OF_EXPORT,
        answers=_EXPORT_ANSWERS,
    ),
)
