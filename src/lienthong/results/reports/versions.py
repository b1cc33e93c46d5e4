"""Versions of results: what is new, what replaces what, and what changes nothing.

Nothing is read or written here: a chain holds the versions of one result that are stored already, and messages are
applied to it one after the other, in the order in which they were received.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from lienthong.core.timekey import instant_of
from lienthong.results.reports.drafts import ResultDraft

# What makes two versions differ. Times of release and of analysis are set anew by many senders on every printing.
CONTENT = (
    *("procedure_id", "analyte_id", "reported_value", "reported_unit", "comparator", "value", "outcome"),
    *("reference_range", "flags", "collected_at"),
)


@dataclass(slots=True, eq=False)
class Version:
    """One version of one result. `id` is 0 until it is drawn; `replaces` is empty where the original is not known."""

    key: str
    number: int
    status: str
    inbox_id: int
    draft: ResultDraft
    replaces: Version | None = None
    is_current: bool = True
    id: int = 0
    is_stored: bool = False
    is_changed: bool = False

    @property
    def waits_for_original(self) -> bool:
        return self.number == 2 and self.replaces is None


@dataclass(slots=True)
class Applied:
    """What a message did to the results of a report."""

    new: list[Version] = field(default_factory=list)
    changed: list[Version] = field(default_factory=list)
    corrected: list[Version] = field(default_factory=list)
    joined: list[Version] = field(default_factory=list)
    unchanged: int = 0
    overtaken: int = 0
    contested: int = 0
    unfounded: int = 0
    is_commented: bool = False
    documents: int = 0

    @property
    def written(self) -> list[Version]:
        return [*self.new, *self.changed, *self.joined]


@dataclass(frozen=True, slots=True)
class Saying:
    """The message that says something: its key, and when its sender wrote it, where that is told.

    `is_affirmed`: a person found out that what it says holds now.
    """

    inbox_id: int
    written_at: dt.datetime | None = None
    is_affirmed: bool = False


@dataclass(frozen=True, slots=True)
class Cancellation:
    """That an order was cancelled, and when; None where its sender does not tell."""

    released_at: dt.datetime | None


@dataclass(slots=True)
class Chains:
    """The versions of all results of a report, oldest first, by the key of the result."""

    source: str
    number: str
    by_key: dict[str, list[Version]] = field(default_factory=dict)

    def apply(
        self, drafts: Sequence[ResultDraft], said: Saying, *, cancellation: Cancellation | None = None
    ) -> Applied:
        """Add what is new or changed; whoever comes after a later message or a later release changes nothing.

        What may be an old message that was sent again, or a result that was changed back, is `contested`. A
        `cancellation` of the order that was received before any of its results withdraws those released before it.
        """
        applied = Applied()
        is_cancelled = cancellation is not None and not self.by_key
        taken: dict[str, ResultDraft] = {}
        for draft in drafts:
            key = self._key(draft, taken)
            if key in taken:
                continue
            taken[key] = draft
            self._apply(key, draft, said, applied)
            if is_cancelled and cancellation and not _is_after(draft, cancellation):
                withdrawn = _withdrawal_of(draft, cancellation.released_at)
                self._replace(key, self.by_key[key], withdrawn, said.inbox_id, applied)
        return applied

    def withdraw_all(self, applied: Applied, *, inbox_id: int, released_at: dt.datetime | None) -> None:
        """Withdraw every result that stands, as the cancellation of the order does."""
        for chain in self.by_key.values():
            last = _current(chain)
            if last.status == "withdrawn":
                applied.unchanged += 1
            elif _is_older(released_at, inbox_id, last):
                applied.overtaken += 1
            else:
                withdrawn = _withdrawal_of(last.draft, released_at)
                self._replace(last.key, chain, withdrawn, inbox_id, applied)

    @property
    def current(self) -> list[Version]:
        return [_current(chain) for chain in self.by_key.values()]

    def _key(self, draft: ResultDraft, taken: dict[str, ResultDraft]) -> str:
        """Return the key of the result that a draft means, else that of a further one.

        Results of one code, sub-id and specimen are told apart by their time (OBX-14), else by their content within a
        message: the same content twice in a report is one result, another content is a second result.
        """
        keys, further = self._equals(draft, taken)
        if not keys:
            return further
        free = [key for key in keys if key not in taken or _content(taken[key]) == _content(draft)]
        same_time = [key for key in free if self._time_of(key, taken) == draft.observed_at]
        untimed = [key for key in free if draft.observed_at is None or self._time_of(key, taken) is None]
        if same_time or untimed:
            return (same_time or untimed)[0]
        meant = [key for key in free if key not in taken] if _is_amendment(draft) else []
        return meant[0] if len(meant) == 1 else further

    def _equals(self, draft: ResultDraft, taken: dict[str, ResultDraft]) -> tuple[list[str], str]:
        """Return the keys of all results that only time or order tell apart, and the key of one more."""
        keys: list[str] = []
        while (key := result_key(draft, source=self.source, number=self.number, occurrence=len(keys) + 1)) and (
            key in self.by_key or key in taken
        ):
            keys.append(key)
        return keys, key

    def _time_of(self, key: str, taken: dict[str, ResultDraft]) -> dt.datetime | None:
        return taken[key].observed_at if key in taken else _current(self.by_key[key]).draft.observed_at

    def _apply(self, key: str, draft: ResultDraft, said: Saying, applied: Applied) -> None:
        chain, inbox_id = self.by_key.get(key), said.inbox_id
        if chain is None:
            self._begin(key, draft, inbox_id, applied)
        elif chain[0].waits_for_original and _is_original(draft, inbox_id, chain[0]):
            original = Version(key, 1, draft.status, inbox_id, draft, is_current=False)
            chain[0].replaces, chain[0].is_changed = original, True
            chain.insert(0, original)
            applied.joined.append(original)
        elif _changes_nothing(draft, chain):
            applied.unchanged += 1
        elif _is_older(draft.released_at, inbox_id, _current(chain)):
            applied.overtaken += 1
        elif not said.is_affirmed and _repeats_earlier(draft, chain):
            self._repeat(key, draft, said, applied)
        else:
            self._replace(key, chain, draft, inbox_id, applied)

    def _repeat(self, key: str, draft: ResultDraft, said: Saying, applied: Applied) -> None:
        """Apply what an earlier version said: an old message, a further preliminary reading, or a person must say."""
        chain = self.by_key[key]
        if said.written_at and said.written_at <= instant_of(_current(chain).inbox_id):
            applied.overtaken += 1
        elif _is_measured_since(draft, chain):
            self._replace(key, chain, draft, said.inbox_id, applied)
        else:
            applied.contested += 1

    def _begin(self, key: str, draft: ResultDraft, inbox_id: int, applied: Applied) -> None:
        """Write the first version that is received: the second where it amends one that was not."""
        is_unfounded = _is_amendment(draft)
        status = "corrected" if is_unfounded and draft.status == "final" else draft.status
        first = Version(key, 2 if is_unfounded else 1, status, inbox_id, draft)
        self.by_key[key] = [first]
        applied.new.append(first)
        applied.unfounded += is_unfounded

    def _replace(self, key: str, chain: list[Version], draft: ResultDraft, inbox_id: int, applied: Applied) -> None:
        last = _current(chain)
        version = Version(key, last.number + 1, _stored_status(draft, last), inbox_id, draft, replaces=last)
        last.is_current, last.is_changed = False, True
        chain.append(version)
        applied.changed.append(version)
        if last.status != "preliminary":
            applied.corrected.append(version)


def result_key(draft: ResultDraft, *, source: str, number: str, occurrence: int = 1) -> str:
    """Return the digest that names a result through its versions; a second equal one of a report is told apart."""
    parts = (source, number, draft.code_system, draft.local_code, draft.sub_id, draft.specimen, str(occurrence))
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _current(chain: list[Version]) -> Version:
    return chain[-1]


def _is_after(draft: ResultDraft, cancellation: Cancellation) -> bool:
    at = cancellation.released_at
    return draft.status == "withdrawn" or bool(draft.released_at and at and draft.released_at > at)


def _is_amendment(draft: ResultDraft) -> bool:
    return draft.amends or draft.status == "corrected"


def _is_original(draft: ResultDraft, inbox_id: int, correction: Version) -> bool:
    """Whether a result is what a correction meant that came before it.

    It is, if it was received or released earlier. Where no release tells, a plain result after a correction is its
    original; after a withdrawal it is a result that was obtained in the end.
    """
    if _is_amendment(draft):
        return False
    if _is_older(draft.released_at, inbox_id, correction):
        return True
    released = correction.draft.released_at
    is_later = bool(draft.released_at and released and draft.released_at > released)
    return correction.status == "corrected" and not is_later


def _changes_nothing(draft: ResultDraft, chain: list[Version]) -> bool:
    last = _current(chain)
    if draft.status == last.status == "withdrawn":
        return True
    return _adds_nothing(draft, last.draft) and _stored_status(draft, last) == last.status


def _is_older(released_at: dt.datetime | None, inbox_id: int, than: Version) -> bool:
    released = than.draft.released_at
    return inbox_id < than.inbox_id or bool(released_at and released and released_at < released)


def _repeats_earlier(draft: ResultDraft, chain: list[Version]) -> bool:
    """Whether a plain result says what an earlier version said, and no release says that it is said anew.

    Who updates a resource means that it is so now.
    """
    released = _current(chain).draft.released_at
    if draft.resource_id or _is_amendment(draft) or (draft.released_at and released and draft.released_at != released):
        return False
    return any(_adds_nothing(draft, one.draft) and one.status == draft.status for one in chain[:-1])


def _is_measured_since(draft: ResultDraft, chain: list[Version]) -> bool:
    """Whether a preliminary result was measured after all that its sender reported before, which are preliminary too.

    A message of before that is sent again, under whatever number and time of writing, tells its old measurement.
    """
    before = [one.draft.measured_at for one in chain]
    if draft.measured_at is None or {draft.status, *(one.status for one in chain)} != {"preliminary"}:
        return False
    return all(at is not None and at < draft.measured_at for at in before)


def _stored_status(draft: ResultDraft, replaced: Version) -> str:
    """A changed final result is a corrected one, whatever its sender calls it; an unchanged one keeps its status."""
    if replaced.status == "preliminary" or draft.status in ("corrected", "withdrawn"):
        return draft.status
    is_same = replaced.status != "withdrawn" and _adds_nothing(draft, replaced.draft)
    return replaced.status if is_same else "corrected"


def _withdrawal_of(draft: ResultDraft, released_at: dt.datetime | None) -> ResultDraft:
    return replace(draft, status="withdrawn", released_at=released_at, marks=())


def _adds_nothing(draft: ResultDraft, stored: ResultDraft) -> bool:
    """Whether a draft says the same as a stored version, or less: amendments leave out comments of what they repeat.

    What is stored from before comments were kept can't tell whether one is new.
    """
    is_commented = bool(draft.comment) and stored.comment is not None and draft.comment != stored.comment
    return not is_commented and _content(draft) == _content(stored)


def _content(draft: ResultDraft) -> tuple[object, ...]:
    return tuple(getattr(draft, name) for name in CONTENT)
