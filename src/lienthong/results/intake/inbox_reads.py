"""What the inbox says of itself: counts by state and reason, what is held and why, one message."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value, When

from lienthong.core.bulk import fetch_rows
from lienthong.core.timekey import first_key
from lienthong.findings import Finding
from lienthong.results.intake.inbox import PROCESSED_BEFORE
from lienthong.results.models import HeldResult, InboxMessage, Result

State = InboxMessage.State
BEHIND_HELD = "behind-held"
UNKNOWN_SENDER = "unknown-sender"
# Why results wait that name no patient.
WITHOUT_PATIENT = (
    *("patient-missing", "order-unknown", "order-outdated", "order-cancelled", "order-contested"),
    *("order-several-patients", "order-contradicts"),
)
DONE = (State.STORED, State.DUPLICATE, State.CONTROL)
NOT_TAKEN = (State.REJECTED, State.HELD)
# Each state has a partial index, which PostgreSQL sees in alternatives and not in a list of states.
OF_A_RUN = Q(state=State.TRAINING) | Q(state=State.REJECTED) | Q(state=State.RECEIVED)

_PATIENTS_OF_MESSAGES = """
SELECT inbox_id, patient_record_id FROM results_result WHERE inbox_id = ANY(%(ids)s)
UNION
SELECT version.inbox_id, told.patient_record_id
FROM results_orderversion version JOIN results_order told ON told.id = version.order_id
WHERE version.inbox_id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class InboxCount:
    """How many messages are in a state for a reason, and how many results they gave and hold."""

    state: str
    reason: str
    messages: int
    results_stored: int
    results_held: int


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Messages of one sender that are held or refused for one reason; for a code, those with results that wait."""

    source: str
    sender: str
    reason: str
    local_code: str
    local_system: str
    unit: str
    is_refused: bool
    messages: int
    results: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class UnknownSender:
    """Who a system or an analyser that is not registered says that it is, and its messages: those that were refused,
    and of an analyser, which can't be told so, those that are held.
    """

    sender: str
    messages: int
    first_id: int
    since: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A local code whose results wait, with what the messages tell about it."""

    source: str
    local_code: str
    local_system: str
    local_name: str
    loincs: tuple[str, ...]
    units: tuple[str, ...]
    specimens: tuple[str, ...]
    messages: int
    results: int
    numbers: int
    lowest: Decimal | None
    highest: Decimal | None
    first_asked_on: dt.date
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """One message as received. `findings` are all, those of its receipt first; these are `found_on_receipt`, too."""

    id: int
    source: str
    sender: str
    lane: str
    control_id: str
    message_type: str
    raw: bytes
    received_at: dt.datetime
    state: str
    reason: str
    findings: tuple[Finding, ...]
    found_on_receipt: tuple[Finding, ...]
    results_stored: int
    results_held: int
    attempts: int
    processed_at: dt.datetime | None


def inbox_counts(*, since: dt.datetime | None = None, sources: Collection[str] | None = None) -> list[InboxCount]:
    """Count messages by state and reason, received at or after an instant and from some senders; None is all.

    A received message that waits for an earlier, held one of its lane is counted as held, for the reason `behind-held`.
    """
    rows = InboxMessage.objects.filter(id__gte=first_key(since)) if since else InboxMessage.objects.all()
    if sources is not None:
        rows = rows.filter(source__in=list(sources))
    earlier = InboxMessage.objects.filter(lane=OuterRef("lane"), id__lt=OuterRef("id"), state=State.HELD)
    is_behind = Q(state=State.RECEIVED) & Exists(earlier)
    counted = (
        rows.values(
            seen=Case(When(is_behind, then=Value("held")), default=F("state")),
            why=Case(When(is_behind, then=Value(BEHIND_HELD)), default=F("reason")),
        )
        .annotate(messages=Count("id"), stored=Sum("results_stored"), held=Sum("results_held"))
        .order_by("seen", "why")
    )
    return [InboxCount(row["seen"], row["why"], row["messages"], row["stored"], row["held"]) for row in counted]


def received_and_stored(*, since: dt.datetime, sources: Collection[str]) -> tuple[int, int]:
    """Count the messages that came from some senders since an instant, and those of which nothing is left to do."""
    rows = InboxMessage.objects.filter(id__gte=first_key(since), source__in=list(sources))
    counted = rows.aggregate(received=Count("id"), stored=Count("id", filter=Q(state__in=DONE)))
    return counted["received"], counted["stored"]


def held_groups(*, sources: Collection[str], refused_since: dt.datetime) -> list[HeldGroup]:
    """Return what is held of some senders by reason, and what was refused since an instant; the empty source is
    senders that are not known.
    """
    return _groups_of_messages(sources, refused_since) + _groups_of_codes(sources)


