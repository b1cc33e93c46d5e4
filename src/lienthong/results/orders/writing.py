"""Writes orders: what messages say of them and what reports make of them, each change as a new version.

An order's placer number is its sender's; the same number for another patient is left to a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db import transaction
from django.db.models import Q, QuerySet

from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.findings import Finding
from lienthong.results.intake.inbox import storable
from lienthong.results.models import Order, OrderSpecimen, OrderVersion, Report
from lienthong.results.orders.joining import reports_of
from lienthong.results.orders.states import next_status, status_by_reports
from lienthong.results.people.person_links import is_one_person
from lienthong.results.resources.changes import note_changes

# What a later message changes where it says it; what it leaves blank stays.
CONTENT = (
    *("filler_number", "group_number", "service_code", "service_system", "service", "specimen", "priority"),
    *("requester", "diagnoses", "requested_at", "wanted_at"),
)
_LENGTHS = {
    **{"filler_number": 100, "group_number": 100, "service_code": 60, "service_system": 60, "service": 200},
    **{"specimen": 60, "priority": 20, "requester": 200},
}
LONGEST_NUMBER = 100
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """An order as one message gives it. `status` is empty where the message says nothing of it.

    `diagnoses` are code, system and text. One of the two numbers must be there, of 100 signs at most. `specimens` are
    the numbers of its tubes, each with the time of its collection where that is told.
    """

    source: str
    facility_id: int
    patient_record_id: int
    inbox_id: int
    position: str
    control: str
    status: str = ""
    placer_number: str = ""
    filler_number: str = ""
    group_number: str = ""
    service_code: str = ""
    service_system: str = ""
    service: str = ""
    specimen: str = ""
    priority: str = ""
    requester: str = ""
    diagnoses: tuple[tuple[str, str, str], ...] = ()
    requested_at: dt.datetime | None = None
    wanted_at: dt.datetime | None = None
    specimens: tuple[tuple[str, dt.datetime | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOrder:
    """What became of a draft: its order, None where a person must say whose it is, and whether it changed anything."""

    order_id: int | None
    has_changed: bool = False
    findings: tuple[Finding, ...] = ()


def order_lock_name(*, facility_id: int, number: str) -> str:
    """Name what no two workers may write at once: the orders and reports of one number, be it of orders or tubes."""
    return f"order\x1f{facility_id}\x1f{number}"


@transaction.atomic(savepoint=False)
def store_orders(drafts: Sequence[OrderDraft], *, by: User, at: dt.datetime) -> list[StoredOrder]:
    """Store the orders of any number of messages and return what became of each, in order.

    The drafts of one message (`inbox_id`) stand together and are stored all or none. The same again changes nothing.
    """
    _check_system(by)
    book = _Book.load(drafts)
    results: list[StoredOrder | _Entry] = []
    for _, group in groupby(drafts, key=lambda one: one.inbox_id):
        results += book.take(list(group), at=at)
    book.write()
    _settle(book.to_be_joined(), at=at)
    return [one.stored() if isinstance(one, _Entry) else one for one in results]


@transaction.atomic(savepoint=False)
def follow_reports(report_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Bring the orders that some reports answer up to date, and return how many that changed."""
    _check_system(by)
    if not report_ids:
        return 0
    numbers = Report.objects.filter(pk__in=list(report_ids)).exclude(placer_number="")
    orders = Order.objects.filter(placer_number__in=list(numbers.values_list("placer_number", flat=True)))
    return _settle(list(orders.values_list("pk", flat=True)), at=at)


def _check_system(by: User) -> None:
    if not by.is_system:
        raise NotAllowed("orders are written by workers only")


@dataclass(slots=True)
class _State:
    """An order with its current version and those that are yet to be written."""

    order: Order
    current: OrderVersion | None = None
    written: list[OrderVersion] = field(default_factory=list)
    is_new: bool = False
    is_renumbered: bool = False
    specimens: dict[str, dt.datetime] = field(default_factory=dict)

    def learn_numbers(self, *, placer: str, filler: str) -> None:
        """Fill in a number that was not known before."""
        order = self.order
        self.is_renumbered |= bool((placer and not order.placer_number) or (filler and not order.filler_number))
        order.placer_number, order.filler_number = order.placer_number or placer, order.filler_number or filler

    def append(self, version: OrderVersion) -> None:
        if self.written:
            self.written[-1].is_current = False
        self.written.append(version)
        self.current = version


