"""From the entries of a Bundle to what is written: ids are given, references made to name them.

R4, http, transaction: what an entry is told to be referred to by (fullUrl) becomes the id that it gets here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.errors import Invalid, NotOffered, PreconditionFailed
from lienthong.interop.fhir import Element, r4

# Returns the ids of the sender's own resources of a kind that meet a condition (`identifier=…`), two at most.
Matches = Callable[[str, str], Sequence[str]]
_WITHOUT_ID = "the URL of a PUT must be Kind/id, or Kind?condition"


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: the resource under the id that it has here; `is_kept` where a condition says that it is there already.

    `where` is its place in the Bundle, `if_version` what If-Match says.
    """

    where: str
    full_url: str
    kind: str
    own_id: str
    resource: Element
    is_kept: bool = False
    if_version: int | None = None

    @property
    def base(self) -> str:
        """The server at which its fullUrl is an address; references in it that are relative begin there."""
        return r4.parts_of(self.full_url)[2]

    @property
    def reference(self) -> str:
        return f"{self.kind}/{self.own_id}"


def placed(entries: Sequence[Element], matches: Matches, relative: Callable[[str], str] = str) -> list[Place]:
    """Give each entry that is written its id, and let all references name ids; raise a Refused that names the entry.

    `relative` makes an absolute reference to what is here a relative one.
    """
    found = [_place(entry, f"Bundle.entry[{at}]", matches) for at, entry in enumerate(entries)]
    _check_once(found)
    ids = {one.full_url: one.reference for one in found if one.full_url}

    def pointing(one: Place) -> Element:
        def target(text: str) -> str:
            # Relative references begin at the server that the fullUrl of their entry names (R4, Bundle, references).
            there = ids.get(text) or (ids.get(f"{one.base}/{text}") if one.base else None)
            return there or relative(_met(text, matches, one.where))

        return _pointing(one.resource, target, ids)

    return [replace(one, resource=_with_id(one, pointing(one))) for one in found]


def _place(entry: Element, where: str, matches: Matches) -> Place:
    request, resource = entry.get("request"), entry.get("resource")
    if not isinstance(request, dict) or not isinstance(resource, dict):
        raise Invalid.because("required", "an entry must have a resource and a request", where)
    kind, method, url = str(resource.get("resourceType")), request.get("method"), str(request.get("url", ""))
    full_url = str(entry.get("fullUrl", ""))
    if method == "POST":
        own_id, is_kept = _created(kind, url, request, where, matches)
        return Place(where, full_url, kind, own_id, resource, is_kept)
    if method == "PUT":
        own_id = _updated(kind, url, resource, where, matches)
        return Place(where, full_url, kind, own_id, resource, if_version=version_of(request.get("ifMatch"), where))
    raise NotOffered.because("not-supported", "an entry with a resource must be POST or PUT", f"{where}.request.method")


def _created(kind: str, url: str, request: Mapping[str, object], where: str, matches: Matches) -> tuple[str, bool]:
    if url.strip("/") != kind:
        raise Invalid.because("value", "the URL of a POST must be the kind of its resource", f"{where}.request.url")
    condition = request.get("ifNoneExist")
    if not condition:
        return str(uuid4()), False
    found = _one(kind, str(condition).partition("?")[2] or str(condition), f"{where}.request.ifNoneExist", matches)
    return (found, True) if found else (str(uuid4()), False)


def _updated(kind: str, url: str, resource: Element, where: str, matches: Matches) -> str:
    path, question, condition = url.partition("?")
    said = str(resource.get("id", ""))
    if question:
        if path != kind:
            raise Invalid.because("value", _WITHOUT_ID, f"{where}.request.url")
        found = _one(kind, condition, f"{where}.request.url", matches)
        if found and said and said != found:
            raise PreconditionFailed.because("conflict", "the condition names another id", f"{where}.resource.id")
        return found or said or str(uuid4())
    named, _slash, own_id = path.strip("/").partition("/")
    if named != kind or not systems.is_id(own_id):
        raise Invalid.because("value", _WITHOUT_ID, f"{where}.request.url")
    if said != own_id:
        raise Invalid.because("value", "id must be that of the URL", f"{where}.resource.id")
    return own_id


def _one(kind: str, condition: str, where: str, matches: Matches) -> str:
    """Return the id that meets a condition, empty where there is none."""
    found = matches(kind, condition)
    if len(found) > 1:
        raise PreconditionFailed.because("multiple-matches", "several resources meet the condition", where)
    return found[0] if found else ""


def version_of(text: object, where: str) -> int | None:
    """Read If-Match (R4, http, managing resource contention): `W/"3"`."""
    if not text:
        return None
    version = str(text).removeprefix("W/").strip('"')
    if not (version.isdecimal() and version.isascii() and len(version) < 10):
        raise Invalid.because("value", 'If-Match must be the ETag of a version, such as W/"3"', where)
    return int(version)


def _check_once(found: Sequence[Place]) -> None:
    seen: set[str] = set()
    for one in found:
        if one.reference in seen and not one.is_kept:
            raise Invalid.because("duplicate", "two entries write the same resource", one.where)
        seen.add(one.reference)


def _with_id(one: Place, resource: Element) -> Element:
    """Put the id behind the type, where it stands as a rule."""
    told = systems.without_server_meta(resource)
    rest = {key: value for key, value in told.items() if key not in ("resourceType", "id")}
    return {"resourceType": one.kind, "id": one.own_id, **rest}


def _pointing(resource: Element, target: Callable[[str], str], ids: Mapping[str, str]) -> Element:
    """Return a resource whose references name ids: `target` gives that of each."""

    def walked(value: object) -> object:
        if isinstance(value, list):
            return [walked(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            key: target(one)
            if key == "reference" and isinstance(one, str)
            else ids.get(one, one)  # the address of a file in a Binary of the Bundle (R4, http, transaction)
            if key == "url" and isinstance(one, str)
            else walked(one)
            for key, one in value.items()
        }

    return {key: walked(value) for key, value in resource.items()}


def _met(text: str, matches: Matches, where: str) -> str:
    """Return a reference by a condition (Patient?identifier=…) as that to what meets it, any other as it is."""
    kind, question, condition = text.partition("?")
    if not question or not kind.isalpha():
        return text
    found = _one(kind, condition, where, matches)
    if not found:
        raise PreconditionFailed.because("not-found", "no resource meets the condition of a reference", where)
    return f"{kind}/{found}"
