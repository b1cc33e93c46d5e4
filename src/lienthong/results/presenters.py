"""What the pages of review show: rows of cases, two records side by side, a person with its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.registry.reads import FacilityFacts
from lienthong.results.people.review_reads import CaseFacts, CaseRow, PersonFacts, SideFacts
from lienthong.results.people.review_words import (
    FIELDS,
    KINDS,
    LINKS,
    MERGES,
    REASONS,
    STANDINGS,
    STATES,
    level_words,
    sign_of,
    weight_words,
)

Facilities = Mapping[int, FacilityFacts]
TRAITS = ("name", "birth_date", "sex")
AGAINST = -1.5  # bits


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the list in words."""

    id: int
    reason: str
    tone: str
    symbol: str
    state: str
    first: str
    second: str
    bits: float
    is_holding: bool
    opened_at: dt.datetime

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        holding = _("yes") if self.is_holding else _("no")
        return [self.id, self.reason, self.first, self.second, self.bits, holding, self.opened_at, self.state]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of both sides, aligned. `sign` draws what `words` and `weight` say; empty where nothing is compared."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    sign: str
    words: str
    weight: str
    is_different: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    facts: CaseFacts
    reason: str
    tone: str
    symbol: str
    state: str
    left: str
    right: str
    lines: tuple[FieldLine, ...]
    summary: str
    is_open: bool
    can_take_back: bool
    decisions: tuple[tuple[str, str, str, dt.datetime], ...]


@dataclass(frozen=True, slots=True)
class LinkLine:
    record: str
    person: str
    reason: str
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class MergeLine:
    id: int
    reason: str
    why: str
    by: str
    merged_at: dt.datetime
    undone: str
    can_undo: bool


@dataclass(frozen=True, slots=True)
class RecordLine:
    facts: SideFacts
    place: str
    numbers: tuple[str, ...]
    sex: str
    can_part: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    facts: PersonFacts
    records: tuple[RecordLine, ...]
    links: tuple[LinkLine, ...]
    merges: tuple[MergeLine, ...]


def case_lines(rows: Sequence[CaseRow], facilities: Facilities) -> list[CaseLine]:
    """Put cases into words."""
    return [_case_line(row, facilities) for row in rows]


def _case_line(row: CaseRow, facilities: Facilities) -> CaseLine:
    tone, symbol, state = _state(row.state)
    first, second = (
        _place(facility, source, facilities) for facility, source in zip(row.facility_ids, row.sources, strict=True)
    )
    return CaseLine(
        id=row.id,
        reason=str(REASONS[row.reason]),
        tone=tone,
        symbol=symbol,
        state=state,
        first=first,
        second=second,
        bits=row.bits,
        is_holding=row.is_holding,
        opened_at=row.opened_at,
    )


def case_header() -> list[str]:
    return [
        *(_("Case"), _("Why"), _("First record from"), _("Second record from"), _("Weight (bits)")),
        *(_("Holds messages"), _("Since"), _("State")),
    ]


def case_page(facts: CaseFacts, facilities: Facilities) -> CasePage:
    """Align both sides field by field."""
    tone, symbol, state = _state(facts.state)
    left, right = (_place(side.facility_id, side.source, facilities) for side in (facts.left, facts.right))
    if facts.right.record_id is None:
        right = _("What the message says")
    return CasePage(
        facts=facts,
        reason=str(REASONS[facts.reason]),
        tone=tone,
        symbol=symbol,
        state=state,
        left=left,
        right=right,
        lines=tuple(_lines(facts)),
        summary=_summary(facts) if facts.fields else "",
        is_open=facts.state == "open",
        can_take_back=facts.state == "different",
        decisions=tuple(
            (
                _("Can't tell yet") if one.decision == "open" else _state(one.decision)[2],
                one.why,
                one.by,
                one.decided_at,
            )
            for one in facts.decisions
        ),
    )


