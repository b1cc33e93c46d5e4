"""The policy's parameters in force in a region on a day, in words and with the texts they rest on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.packs import jurisdictions, pack, policy_for
from lienthong.core.templatetags import numbers
from lienthong.policy import Limit, MarkRule, Policy, Source, Window
from lienthong.recognition.wording import LawWords, item_name, law_words, pick, region_name
from lienthong.recognition.wording.parameters import parameter_name, parameter_value
from lienthong.registry import reads as registry

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One value in force: what it is, what it says, since when, by which text, and how far that was checked."""

    name: str
    code: str
    value: str
    since: dt.date
    region: str
    law: LawWords | None
    note: str
    is_checked: bool
    is_example: bool


@dataclass(frozen=True, slots=True)
class RuleSection:
    anchor: str
    title: str
    rows: tuple[RuleRow, ...]


@dataclass(frozen=True, slots=True)
class RulesPage:
    region: str
    edition: str
    sections: tuple[RuleSection, ...]

    @property
    def rows(self) -> list[RuleRow]:
        return [row for section in self.sections for row in section.rows]

    @property
    def examples(self) -> int:
        """How many values are examples."""
        return sum(row.is_example for row in self.rows)

    @property
    def unchecked(self) -> int:
        """How many values are no examples but were not checked against their text."""
        return sum(not row.is_checked and not row.is_example for row in self.rows)

    def header(self) -> list[str]:
        return [
            _("Section"),
            _("Code"),
            _("Name"),
            _("Value"),
            _("Since"),
            _("Region"),
            _("Reference"),
            _("Checked against the text"),
        ]

    def cells(self) -> Iterator[list[Cell]]:
        for section in self.sections:
            for row in section.rows:
                law = str(row.law) if row.law else ""
                yield [section.title, row.code, row.name, row.value, row.since, row.region, law, checked_words(row)]


@dataclass(frozen=True, slots=True)
class MarkMeaning:
    """What a printed mark says."""

    mark: str
    language: str
    regions: str
    is_legal: bool
    is_example: bool


def region_paths(*, on: dt.date, own_facility_ids: Collection[int] = ()) -> dict[str, tuple[str, Path]]:
    """Return by code the name and path of every region that holds facilities or contains one that does.

    The region with most of the reader's own facilities comes first, then that with most of all; a nation whose pack no
    facility uses comes last.
    """
    known = registry.facilities(on=on)
    counts = Counter(row.region_path for row in known.values())
    own = Counter(row.region_path for key, row in known.items() if key in own_facility_ids)
    paths: dict[str, Path] = {}
    for path in sorted(counts, key=lambda one: (own[one], counts[one]), reverse=True):
        for length in range(len(path), 0, -1):
            paths.setdefault(path[length - 1], path[:length])
    for jurisdiction in jurisdictions():
        nation = pack(jurisdiction).region
        paths.setdefault(nation, (nation,))
    nations = {pack(jurisdiction).region for jurisdiction in jurisdictions()}
    return {
        code: (" › ".join(region_name(one) for one in path), path) for code, path in paths.items() if path[0] in nations
    }


def rules_page(path: Path, *, on: dt.date) -> RulesPage:
    """Return everything that the policy says in a region on a day."""
    policy = policy_for(path, on)
    builders = (
        ("items", _("Items of the list, and how long a result may be reused"), _items),
        ("marks", _("Marks"), _marks),
        ("parameters", _("What a right rests on, and what is judged how"), _parameters),
        ("reasons", _("Exceptions, and reasons to repeat a test"), _reasons),
        ("limits", _("Allowable total error"), _limits),
    )
    sections = tuple(RuleSection(anchor, title, tuple(build(policy))) for anchor, title, build in builders)
    return RulesPage(region=region_name(path[-1]), edition=policy.edition, sections=sections)


def mark_meanings(on: dt.date) -> list[MarkMeaning]:
    """Return every mark that some pack holds on a day, and where it stands."""
    found: dict[str, MarkMeaning] = {}
    for jurisdiction in jurisdictions():
        for held in pack(jurisdiction).marks.regions.values():
            for timeline in held.values():
                mark = timeline.on(on)
                if isinstance(mark, MarkRule):
                    found.setdefault(mark.text, _meaning(mark, jurisdiction))
    return list(found.values())


def checked_words(row: RuleRow) -> str:
    """Say how far a value can be relied on."""
    if row.is_example:
        return _("example, not a regulation")
    return _("checked") if row.is_checked else _("not checked against the text")


