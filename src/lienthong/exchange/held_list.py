"""The list of held messages: groups by sender and reason, which of them are asked for, and the one that is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.export import Cell
from lienthong.exchange.models import Source
from lienthong.exchange.wording import reason_words, sender_words
from lienthong.results.reads import HeldGroup

PER_PAGE = 25
NOBODY = "-"  # who names no sender at all
# How long the oldest message of a group waits: from and before so many days.
AGES: dict[str, tuple[str | Promise, int, int | None]] = {
    "new": (gettext_lazy("less than a day"), 0, 1),
    "day": (gettext_lazy("a day or longer"), 1, None),
    "week": (gettext_lazy("a week or longer"), 7, None),
    "month": (gettext_lazy("thirty days or longer"), 30, None),
}
# What names a group in an address, and what the filter asks for there.
GROUP = ("source", "sender", "reason", "code", "system", "refused")
FILTER = ("from", "why", "waits", "q")
Choices = list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class HeldFilter:
    """Which groups are asked for: of whom, for which reason, how old, and what code or sender holds a text."""

    origin: str = ""
    reason: str = ""
    age: str = ""
    text: str = ""

    @property
    def query(self) -> str:
        """The filter as it stands in an address."""
        values = (self.origin, self.reason, self.age, self.text)
        return urlencode([(name, value) for name, value in zip(FILTER, values, strict=True) if value])

    def fits(self, row: GroupRow, *, at: dt.datetime) -> bool:
        """Whether a group is among those that are asked for."""
        group = row.group
        _words, least, most = AGES.get(self.age, ("", 0, None))
        waits = at - group.since
        return (
            self.origin in ("", origin_of(group))
            and self.reason in ("", group.reason)
            and (waits >= dt.timedelta(days=least) or not least)
            and (most is None or waits < dt.timedelta(days=most))
            and self.text.casefold() in f"{group.local_code}\n{row.sender}".casefold()
        )


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A sender and a reason, and how many messages."""

    group: HeldGroup
    sender: str
    reason: str

    @property
    def query(self) -> str:
        """Where the row leads: what names the group in an address."""
        return urlencode(list(zip(GROUP, named(self.group), strict=True)))

    @property
    def code(self) -> str:
        return self.group.local_code

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        state = _("refused") if self.group.is_refused else _("held")
        words = (self.sender, self.reason, state, self.code, self.group.unit)
        return [*words, self.group.messages, self.group.results, self.group.since]


@dataclass(frozen=True, slots=True)
class HeldPage:
    """What the page shows: a part of the held and of the refused groups that fit the filter; the counts are of all."""

    asked: HeldFilter
    held: Page[GroupRow]
    refused: Page[GroupRow]
    chosen: GroupRow | None
    is_gone: bool
    origins: Choices
    reasons: Choices
    ages: Choices
    reasons_held: int
    messages_held: int
    received: int
    stored: int


def filter_of(asked: Mapping[str, str]) -> HeldFilter:
    """Read the filter from an address; an age that is not offered asks for nothing."""
    origin, reason, age, text = (asked.get(name, "").replace("\0", "").strip() for name in FILTER)
    return HeldFilter(origin, reason, age if age in AGES else "", text)


def held_page(
    groups: Sequence[HeldGroup],
    counts: tuple[int, int],
    sources: Mapping[str, Source],
    asked: Mapping[str, str],
    *,
    at: dt.datetime,
) -> HeldPage:
    """Sort the groups that fit into held and refused. The one that is asked for is open, else the first.

    `counts` are the messages received and stored since midnight.
    """
    wanted, name = filter_of(asked), group_asked(asked)
    rows = _rows(groups, sources)
    fitting = [row for row in rows if wanted.fits(row, at=at)]
    is_held = [row for row in rows if not row.group.is_refused]
    chosen = next((row for row in rows if named(row.group) == name), None)
    held = _part([row for row in fitting if not row.group.is_refused], chosen, asked.get("page"))
    refused = _part([row for row in fitting if row.group.is_refused], chosen, asked.get("refused_page"))
    return HeldPage(
        asked=wanted,
        held=held,
        refused=refused,
        chosen=chosen if name else next(iter([*held, *refused]), None),
        is_gone=name is not None and chosen is None,
        origins=_choices({origin_of(row.group): row.sender for row in rows}, wanted.origin),
        reasons=_choices({row.group.reason: row.reason for row in rows}, wanted.reason),
        ages=[(key, str(words), key == wanted.age) for key, (words, _least, _most) in AGES.items()],
        reasons_held=len(is_held),
        messages_held=sum(row.group.messages for row in is_held),
        received=counts[0],
        stored=counts[1],
    )


def _part(rows: Sequence[GroupRow], chosen: GroupRow | None, asked: str | None) -> Page[GroupRow]:
    """Return a page of groups: the one that is asked for, else the one with the open group, else the first."""
    place = rows.index(chosen) if chosen in rows else 0
    return Paginator(rows, PER_PAGE).get_page(asked or place // PER_PAGE + 1)


def group_asked(asked: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return what names the group that an address asks for; None where it asks for none."""
    return tuple(asked.get(name, "") for name in GROUP) if any(name in asked for name in GROUP) else None


def named(group: HeldGroup) -> tuple[str, ...]:
    """Return what names a group in an address, in the order of `GROUP`."""
    refused = "1" if group.is_refused else ""
    return (group.source, group.sender, group.reason, group.local_code, group.local_system, refused)


def origin_of(group: HeldGroup) -> str:
    """Return by what the filter names the sender of a group: its code, else what it calls itself."""
    return group.source or group.sender or NOBODY


def held_header() -> list[str]:
    return [
        *(_("Sender"), _("Reason"), _("State"), _("Code"), _("Unit")),
        *(_("Messages"), _("Results"), _("Since")),
    ]


def _rows(groups: Sequence[HeldGroup], sources: Mapping[str, Source]) -> list[GroupRow]:
    """Return the groups in words; what a sender and a reason are called is looked up once."""
    senders = {key: sender_words(*key, sources) for key in {(one.source, one.sender) for one in groups}}
    reasons = {reason: reason_words(reason) for reason in {one.reason for one in groups}}
    return [GroupRow(one, senders[one.source, one.sender], reasons[one.reason]) for one in groups]


def _choices(words: Mapping[str, str], chosen: str) -> Choices:
    """Return what a filter offers, by its words; what is chosen stays, though nothing of it waits any more."""
    offered = {**({chosen: chosen} if chosen else {}), **words}
    return [(key, text, key == chosen) for key, text in sorted(offered.items(), key=lambda one: one[1].casefold())]
