"""From a checked entry of a pack to the typed value that rules read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from lienthong.policy._checks import Entry
from lienthong.policy._tree import (
    Tree,
    flag,
    mapping,
    number,
    optional_number,
    optional_text,
    optional_whole,
    sequence,
    text,
    texts,
    whole,
)
from lienthong.policy._values import (
    ControlRules,
    EqaPasses,
    ExceptionReason,
    Fee,
    IqcCoverage,
    Item,
    LevelDirection,
    Limit,
    ListEdition,
    MarkRule,
    Names,
    Requirement,
    Source,
    Window,
)

Parameter = Requirement | EqaPasses | IqcCoverage | ControlRules | LevelDirection | ListEdition


def source_of(entry: Entry) -> Source:
    """Return where the entry's value comes from; its parameter is named file.key."""
    tree = mapping(entry.tree)
    return Source(
        parameter=f"{entry.file.removesuffix('.yaml')}.{entry.key}",
        reference=text(tree["reference"]),
        checked=flag(tree["checked"]),
        example=flag(tree["example"]),
        since=date.fromisoformat(entry.since),
        region=entry.region,
        note=names(tree["note"]) if "note" in tree else None,
    )


def names(tree: Tree) -> Names:
    return {language: text(name) for language, name in mapping(tree).items()}


def item(entry: Entry, value: Tree) -> Item:
    tree = mapping(value)
    return Item(
        code=entry.key,
        names=names(tree["names"]),
        group=text(tree["group"]),
        analytes=texts(tree["analytes"]),
        source=source_of(entry),
        is_imaging=flag(tree.get("imaging", False)),
    )


def window(entry: Entry, value: Tree) -> Window:
    tree = mapping(value)
    return Window(
        hours=optional_whole(tree.get("hours")),
        condition=optional_text(tree.get("condition")),
        source=source_of(entry),
    )


def exception(entry: Entry, value: Tree) -> ExceptionReason:
    tree = mapping(value)
    return ExceptionReason(
        code=entry.key,
        names=names(tree["names"]),
        automatic=optional_text(tree.get("automatic")),
        free_text_required=flag(tree["free_text_required"]),
        hard_stop=flag(tree["hard_stop"]),
        source=source_of(entry),
    )


def mark(entry: Entry, value: Tree) -> MarkRule:
    tree = mapping(value)
    scope = tree["scope"]
    return MarkRule(
        key=entry.key,
        text=text(tree["text"]),
        legal=flag(tree["legal"]),
        issuer=text(tree["issuer"]),
        organiser_levels=frozenset(texts(tree["organiser_levels"])),
        scope=None if isinstance(scope, str) else frozenset(texts(scope)),
        source=source_of(entry),
    )


def limit(entry: Entry, value: Tree) -> Limit:
    tree = mapping(value)
    return Limit(
        analyte=entry.key,
        unit=text(tree["unit"]),
        combine=text(tree["combine"]),
        percent=optional_number(tree.get("percent")),
        absolute=optional_number(tree.get("absolute")),
        switch_at=optional_number(tree.get("switch_at")),
        cv_max_percent=optional_number(tree.get("cv_max_percent")),
        source=source_of(entry),
    )


def fee(entry: Entry, value: Tree) -> Fee:
    return Fee(amount=Decimal(str(number(value))), currency=entry.unit, source=source_of(entry))


def parameter(entry: Entry, value: Tree) -> Parameter:
    build = _COMPOUND.get(entry.key)
    return build(entry, value) if build else _plain(entry, value)


def _plain(entry: Entry, value: Tree) -> Requirement:
    if value is None or isinstance(value, list | dict):
        raise TypeError("a plain value was expected")
    return Requirement(value=value, unit=entry.unit, source=source_of(entry))


def _eqa_passes(entry: Entry, value: Tree) -> EqaPasses:
    tree = mapping(value)
    return EqaPasses(required=whole(tree["required"]), of_last=whole(tree["of_last"]), source=source_of(entry))


def _iqc_coverage(entry: Entry, value: Tree) -> IqcCoverage:
    tree = mapping(value)
    share, days = number(tree["min_share"]), whole(tree["period_days"])
    return IqcCoverage(min_share=share, period_days=days, source=source_of(entry))


def _control_rules(entry: Entry, value: Tree) -> ControlRules:
    return ControlRules(names=texts(value), source=source_of(entry))


def _direction(entry: Entry, value: Tree) -> LevelDirection:
    tree = mapping(value)
    mutual = tree.get("mutual_levels")
    return LevelDirection(
        kind=text(tree["kind"]),
        scheme=optional_text(tree.get("scheme")),
        producer_min=optional_whole(tree.get("producer_min")),
        mutual_levels=None if mutual is None else tuple(whole(level) for level in sequence(mutual)),
        iso15189_is_enough=flag(tree.get("iso15189_is_enough", False)),
        source=source_of(entry),
    )


def _list_edition(entry: Entry, value: Tree) -> ListEdition:
    tree = mapping(value)
    return ListEdition(edition=text(tree["edition"]), organiser=names(tree["organiser"]), source=source_of(entry))


_COMPOUND: dict[str, Callable[[Entry, Tree], Parameter]] = {
    "eqa_passes": _eqa_passes,
    "iqc_coverage": _iqc_coverage,
    "warning_rules": _control_rules,
    "reject_rules": _control_rules,
    "levels": _direction,
    "edition": _list_edition,
}