def held_messages(group: HeldGroup, *, refused_since: dt.datetime, limit: int = 200) -> list[InboxFacts]:
    """Return the messages of a group, oldest first; of a refused one those that came since an instant."""
    return [_inbox_facts(row) for row in _of_group(group, refused_since)[:limit]]


def held_message_ids(group: HeldGroup, *, refused_since: dt.datetime) -> list[int]:
    """Return the keys of all messages of a group, as `held_messages`."""
    return list(_of_group(group, refused_since).values_list("id", flat=True))


def sources_of_messages(ids: Collection[int]) -> set[str]:
    """Return the codes of those who sent some messages; the empty one is senders that are not known."""
    return set(InboxMessage.objects.filter(id__in=list(ids)).values_list("source", flat=True).distinct())


def unknown_senders() -> list[UnknownSender]:
    """Return who sent messages that were refused or are held because they name no registered sender."""
    rows = InboxMessage.objects.filter(source="", state__in=NOT_TAKEN, reason=UNKNOWN_SENDER).values("sender")
    counted = rows.annotate(messages=Count("id"), first=Min("id"), since=Min("received_at"), last=Max("received_at"))
    return [
        UnknownSender(row["sender"], row["messages"], row["first"], row["since"], row["last"])
        for row in counted.order_by("-messages", "sender")
    ]


def refused_of_sender(sender: str) -> list[int]:
    """Return the keys of the messages of a sender that was not known, in order of arrival."""
    rows = InboxMessage.objects.filter(source="", state__in=NOT_TAKEN, reason=UNKNOWN_SENDER, sender=sender)
    return list(rows.order_by("id").values_list("id", flat=True))


def held_without_patient(source: str) -> list[int]:
    """Return the keys of a sender's messages that are held because nobody could tell whose results they are."""
    rows = InboxMessage.objects.filter(source=source, state=State.HELD, reason__in=WITHOUT_PATIENT)
    return list(rows.order_by("id").values_list("id", flat=True))


def messages_of_run(*, source: str, prefix: str, since: dt.datetime) -> list[InboxFacts]:
    """Return in order of arrival the messages of an entrance test: their control ids or report numbers begin with its
    prefix. They are kept as training, refused, or wait still.
    """
    rows = InboxMessage.objects.filter(
        Q(control_id__startswith=f"{prefix}-") | Q(lane__contains=f":{prefix}-"),
        OF_A_RUN,
        source=source,
        id__gte=first_key(since),
    )
    return [_inbox_facts(row) for row in rows.order_by("id")]


def messages_of_source(
    *, source: str, state: str, start: dt.datetime, end: dt.datetime, limit: int
) -> list[InboxFacts]:
    """Return the messages of a sender in a state that were received from `start` on and before `end`, latest first."""
    rows = InboxMessage.objects.filter(source=source, state=state, id__gte=first_key(start), id__lt=first_key(end))
    return [_inbox_facts(row) for row in rows.order_by("-id")[:limit]]


def messages_waiting_for_code(
    *, source: str, local_code: str, local_system: str, limit: int | None = None
) -> list[int]:
    """Return the keys of messages with results that wait for a code, in order of arrival."""
    rows = HeldResult.objects.filter(
        source=source, local_code=local_code, local_system=local_system, released_at=None
    ).order_by("inbox_id")
    return list(rows.values_list("inbox_id", flat=True).distinct()[:limit])


def numbers_of_messages(ids: Collection[int]) -> dict[int, int]:
    """Return how many numbers messages left behind, as values of results or of results that wait."""
    stored = Result.objects.filter(inbox_id__in=list(ids), value__isnull=False).values_list("inbox_id", flat=True)
    waiting = HeldResult.objects.filter(inbox_id__in=list(ids), number__isnull=False, released_at=None)
    return dict(Counter([*stored, *waiting.values_list("inbox_id", flat=True)]))


def unmapped_codes(*, sources: Collection[str]) -> list[UnmappedCode]:
    """Return the codes of some senders whose results wait for any reason, most messages first."""
    return _unmapped(HeldResult.objects.filter(source__in=list(sources), released_at=None))


def unmapped_code(*, source: str, local_code: str, local_system: str) -> UnmappedCode | None:
    """Return one code of a sender whose results wait; None where none does."""
    rows = HeldResult.objects.filter(source=source, local_code=local_code, released_at=None)
    return next(iter(_unmapped(rows.filter(local_system=local_system))), None)


def inbox_message(inbox_id: int) -> InboxFacts | None:
    """Return one message; None where there is none."""
    row = InboxMessage.objects.filter(id=inbox_id).first()
    return _inbox_facts(row) if row else None


def processed_before(messages: Collection[tuple[int, str, str]]) -> set[int]:
    """Return which of some messages, given by key, source and digest, came earlier and were stored whole."""
    if not messages:
        return set()
    columns = zip(("id", "source", "digest"), map(list, zip(*messages, strict=True)), strict=True)
    return {row[0] for row in fetch_rows(PROCESSED_BEFORE, dict(columns))}