def _meaning(mark: MarkRule, jurisdiction: str) -> MarkMeaning:
    regions = ", ".join(region_name(code) for code in sorted(mark.scope or ()))
    return MarkMeaning(
        mark=mark.text,
        language="zh-Hans" if jurisdiction == "cn" else "vi",
        regions=regions or _("the regions of the scheme's organisers"),
        is_legal=mark.legal,
        is_example=mark.source.example,
    )


def _items(policy: Policy) -> Iterator[RuleRow]:
    """Yield each item with its window; a row rests on the window's text, else on the list's."""
    for item in policy.items:
        window = policy.window(item)
        source = window.source if window else item.source
        group = pick(policy.pack.groups.get(item.group, {"en": item.group}))
        words = _("%(group)s; %(window)s") % {"group": group, "window": _window(window)}
        yield _row(policy, source, name=pick(item.names), code=item.code, value=words, also=item.source)


def _window(window: Window | None) -> str:
    if window is None:
        return _("no window is set: a result is for reference")
    if window.hours is None:
        return _("no window: the clinician judges")
    words = _("%(hours)s hours from collection") % {"hours": numbers.fixed(window.hours, 0)}
    return {
        "positive_only": _("%(window)s, only positive results"),
        "reference_only": _("%(window)s, for reference only"),
    }.get(window.condition or "", "%(window)s") % {"window": words}


def _marks(policy: Policy) -> Iterator[RuleRow]:
    for mark in policy.marks:
        regions = ", ".join(region_name(code) for code in sorted(mark.scope or ()))
        words = _("issued in %(issuer)s; stands in %(regions)s") % {
            "issuer": region_name(mark.issuer),
            "regions": regions or _("the regions of the scheme's organisers"),
        }
        legal = _("a legal mark") if mark.legal else _("no legal mark")
        yield _row(policy, mark.source, name=mark.text, code=mark.key, value=f"{words}; {legal}")


def _parameters(policy: Policy) -> Iterator[RuleRow]:
    for table in policy.pack.parameters.values():
        for value in table.in_force(region_path=policy.region_path, on=policy.on).values():
            name = value.source.parameter
            yield _row(policy, value.source, name=parameter_name(name), code=name, value=parameter_value(value))


def _reasons(policy: Policy) -> Iterator[RuleRow]:
    for reason in policy.exceptions:
        parts = [_("a reason to repeat")]
        if reason.automatic == "emergency":
            parts.append(_("applies by itself in an emergency"))
        if reason.automatic == "purpose":
            parts.append(_("applies by itself to tests for this purpose"))
        if reason.free_text_required:
            parts.append(_("asks for words"))
        if reason.hard_stop:
            parts.append(_("the earlier result must not be reused"))
        yield _row(policy, reason.source, name=pick(reason.names), code=reason.code, value="; ".join(parts))


def _limits(policy: Policy) -> Iterator[RuleRow]:
    for limit in policy.pack.limits.in_force(region_path=policy.region_path, on=policy.on).values():
        name = item_name(limit.analyte, jurisdiction=policy.pack.code)
        yield _row(policy, limit.source, name=name, code=limit.analyte, value=_limit(limit))


def _limit(limit: Limit) -> str:
    percent, absolute = f"{numbers.plain(limit.percent)} %", f"{numbers.plain(limit.absolute)} {limit.unit}"
    if limit.combine == "percent":
        return percent
    if limit.combine == "absolute":
        return absolute
    if limit.combine == "greater_of":
        return _("the greater of %(absolute)s and %(percent)s") % {"absolute": absolute, "percent": percent}
    switch = f"{numbers.plain(limit.switch_at)} {limit.unit}"
    words = _("%(absolute)s up to %(switch)s, %(percent)s above")
    return words % {"absolute": absolute, "switch": switch, "percent": percent}


def _row(policy: Policy, source: Source, *, name: str, code: str, value: str, also: Source | None = None) -> RuleRow:
    sources: Mapping[str, Source] = {"main": source, "also": also or source}
    return RuleRow(
        name=name,
        code=code,
        value=value,
        since=max(one.since for one in sources.values()),
        region=region_name(source.region),
        law=law_words(source.reference, jurisdiction=policy.pack.code),
        note=pick(source.note) if source.note else "",
        is_checked=all(one.checked for one in sources.values()),
        is_example=any(one.example for one in sources.values()),
    )