@dataclass(frozen=True, slots=True)
class _Entry:
    """A draft that was taken; the order's key is known once it is written."""

    state: _State
    has_changed: bool
    findings: tuple[Finding, ...]

    def stored(self) -> StoredOrder:
        return StoredOrder(order_id=self.state.order.pk, has_changed=self.has_changed, findings=self.findings)


@dataclass(slots=True)
class _Book:
    """The orders that a batch names, found or made, by the numbers of their source."""

    states: dict[_Key, _State] = field(default_factory=dict)

    @classmethod
    def load(cls, drafts: Sequence[OrderDraft]) -> _Book:
        placers = {one.placer_number for one in drafts} - {""}
        fillers = {one.filler_number for one in drafts} - {""}
        rows = Order.objects.filter(
            Q(placer_number__in=placers) | Q(filler_number__in=fillers), source__in={one.source for one in drafts}
        )
        book = cls()
        states = _locked(rows.order_by("pk"))
        for state in states:
            book._enter(state)
        return book

    def take(self, drafts: Sequence[OrderDraft], *, at: dt.datetime) -> list[StoredOrder | _Entry]:
        """Apply the drafts of one message, or none of them where one names another patient's order."""
        owners: dict[tuple[str, str], int] = {}
        foreign = []
        for draft in drafts:
            state = self._find(draft)
            owner = state.order.patient_record_id if state else draft.patient_record_id
            owner = owners.setdefault((draft.placer_number, draft.filler_number), owner)
            if owner != draft.patient_record_id and not is_one_person(owner, draft.patient_record_id):
                foreign.append(_of_another_patient(draft))
        if foreign:
            return [StoredOrder(order_id=None, findings=tuple(foreign)) for _ in drafts]
        return [self._apply(draft, at=at) for draft in drafts]

    def write(self) -> None:
        """Write what is new in as many statements as there are tables."""
        states = {id(state): state for state in self.states.values()}.values()
        Order.objects.bulk_create([state.order for state in states if state.is_new])
        renumbered = [state.order for state in states if state.is_renumbered and not state.is_new]
        if renumbered:
            Order.objects.bulk_update(renumbered, ["placer_number", "filler_number"])
        _write_versions(state for state in states if state.written)
        OrderSpecimen.objects.bulk_create(
            (
                OrderSpecimen(order=state.order, number=number, named_at=named_at)
                for state in states
                for number, named_at in state.specimens.items()
            ),
            ignore_conflicts=True,  # what was told of a number first stands
        )

    def to_be_joined(self) -> list[int]:
        """Return the orders whose placer number is new, so that reports may have come before them."""
        return sorted({state.order.pk for state in self.states.values() if state.is_new or state.is_renumbered})

    def _find(self, draft: OrderDraft) -> _State | None:
        """By the placer's number; by the filler's where one of the two sides knows no other."""
        found = self.states.get((draft.source, "placer", draft.placer_number)) if draft.placer_number else None
        if found is None and draft.filler_number:
            by_filler = self.states.get((draft.source, "filler", draft.filler_number))
            is_other = by_filler and draft.placer_number and by_filler.order.placer_number
            found = None if is_other else by_filler
        return found

    def _enter(self, state: _State) -> None:
        order = state.order
        if order.placer_number:
            self.states[order.source, "placer", order.placer_number] = state
        if order.filler_number:
            self.states.setdefault((order.source, "filler", order.filler_number), state)

    def _apply(self, draft: OrderDraft, *, at: dt.datetime) -> _Entry:
        state = self._find(draft) or _State(_new_order(draft), is_new=True)
        state.learn_numbers(placer=draft.placer_number, filler=draft.filler_number)
        self._enter(state)
        for number, collected_at in draft.specimens:
            if number and len(number) <= LONGEST_NUMBER:
                state.specimens.setdefault(storable(number, LONGEST_NUMBER), collected_at or draft.requested_at or at)
        is_first = state.current is None
        version, findings = _next_version(state, draft, at=at)
        if version:
            state.append(version)
        if is_first and draft.status in ("cancelled", "replaced", "on-hold"):
            findings = (*findings, _unknown_before(draft))
        return _Entry(state, version is not None, findings)


