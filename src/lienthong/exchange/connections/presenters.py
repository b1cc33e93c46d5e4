"""What the pages of connected systems show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.access.reads import KeyFacts, SystemFacts
from lienthong.core.audit import Event
from lienthong.core.export import Cell
from lienthong.core.templatetags.numbers import moment
from lienthong.exchange.connections.wording import SCOPES, action_words, detail_words, scope_words
from lienthong.exchange.history import HistoryRow, in_words


@dataclass(frozen=True, slots=True)
class State:
    tone: str
    symbol: str
    words: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: int
    key_id: str
    algorithm: str
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    state: State
    may_end: bool


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system in the list and at the head of its page."""

    facts: SystemFacts
    facility: str
    state: State
    keys: tuple[KeyRow, ...]

    @property
    def scopes(self) -> list[tuple[str, str]]:
        """Each scope with what it means."""
        return [(scope, scope_words(scope)) for scope in self.facts.entry.scopes]

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one = self.facts
        valid = sum(key.may_end for key in self.keys)
        return [
            *(one.entry.client_id, one.entry.name, self.facility, one.entry.contact, self.state.words),
            *(" ".join(one.entry.scopes), " ".join(one.entry.sources), valid),
            *(one.registered_at, one.last_token_at, one.last_refused_at, one.last_refusal),
        ]


@dataclass(frozen=True, slots=True)
class RefusalRow:
    at: dt.datetime
    address: str
    why: str


def system_rows(found: Iterable[SystemFacts], facilities: Mapping[str, str], *, at: dt.datetime) -> list[SystemRow]:
    """Lay out systems; `facilities` are the names by code."""
    return [
        SystemRow(
            facts=one,
            facility=facilities.get(one.entry.facility, one.entry.facility),
            state=_state(one, at=at),
            keys=tuple(_key_row(key, at=at) for key in one.keys),
        )
        for one in found
    ]


def header() -> list[str]:
    return [
        *("client_id", _("Name"), _("Facility"), _("Contact"), _("State"), _("Scopes"), _("Senders")),
        *(_("Keys that hold"), _("Registered"), _("Last token"), _("Last refusal"), _("Why it was refused")),
    ]


def history_rows(events: Iterable[Event]) -> list[HistoryRow]:
    """Lay out what was done to a system."""
    return in_words(events, action=action_words, detail=detail_words, value=_told)


def refusal_rows(events: Iterable[Event]) -> list[RefusalRow]:
    """Lay out refusals; the reason is told as the caller was told it, in the words of the protocol."""
    return [
        RefusalRow(
            at=one.at,
            address=str(one.detail.get("address", "")),
            why=f"{one.detail.get('error', '')}: {one.detail.get('description', '')}",
        )
        for one in events
    ]


def values_of(facts: SystemFacts) -> dict[str, object]:
    """Return what the form shows of a registered system."""
    entry = facts.entry
    return {
        "client_id": entry.client_id,
        "name": entry.name,
        "facility": entry.facility,
        "contact": entry.contact,
        "scopes": [one for one in entry.scopes if one in SCOPES],
        "more_scopes": " ".join(one for one in entry.scopes if one not in SCOPES),
        "sources": " ".join(entry.sources),
    }


def _told(name: str, value: object) -> str:
    """Write a detail; the end of a key as an instant of the reader's zone."""
    return moment(dt.datetime.fromisoformat(str(value))) if name == "until" else str(value)


def _state(facts: SystemFacts, *, at: dt.datetime) -> State:
    if facts.suspended_at is not None:
        return State("bad", "out", _("suspended"))
    if not any(key.holds(at) for key in facts.keys):
        return State("warn", "held", _("no key that holds"))
    if facts.last_token_at is None:
        return State("info", "wait", _("never called"))
    return State("good", "in", _("connected"))


def _key_row(key: KeyFacts, *, at: dt.datetime) -> KeyRow:
    holds = key.holds(at)
    state = State("good", "in", _("holds")) if holds else State("plain", "none", _("ended"))
    return KeyRow(key.id, key.key_id, key.algorithm, key.valid_from, key.valid_to, state, may_end=holds)