def _of_group(group: HeldGroup, refused_since: dt.datetime) -> QuerySet[InboxMessage]:
    rows = InboxMessage.objects.filter(
        source=group.source,
        sender=group.sender,
        reason=group.reason,
        state=State.REJECTED if group.is_refused else State.HELD,
    )
    return (rows.filter(id__gte=first_key(refused_since)) if group.is_refused else rows).order_by("id")


def _groups_of_messages(sources: Collection[str], refused_since: dt.datetime) -> list[HeldGroup]:
    by_code = HeldResult.objects.filter(source__in=list(sources), released_at=None).values("inbox_id")
    rows = InboxMessage.objects.filter(
        Q(state=State.HELD) | Q(state=State.REJECTED, id__gte=first_key(refused_since)), source__in=list(sources)
    ).exclude(state=State.HELD, id__in=by_code)
    counted = rows.values("source", "sender", "reason", "state").annotate(
        messages=Count("id"), held=Sum("results_held"), since=Min("received_at")
    )
    return [
        HeldGroup(
            source=row["source"],
            sender=row["sender"],
            reason=row["reason"],
            local_code="",
            local_system="",
            unit="",
            is_refused=row["state"] == State.REJECTED,
            messages=row["messages"],
            results=row["held"],
            since=row["since"],
        )
        for row in counted.order_by("state", "-messages", "source", "sender", "reason")
    ]


def _groups_of_codes(sources: Collection[str]) -> list[HeldGroup]:
    rows = HeldResult.objects.filter(source__in=list(sources), released_at=None)
    counted = rows.values("source", "reason", "local_code", "local_system").annotate(
        messages=Count("inbox_id", distinct=True), results=Count("id"), since=Min("held_at"), one_unit=Max("unit")
    )
    return [
        HeldGroup(
            source=row["source"],
            sender="",
            reason=row["reason"],
            local_code=row["local_code"],
            local_system=row["local_system"],
            unit=row["one_unit"],
            is_refused=False,
            messages=row["messages"],
            results=row["results"],
            since=row["since"],
        )
        for row in counted.order_by("-messages", "source", "local_code")
    ]


def _unmapped(rows: QuerySet[HeldResult]) -> list[UnmappedCode]:
    counted = rows.values("source", "local_code", "local_system").annotate(
        messages=Count("inbox_id", distinct=True),
        results=Count("id"),
        numbers=Count("number"),
        lowest=Min("number"),
        highest=Max("number"),
        local_name=Max("local_name"),
        first_asked_on=Min("asked_on"),
        since=Min("held_at"),
    )
    clues = _clues(rows)
    return [
        UnmappedCode(**row, **clues[row["source"], row["local_code"], row["local_system"]])
        for row in counted.order_by("-messages", "source", "local_code")
    ]


def _clues(rows: QuerySet[HeldResult]) -> dict[tuple[str, str, str], dict[str, tuple[str, ...]]]:
    """Gather the LOINC codes, units and specimens that came with each waiting code."""
    seen: dict[tuple[str, str, str], tuple[set[str], ...]] = {}
    for source, code, system, *clues in rows.values_list(
        "source", "local_code", "local_system", "loinc", "unit", "specimen"
    ).distinct():
        found = seen.setdefault((source, code, system), (set(), set(), set()))
        for values, clue in zip(found, clues, strict=True):
            values.update({clue} - {""})
    names = ("loincs", "units", "specimens")
    return {
        key: dict(zip(names, (tuple(sorted(values)) for values in found), strict=True)) for key, found in seen.items()
    }


def _inbox_facts(row: InboxMessage) -> InboxFacts:
    return InboxFacts(
        id=row.id,
        source=row.source,
        sender=row.sender,
        lane=row.lane,
        control_id=row.control_id,
        message_type=row.message_type,
        raw=bytes(row.raw),
        received_at=row.received_at,
        state=row.state,
        reason=row.reason,
        findings=_findings(row.findings),
        found_on_receipt=_findings([one for one in row.findings if one.get("on_receipt")]),
        results_stored=row.results_stored,
        results_held=row.results_held,
        attempts=row.attempts,
        processed_at=row.processed_at,
    )


def _findings(kept: Iterable[Mapping[str, str]]) -> tuple[Finding, ...]:
    """Return findings in their order, each once: what was found on receipt may be found again."""
    return tuple(dict.fromkeys(Finding(one["where"], one["code"], one["message"]) for one in kept))


def patients_of_messages(inbox_ids: Collection[int]) -> dict[int, list[int]]:
    """Return for each of some messages the records that its results or orders are stored on."""
    found: dict[int, set[int]] = {one: set() for one in inbox_ids}
    for inbox_id, record_id in fetch_rows(_PATIENTS_OF_MESSAGES, {"ids": list(inbox_ids)}):
        found[inbox_id].add(record_id)
    return {inbox_id: sorted(records) for inbox_id, records in found.items()}
