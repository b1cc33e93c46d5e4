"""The OpenAPI 3.1 description of the interface, made of the table that makes the CapabilityStatement.

Types that laboratories exchange, with search parameters of their own, have addresses of their own; all others stand
together under `{type}`. Elements of resources are described by R4's definitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from lienthong.core.openapi.building import (
    COMPONENTS,
    STRING,
    Json,
    answered,
    bearer,
    body,
    document,
    itself,
    parameter,
    reference,
    refusals,
)
from lienthong.core.openapi.building import JSON as PLAIN_JSON
from lienthong.exchange.fhir.answers import GENERAL, JSON, XML
from lienthong.exchange.fhir.definitions import PUBLISHED_KINDS
from lienthong.exchange.fhir.kinds import KINDS, OF_REFERRING, OPERATIONS, Kind, Operation
from lienthong.exchange.fhir.openapi_parameters import (
    COMMON,
    IDENTITY,
    PAGE,
    PREFER,
    TYPE,
    VERSION,
    in_header,
    of_search,
)
from lienthong.interop.fhir import r4

ROOT = "/fhir"
FORM = "application/x-www-form-urlencoded"
NDJSON = "application/fhir+ndjson"
_ABOUT = (
    "Results, reports, orders and patients by FHIR R4 (4.0.1), in JSON and XML. Every error is an OperationOutcome. "
    "What is understood beyond single parameters (several values with a comma, modifiers, chains such as "
    "patient.identifier) is in docs/fhir.md and in /fhir/metadata. "
    f"Searches may ask by {OF_REFERRING[0]}: {OF_REFERRING[1]}."
)
_REASONS = {
    "400": "The request can't be understood.",
    "401": "No valid access token came with the call.",
    "403": "The scope is missing, or the system stands for no sender.",
    "404": "There is no such resource, or it may not be read.",
    "405": "The address does not take this method, or a Bundle asks for what is not offered.",
    "406": "The caller accepts neither JSON nor XML of FHIR 4.0.",
    "409": "It was changed by another at the same time.",
    "410": "The resource was deleted.",
    "412": "If-Match names another version, or several resources meet a condition.",
    "413": "The body is larger than is taken.",
    "415": "The body is in no form that is read.",
    "422": "A resource breaks R4; each fault is told with its element.",
    "429": "The system has asked for as much as it may at once.",
    "503": "The database was given no more time for one answer.",
}
_READING = ("400", "401", "403", "404", "405", "406", "410", "503")
_SENDING = ("413", "415")
_WRITING = ("400", "401", "403", "404", "405", "406", "409", "412", *_SENDING, "422", "503")
_VERSION_TOLD = {"ETag": "the version", "Last-Modified": "when it changed"}
_APPLIED = {"Preference-Applied": "what of Prefer the answer follows"}
_SAVED = {"Location": "the version that was written", **_VERSION_TOLD, **_APPLIED}
_PUBLIC: Json = {"security": []}


@lru_cache(maxsize=1)
def description() -> Json:
    """Return the description."""
    own = [one for one in KINDS.values() if has_own_addresses(one)]
    kinds = {*(one.name for one in own), "CapabilityStatement", "Bundle", "OperationOutcome", "Parameters"}
    components = {
        "schemas": r4.json_schemas({*kinds, "Resource"}, within=f"{COMPONENTS}/schemas/"),
        "parameters": COMMON,
        "responses": refusals(_REASONS, _REASONS, _resource("OperationOutcome")),
        "securitySchemes": bearer("access token of /auth/token, with a scope such as system/Observation.rs"),
    }
    paths = _of_server()
    for one in own:
        paths |= _of_kind(one.name, one)
    paths |= _of_kind("{type}", None)
    for operation in OPERATIONS:
        paths[f"{ROOT}/{operation.path}"] = dict(_operation(operation))
    paths |= _of_exports()
    return document("FHIR R4", _ABOUT, paths=paths, components=components, needs_token=True)


def has_own_addresses(kind: Kind) -> bool:
    """Whether a type stands for itself in the description."""
    return kind.name in r4.searched_types() or kind.name in PUBLISHED_KINDS


def _of_server() -> Json:
    told = "A transaction is carried out wholly or not at all; of a batch, each entry for itself."
    return {
        ROOT: {
            "post": {
                "operationId": "transaction",
                "summary": "Carry out a transaction or a batch",
                "description": told,
                "parameters": [PREFER],
                "requestBody": body(_sent("Bundle")),
                "responses": {
                    "200": answered("What became of each entry.", _resource("Bundle"), _APPLIED),
                    **_refused(_WRITING),
                },
            }
        },
        f"{ROOT}/metadata": {
            "get": {
                "operationId": "capabilities",
                "summary": "What the server does",
                **_PUBLIC,
                "responses": {
                    "200": answered("The statement.", _resource("CapabilityStatement")),
                    **_refused(("405", "406")),
                },
            }
        },
        f"{ROOT}/openapi.json": itself(reference("responses", "405")),
        f"{ROOT}/.well-known/smart-configuration": {
            "get": {
                "operationId": "smart-configuration",
                "summary": "Where tokens are given and for what",
                **_PUBLIC,
                "responses": {"200": answered("The document of SMART App Launch 2.", {PLAIN_JSON: {"type": "object"}})},
            }
        },
    }


def _of_kind(name: str, kind: Kind | None) -> Json:
    """Return the addresses of a type; without a kind, those of all types that have none of their own."""
    others = [one.name for one in KINDS.values() if not has_own_addresses(one)]
    type_ = [] if kind else [parameter("type", "path", TYPE, {"type": "string", "enum": others})]
    return _of_type(name, kind, type_) | _of_instance(name, kind.name if kind else "Resource", [*type_, IDENTITY])


def _of_type(name: str, kind: Kind | None, type_: list[Json]) -> Json:
    schema, conditions = kind.name if kind else "Resource", [*type_, PREFER, *of_search(kind)]
    creating = [*type_, PREFER, in_header("If-None-Exist")]
    form = {"requestBody": body({FORM: _form(kind)}, is_required=False)}
    by_form = _act(name, "search-form", "Search with parameters in the body", [*type_, PREFER], _searched())
    where = _act(name, "update-where", "Update the one that meets a condition", conditions, _saved(), schema)
    return {
        f"{ROOT}/{name}": {
            "get": _act(name, "search", "Search", [*conditions, *PAGE], _searched()),
            "post": _act(name, "create", "Create", creating, _saved(), schema),
            "put": where,
        },
        f"{ROOT}/{name}/_search": {"post": by_form | form},
    }


def _of_instance(name: str, schema: str, place: list[Json]) -> Json:
    base = f"{ROOT}/{name}/{{id}}"
    reading, writing = [*place, in_header("If-None-Match")], [*place, PREFER, in_header("If-Match")]
    update = _act(name, "update", "Create or update under an id", writing, _saved(), schema)
    version = _act(name, "read-version", "Read one version", [*place, VERSION], _read(schema))
    return {
        base: {"get": _act(name, "read", "Read", reading, _read(schema)), "put": update},
        f"{base}/_history": {"get": _act(name, "history", "List the versions", place, _searched({}))},
        f"{base}/_history/{{version}}": {"get": version},
    }


def _searched(headers: Mapping[str, str] = _APPLIED) -> Json:
    return {"200": answered("A page of what was found.", _resource("Bundle"), headers), **_refused(_READING)}


def _act(name: str, act: str, summary: str, parameters: list[Json], responses: Json, sent: str = "") -> Json:
    label = "other" if name == "{type}" else name
    found: Json = {"operationId": f"{act}-{label}", "tags": [label], "summary": summary, "parameters": parameters}
    return found | ({"requestBody": body(_sent(sent))} if sent else {}) | {"responses": responses}


def _operation(one: Operation) -> Iterator[tuple[str, Json]]:
    asked = [parameter(name, "query", told) for name, told in one.parameters]
    searched = [PREFER, *of_search(KINDS[one.kind])] if one.is_search else []
    answers = {status: answered(told, _resource("Bundle") if status == "200" else None) for status, told in one.answers}
    busy = ("429",) if "202" in answers else ()
    for method in one.methods:
        name = f"{one.name}-{method.lower()}" if len(one.methods) > 1 else one.name
        found: Json = {
            "operationId": f"{one.kind or 'server'}-{name}",
            "tags": [one.kind] if one.kind else [],
            "summary": f"${one.name}",
            "description": f"{one.told} Defined by {one.definition}.",
            "parameters": [*([IDENTITY] if one.of_instance else []), *asked, *searched],
            "responses": answers | _refused((*_READING, *(() if method == "GET" else (*_SENDING, "422")), *busy)),
        }
        sent = {"requestBody": body(_sent("Parameters"))} if method == "POST" and one.takes_body else {}
        yield method.lower(), found | sent


def _of_exports() -> Json:
    """Return the addresses of an export and of its files (HL7 Bulk Data Access, STU 2)."""
    key = parameter("key", "path", "of the export, as Content-Location has it", {"type": "string", "format": "uuid"})
    name = parameter("name", "path", "of the file, as the manifest has it")
    reading = _refused(("401", "403", "404", "405"))
    manifest = answered(
        "It is done: the manifest names its files.", {PLAIN_JSON: {"type": "object"}}, {"Expires": "when"}
    )
    waits = answered("It is being made.", None, {"X-Progress": "how far it is", "Retry-After": "when to ask again"})
    failed = answered("It failed.", _resource("OperationOutcome"))
    return {
        f"{ROOT}/exports/{{key}}": {
            "get": {
                "operationId": "export-status",
                "summary": "How far an export is, or what it is made of",
                "parameters": [key],
                "responses": {"200": manifest, "202": waits, "500": failed} | reading,
            },
            "delete": {
                "operationId": "export-remove",
                "summary": "Stop an export, or delete its files",
                "parameters": [key],
                "responses": {"202": answered("It is removed.", _resource("OperationOutcome"))} | reading,
            },
        },
        f"{ROOT}/exports/{{key}}/{{name}}": {
            "get": {
                "operationId": "export-file",
                "summary": "One file of an export: a resource in each line",
                "parameters": [key, name],
                "responses": {"200": answered("The file.", {NDJSON: STRING})} | reading,
            }
        },
    }


def _form(kind: Kind | None) -> Json:
    """Return the form of a search: the parameters of its URL."""
    names = [code for code in sorted(kind.parameters) if not code.startswith("_")] if kind else []
    return {"type": "object", "properties": dict.fromkeys((*names, "_id", "_lastUpdated", "_count"), STRING)}


def _resource(name: str) -> Json:
    """Return what is answered as a resource: in FHIR's own media types, and in the general ones to who asks so."""
    schema = reference("schemas", name)
    xml = {"description": "the same in R4's XML"}
    return {JSON: schema, XML: xml} | {general: schema if form == JSON else xml for general, form in GENERAL.items()}


def _sent(name: str) -> Json:
    return {JSON: reference("schemas", name), XML: STRING}


def _saved() -> Json:
    told = "no body, an OperationOutcome that says what waits for a person's decision, or what is preferred"
    return {
        "201": answered(f"Created; {told}.", headers=_SAVED),
        "200": answered(f"Updated, or the same as before; {told}.", headers=_SAVED),
        **_refused(_WRITING),
    }


def _read(schema: str) -> Json:
    return {
        "200": answered("The resource.", _resource(schema), _VERSION_TOLD),
        "304": answered("It still has the version of If-None-Match."),
        **_refused(_READING),
    }


def _refused(statuses: tuple[str, ...]) -> Json:
    return {one: reference("responses", one) for one in statuses}