def person_page(facts: PersonFacts, facilities: Facilities) -> PersonPage:
    """Put a person's records, links and merges into words."""
    places = {
        one.record_id: f"{_place(one.facility_id, one.source, facilities)}, {one.local_id}" for one in facts.records
    }
    records = [
        RecordLine(one, places[one.record_id], _numbers(one), _sex(one.sex), len(facts.records) > 1)
        for one in facts.records
    ]
    links = [
        LinkLine(
            places.get(one.record_id, _("a record that leads elsewhere now")),
            str(one.person_id),
            str(LINKS.get(one.reason, one.reason)),
            one.recorded_at,
            one.superseded_at,
        )
        for one in facts.links
    ]
    merges = [
        MergeLine(
            one.id,
            str(MERGES.get(one.reason, one.reason)),
            one.why,
            one.by,
            one.merged_at,
            _("Undone by %(name)s: %(why)s") % {"name": one.undone_by, "why": one.undone_why} if one.undone_at else "",
            one.undone_at is None,
        )
        for one in facts.merges
    ]
    return PersonPage(facts, tuple(records), tuple(links), tuple(merges))


def person_header() -> list[str]:
    return [_("Record"), _("Person"), _("Why"), _("Since"), _("Until")]


def person_cells(page: PersonPage) -> list[list[Cell]]:
    """Return the history of links as rows of the Excel file."""
    return [[one.record, one.person, one.reason, one.since, one.until] for one in page.links]


def _lines(facts: CaseFacts) -> list[FieldLine]:
    found = {field: (level, bits) for field, level, bits in facts.fields}
    values = {
        "name": (_names(facts.left), _names(facts.right)),
        "birth_date": (_date(facts.left), _date(facts.right)),
        "sex": ((_sex(facts.left.sex),), (_sex(facts.right.sex),)),
        "number": (_numbers(facts.left), _numbers(facts.right)),
        "phone": ((facts.left.phone,), (facts.right.phone,)),
        "address": ((facts.left.address,), (facts.right.address,)),
    }
    lines = []
    for field, (left, right) in values.items():
        level, bits = found.get(field, ("", 0.0))
        lines.append(
            FieldLine(
                label=str(FIELDS[field]),
                left=tuple(filter(None, left)),
                right=tuple(filter(None, right)),
                sign=sign_of(bits, level) if level else "na",
                words=level_words(field, level) if level else "",
                weight=weight_words(bits) if level and level != "unknown" else "",
                is_different=bool(level) and level != "unknown" and bits <= AGAINST,
            )
        )
    return lines


def _summary(facts: CaseFacts) -> str:
    """Say what the weights sum up to; about twenty bits make up for the size of a province.

    What a family shares (card, telephone, address) never outweighs another name, birth date or sex in words.
    """
    if any(bits <= AGAINST for field, level, bits in facts.fields if field in TRAITS and level != "unknown"):
        return _("Name, birth date or sex contradict what they have in common; relatives share cards and homes.")
    if facts.bits >= 25:
        return _("All in all it speaks strongly for one person.")
    if facts.bits >= 17:
        return _("All in all it may well be one person.")
    return _("All in all it does not look like one person.")


def _state(state: str) -> tuple[str, str, str]:
    tone, symbol, words = STATES[state]
    return tone, symbol, str(words)


def _place(facility_id: int, source: str, facilities: Facilities) -> str:
    known = facilities.get(facility_id)
    return f"{known.name} ({source})" if known else source


def _names(side: SideFacts) -> tuple[str, ...]:
    return side.full_name, side.other_name


def _date(side: SideFacts) -> tuple[str, ...]:
    return (date_format(side.birth_date, "SHORT_DATE_FORMAT"),) if side.birth_date else ()


def _sex(sex: str) -> str:
    return {"F": _("female"), "M": _("male")}.get(sex, _("sex not known"))


def _numbers(side: SideFacts) -> tuple[str, ...]:
    words = []
    for one in side.numbers:
        standing = f" ({STANDINGS[one.standing]})" if one.standing else ""
        words.append(f"{KINDS[one.kind]}: {one.value}{standing}")
    return tuple(words)
