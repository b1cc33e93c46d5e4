"""Create, update, batch and transaction (R4, http): what is checked before anything is stored, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.db import transaction
from django.utils.http import http_date

from lienthong.core.timekey import instant_of
from lienthong.errors import LienthongError
from lienthong.exchange.fhir.acting import ACTING
from lienthong.exchange.fhir.answers import status_of
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Invalid, NotOffered, Refused, Unprocessable
from lienthong.exchange.fhir.gathering import store_gathered
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.own.shelf import instant
from lienthong.exchange.fhir.placing import Place, placed
from lienthong.exchange.fhir.query import parse_condition
from lienthong.exchange.fhir.reading import own_matches
from lienthong.exchange.fhir.storing import Receipt, brought, store_acting
from lienthong.findings import Finding
from lienthong.interop.fhir import Element, Issue, issue_of, operation_outcome, r4
from lienthong.results.actions import WrittenResource

_RIGHTS = {"POST": "c", "PUT": "u"}
# Answers one GET of a batch or a transaction: status and resource.
Getter = Callable[[str], tuple[HTTPStatus, Element]]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one resource: its address with the version, and the status of the answer."""

    reference: str
    version: int
    key: int
    status: HTTPStatus
    waits: tuple[Finding, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Location": f"{self.reference}/_history/{self.version}",
            "ETag": f'W/"{self.version}"',
            "Last-Modified": http_date(instant_of(self.key).timestamp()),
        }


def save_one(kind: str, resource: Element, request: Element, *, caller: FhirCaller) -> Saved:
    """Create or update one resource, as an entry of a transaction would; `request` is Bundle.entry.request."""
    if resource.get("resourceType") != kind:
        raise Invalid.because("value", f"the resource must be a {kind}, as the URL says", "resourceType")
    check_resources([resource])
    [saved] = _save([{"resource": resource, "request": request}], caller)
    return saved


def transact(bundle: Element, *, caller: FhirCaller, get: Getter) -> Element:
    """Carry out a Bundle: a transaction wholly or not at all, a batch entry by entry."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") not in ("transaction", "batch"):
        raise Invalid.because("value", "the body must be a Bundle of type transaction or batch", "Bundle.type")
    check_resources([bundle])
    entries = [one for one in _list(bundle.get("entry")) if isinstance(one, dict)]
    kind = str(bundle["type"])
    if kind == "batch":
        done = _batch(entries, caller, get)
    elif all(_method(one) != "GET" for one in entries):
        done = _transaction(entries, caller, get)
    else:
        with transaction.atomic():  # what can't be read takes back what was written
            done = _transaction(entries, caller, get)
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": done}


def _transaction(entries: Sequence[Element], caller: FhirCaller, get: Getter) -> list[Element]:
    """Store all that is written, then answer what is read (R4, http, transaction, rules of processing)."""
    written = [at for at, one in enumerate(entries) if _method(one) != "GET"]
    answers: dict[int, Element] = {}
    if written:
        saved = _save([entries[at] for at in written], caller)
        answers = {at: _response(one) for at, one in zip(written, saved, strict=True)}
    for at, one in enumerate(entries):
        if at not in answers:
            status, element = get(_url(one))
            answers[at] = {"resource": element, "response": {"status": str(int(status))}}
    return [answers[at] for at in range(len(entries))]


def _batch(entries: Sequence[Element], caller: FhirCaller, get: Getter) -> list[Element]:
    return [_alone(one, caller, get) for one in entries]


def _alone(entry: Element, caller: FhirCaller, get: Getter) -> Element:
    try:
        with transaction.atomic():
            return _transaction([entry], caller, get)[0]
    except Refused as error:
        return _failed(error.status, error.issues)
    except LienthongError as error:
        status, code = status_of(error)
        return _failed(status, [Issue("error", code, "", str(error))])


def _save(entries: Sequence[Element], caller: FhirCaller) -> list[Saved]:
    for one in entries:
        _check_right(one, caller)

    def matches(kind: str, condition: str) -> Sequence[str]:
        return own_matches(kind, parse_condition(kind, condition, caller=caller), caller=caller)

    places = placed(entries, matches)
    return _saved(places, _stored([one for one in places if not one.is_kept], caller))


def _stored(places: Sequence[Place], caller: FhirCaller) -> Receipt:
    if any(one.kind in ACTING for one in places):
        return store_acting(places, caller=caller)
    return store_gathered(brought(places, caller=caller)) if places else Receipt({})


def _saved(places: Sequence[Place], receipt: Receipt) -> list[Saved]:
    """What waits is told with the first result, else the first resource: it is of the message as a whole."""
    order = [one.kind for one in places]
    teller = order.index("Observation") if "Observation" in order else 0
    return [
        _one(place, receipt.written.get(place.reference), receipt.waits if at == teller else ())
        for at, place in enumerate(places)
    ]


def _one(place: Place, written: WrittenResource | None, waits: tuple[Finding, ...]) -> Saved:
    if written is None:
        return Saved(place.reference, 1, 0, HTTPStatus.OK)
    status = HTTPStatus.CREATED if written.is_new else HTTPStatus.OK
    return Saved(place.reference, written.version, written.key, status, waits)


def _response(saved: Saved) -> Element:
    response: Element = {"status": f"{int(saved.status)} {saved.status.phrase}"}
    response |= {"location": saved.headers["Location"], "etag": saved.headers["ETag"]}
    if saved.key:
        response["lastModified"] = instant(instant_of(saved.key))
    if saved.waits:
        response["outcome"] = outcome_of(saved.waits)
    return {"response": response}


def outcome_of(waits: Sequence[Finding]) -> Element:
    """Tell what is received and not stored as a result yet, since a person must decide something first."""
    return operation_outcome([issue_of(one, "information") for one in waits])


def _failed(status: HTTPStatus, issues: Sequence[Issue]) -> Element:
    return {"response": {"status": f"{int(status)} {status.phrase}", "outcome": operation_outcome(issues)}}


def check_resources(resources: Sequence[Element]) -> None:
    """Refuse what breaks R4, with every fault and its place."""
    faults = [issue for one in resources for issue in r4.check(one) if issue.severity in ("fatal", "error")]
    if faults:
        raise Unprocessable(faults)


def _check_right(entry: Element, caller: FhirCaller) -> None:
    resource, method = entry.get("resource"), _method(entry)
    kind = str(resource.get("resourceType")) if isinstance(resource, dict) else _url(entry).split("/")[0]
    if kind not in KINDS:
        raise NotOffered.because("not-supported", "this type of resource is not kept here; see /fhir/metadata")
    if method not in _RIGHTS:
        told = "only POST, PUT and GET are offered; a result is withdrawn by the status entered-in-error"
        raise NotOffered.because("not-supported", told)
    caller.check(kind, "c" if method == "POST" else "u")


def _method(entry: Element) -> str:
    request = entry.get("request")
    return str(request.get("method")) if isinstance(request, dict) else ""


def _url(entry: Element) -> str:
    request = entry.get("request")
    return str(request.get("url", "")) if isinstance(request, dict) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