def _new_order(draft: OrderDraft) -> Order:
    return Order(
        source=draft.source,
        placer_number=draft.placer_number,
        filler_number=draft.filler_number,
        facility_id=draft.facility_id,
        patient_record_id=draft.patient_record_id,
    )


def _next_version(
    state: _State, draft: OrderDraft, *, at: dt.datetime
) -> tuple[OrderVersion | None, tuple[Finding, ...]]:
    """Return the version that the draft makes; none where it says nothing new.

    A message older than the latest one only fills in what is still blank.
    """
    said = {name: _fitted(name, getattr(draft, name)) for name in CONTENT}
    current = state.current
    if current is None:
        status = draft.status or OrderVersion.Status.REQUESTED
        return _version(state, said, status, draft, at=at), ()
    known = {name: getattr(current, name) for name in CONTENT}
    is_late = draft.inbox_id < current.inbox_id
    first, second = (known, said) if is_late else (said, known)
    content = {name: first[name] or second[name] for name in CONTENT}
    status = current.status if is_late else next_status(current.status, draft.status)
    findings = () if is_late or status == (draft.status or status) else (_not_allowed(draft, current.status),)
    if content == known and status == current.status:
        return None, findings
    return _version(state, content, status, draft, at=at), findings


def _version(
    state: _State, content: dict[str, object], status: str, draft: OrderDraft, *, at: dt.datetime
) -> OrderVersion:
    current = state.current
    return OrderVersion(
        version=current.version + 1 if current else 1,
        is_current=True,
        inbox_id=max(draft.inbox_id, current.inbox_id) if current else draft.inbox_id,
        control=storable(draft.control, 10),
        status=status,
        recorded_at=at,
        **content,
    )


def _fitted(name: str, value: object) -> object:
    """Cut a text to its column; the message keeps the whole."""
    if name == "diagnoses" and isinstance(value, tuple):
        return [[storable(part, 200) for part in diagnosis] for diagnosis in value]
    return storable(value, _LENGTHS[name]) if isinstance(value, str) else value


def _settle(order_ids: Collection[int], *, at: dt.datetime) -> int:
    """Write a version of each order whose reports say more than its status; return how many."""
    states = _locked(Order.objects.filter(pk__in=list(order_ids)).order_by("pk"))
    found = reports_of([state.order for state in states])
    for state in states:
        reports, current = found[state.order.pk], state.current
        if current is None or not reports:
            continue
        status = next_status(current.status, status_by_reports(one.status for one in reports))
        if status != current.status:
            content = {name: getattr(current, name) for name in CONTENT}
            version = OrderVersion(
                version=current.version + 1,
                is_current=True,
                inbox_id=current.inbox_id,
                report=max(reports, key=lambda one: one.inbox_id),
                status=status,
                recorded_at=at,
                **content,
            )
            state.append(version)
    changed = [state for state in states if state.written]
    _write_versions(changed)
    return len(changed)


def _locked(rows: QuerySet[Order]) -> list[_State]:
    """Lock orders in the order of their keys and read their current versions."""
    orders = list(rows.select_for_update())
    current = {
        version.order_id: version
        for version in OrderVersion.objects.filter(order__in=[one.pk for one in orders], is_current=True)
    }
    return [_State(one, current.get(one.pk)) for one in orders]


def _write_versions(states: Iterable[_State]) -> None:
    """Retire what was current and write what came after it."""
    versions: list[OrderVersion] = []
    for state in states:
        for version in state.written:
            version.order = state.order
        versions += state.written
    if versions:
        retired = {version.order_id for version in versions}
        OrderVersion.objects.filter(order__in=retired, is_current=True).update(is_current=False)
        OrderVersion.objects.bulk_create(versions)
        note_changes(("ServiceRequest", order) for order in sorted(retired))


def _of_another_patient(draft: OrderDraft) -> Finding:
    told = f"{draft.position}-2 is the number of another patient's order; a person must say whose order it is."
    return Finding(f"{draft.position}-2", "order-of-another-patient", told)


def _unknown_before(draft: OrderDraft) -> Finding:
    told = f"{draft.position}-2 names an order that was never received; its end is kept."
    return Finding(f"{draft.position}-2", "order-unknown", told)


def _not_allowed(draft: OrderDraft, status: str) -> Finding:
    told = f"{draft.position}-1 asks for what an order can't become once it is {status}; its status stays."
    return Finding(f"{draft.position}-1", "order-status", told)
