"""Create, update, batch and transaction (R4, http): what is checked before anything is stored, and what is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from django.db import transaction

from lienthong.errors import LienthongError
from lienthong.exchange.fhir.acting import ACTING
from lienthong.exchange.fhir.answers import status_of
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Invalid, NotOffered, Refused, Unprocessable
from lienthong.exchange.fhir.gathering import store_gathered
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.placing import Place, placed
from lienthong.exchange.fhir.preferences import Returned
from lienthong.exchange.fhir.query import parse_condition
from lienthong.exchange.fhir.reading import own_matches
from lienthong.exchange.fhir.saved import Saved, applied_to, entry_of, saved_of
from lienthong.exchange.fhir.storing import Receipt, brought, store_acting
from lienthong.interop.fhir import Element, Issue, operation_outcome, r4

_RIGHTS = {"POST": "c", "PUT": "u"}
MOST_READ, MOST_IN_BATCH = 200, 1_000  # entries of one Bundle that read or search, and that stand for themselves
_FIRST = "Bundle.entry[0]"  # what is written alone stands there
# Answers one GET of a batch or a transaction: status and resource.
Getter = Callable[[str], tuple[HTTPStatus, Element]]


def save_one(kind: str, resource: Element, request: Element, *, caller: FhirCaller, returned: Returned = "") -> Saved:
    """Create or update one resource, as an entry of a transaction would; `request` is Bundle.entry.request."""
    if resource.get("resourceType") != kind:
        raise Invalid.because("value", f"the resource must be a {kind}, as the URL says", "resourceType")
    check_resources([resource])
    try:
        [saved] = _save([{"resource": resource, "request": request}], caller, returned)
    except Refused as error:
        raise type(error)(
            [replace(one, place=_of_alone(one.place, kind)) for one in error.issues], error.headers
        ) from error
    return saved


def transact(bundle: Element, *, caller: FhirCaller, get: Getter, returned: Returned = "") -> tuple[Element, str]:
    """Carry out a Bundle: a transaction wholly or not at all, a batch entry by entry.

    Return the Bundle that answers, and the preference that it follows.
    """
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") not in ("transaction", "batch"):
        raise Invalid.because("value", "the body must be a Bundle of type transaction or batch", "Bundle.type")
    entries = [one for one in _list(bundle.get("entry")) if isinstance(one, dict)]
    kind, work = str(bundle["type"]), _Work(caller, get, returned)
    _check_size(entries, is_batch=kind == "batch")
    check_resources([bundle])
    if kind == "batch":
        done = _batch(entries, work)
    elif all(_method(one) != "GET" for one in entries):
        done = _transaction(entries, work)
    else:
        with transaction.atomic():  # what can't be read takes back what was written
            done = _transaction(entries, work)
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": done}, applied_to(done, returned)


def _check_size(entries: Sequence[Element], *, is_batch: bool) -> None:
    """Refuse a Bundle that would hold a thread for minutes: each search, and each entry of a batch, takes its time."""
    read = sum(_method(one) == "GET" for one in entries)
    bounds = [(read, MOST_READ, "entries that read"), (len(entries) if is_batch else 0, MOST_IN_BATCH, "entries")]
    for found, most, what in bounds:
        if found > most:
            told = f"a Bundle has at most {most} {what}, but got {found}; send it in parts"
            raise Invalid.because("too-costly", told, "Bundle.entry")


@dataclass(frozen=True, slots=True)
class _Work:
    """For whom a Bundle is carried out, how its GET entries are answered, and what is told of what it writes."""

    caller: FhirCaller
    get: Getter
    returned: Returned


def _transaction(entries: Sequence[Element], work: _Work) -> list[Element]:
    """Store all that is written, then answer what is read (R4, http, transaction, rules of processing)."""
    written = [at for at, one in enumerate(entries) if _method(one) != "GET"]
    answers: dict[int, Element] = {}
    if written:
        saved = _save([entries[at] for at in written], work.caller, work.returned)
        answers = {at: entry_of(one, work.returned) for at, one in zip(written, saved, strict=True)}
    for at, one in enumerate(entries):
        if at not in answers:
            status, element = work.get(_url(one))
            answers[at] = {"resource": element, "response": {"status": str(int(status))}}
    return [answers[at] for at in range(len(entries))]


def _batch(entries: Sequence[Element], work: _Work) -> list[Element]:
    return [_alone(at, one, work) for at, one in enumerate(entries)]


def _alone(at: int, entry: Element, work: _Work) -> Element:
    try:
        with transaction.atomic():
            return _transaction([entry], work)[0]
    except Refused as error:
        issues = [replace(one, place=one.place.replace(_FIRST, f"Bundle.entry[{at}]", 1)) for one in error.issues]
        return _failed(error.status, issues)
    except LienthongError as error:
        status, code = status_of(error)
        return _failed(status, [Issue("error", code, "", str(error))])


def _save(entries: Sequence[Element], caller: FhirCaller, returned: Returned) -> list[Saved]:
    for one in entries:
        _check_right(one, caller)

    def matches(kind: str, condition: str) -> Sequence[str]:
        caller.check(kind, "s")  # whether something meets a condition is what a search tells
        return own_matches(kind, parse_condition(kind, condition, caller=caller), caller=caller)

    places = placed(entries, matches, caller.relative)
    receipt = _stored([one for one in places if not one.is_kept], caller)
    return saved_of(places, receipt, caller=caller, returned=returned)


def _stored(places: Sequence[Place], caller: FhirCaller) -> Receipt:
    if any(one.kind in ACTING for one in places):
        return store_acting(places, caller=caller)
    return store_gathered(brought(places, caller=caller)) if places else Receipt({})


def _of_alone(path: str, kind: str) -> str:
    """Return a path in the one entry that a single write makes as that in the resource; empty outside of it."""
    inside = path.removeprefix(f"{_FIRST}.resource")
    return f"{kind}{inside}" if inside != path else "" if path.startswith(_FIRST) else path


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
