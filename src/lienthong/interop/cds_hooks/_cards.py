"""Cards: what a service answers, and the JSON of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lienthong.interop.cds_hooks._json import Json

Indicator = Literal["info", "warning", "critical"]

SUMMARY_LIMIT = 140  # CDS Hooks 2.0: the summary has fewer characters than this
_INDICATORS = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """An override reason or a topic."""

    code: str
    system: str
    display: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    label: str
    url: str = ""
    topic: Coding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAction:
    """Take a draft out: `resource_id` is its relative reference (`ServiceRequest/1`)."""

    description: str
    resource_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One choice on a card; what is accepted comes back as feedback with `uuid`."""

    label: str
    uuid: str
    actions: tuple[DeleteAction, ...] = ()
    is_recommended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card. A summary of 140 characters or more, or a blank one, raises ValueError."""

    uuid: str
    summary: str
    indicator: Indicator
    source: Source
    detail: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    override_reasons: tuple[Coding, ...] = ()
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        length = len(self.summary)
        if not self.summary.strip() or length >= SUMMARY_LIMIT:
            raise ValueError(f"summary must have 1 to {SUMMARY_LIMIT - 1} characters, but has {length}")
        if self.indicator not in _INDICATORS:
            raise ValueError(f"indicator must be one of {', '.join(_INDICATORS)}, but got {self.indicator!r}")
        if not self.source.label:
            raise ValueError("source must have a label")


def to_json(cards: Iterable[Card]) -> dict[str, Json]:
    """Return the body of the response; elements without a value are left out, as the specification asks."""
    return {"cards": [_card(card) for card in cards]}


def _card(card: Card) -> Json:
    return _valued(
        uuid=card.uuid,
        summary=card.summary,
        detail=card.detail,
        indicator=card.indicator,
        source=_valued(label=card.source.label, url=card.source.url, topic=_coding(card.source.topic)),
        suggestions=[_suggestion(suggestion) for suggestion in card.suggestions],
        selectionBehavior="any" if card.suggestions else "",
        overrideReasons=[_coding(reason) for reason in card.override_reasons],
        links=[_valued(label=link.label, url=link.url, type="absolute") for link in card.links],
    )


def _suggestion(suggestion: Suggestion) -> Json:
    return _valued(
        label=suggestion.label,
        uuid=suggestion.uuid,
        isRecommended=True if suggestion.is_recommended else None,
        actions=[
            _valued(type="delete", description=action.description, resourceId=action.resource_id)
            for action in suggestion.actions
        ],
    )


def _coding(coding: Coding | None) -> Json:
    return _valued(code=coding.code, system=coding.system, display=coding.display) if coding else None


def _valued(**elements: Json) -> dict[str, Json]:
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}
