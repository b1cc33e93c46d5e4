"""The values that packs hold, each with the source it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lienthong.policy._verdict import Fact, Gate, RuleVerdict, Verdict

Names = Mapping[str, str]  # language ("vi", "zh_hans", "en") → text

COMBINES = ("percent", "absolute", "greater_of", "absolute_at_or_below_switch_else_percent")


@dataclass(frozen=True, slots=True)
class Reference:
    """A text that a value rests on. `confidence` says how far it was read: seen, unchecked, draft or example."""

    id: str
    title: str
    issuer: str
    article: str | None
    issued: date | None
    in_force: date | None
    url: str | None
    confidence: str

    @property
    def checked(self) -> bool:
        return self.confidence == "seen"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: its name in the pack, its reference, and since when it holds in which region."""

    parameter: str
    reference: str
    checked: bool
    example: bool
    since: date
    region: str
    note: Names | None = None


def ruling(
    rule: str, verdict: Verdict, source: Source | None, *, gate: Gate | None = None, facts: Mapping[str, Fact]
) -> RuleVerdict:
    """Return the rule's verdict with the reference of the value that it read; without one it rests on nothing."""
    return RuleVerdict(
        rule=rule,
        gate=gate,
        verdict=verdict,
        facts=facts,
        reference=source.reference if source else "",
        checked=source.checked if source else False,
        example=source.example if source else False,
    )


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the list in force: what can be ordered and recognised, and the analytes that answer it.

    Of an imaging item these are its examinations.
    """

    code: str
    names: Names
    group: str
    analytes: tuple[str, ...]
    source: Source
    is_imaging: bool = False


@dataclass(frozen=True, slots=True)
class ListEdition:
    """The edition of the item list, and who keeps it."""

    edition: str
    organiser: Names
    source: Source


@dataclass(frozen=True, slots=True)
class Window:
    """How long after specimen collection a result may be reused.

    `hours` is None where the policy leaves the age of a result to the clinician. `condition` narrows what the window
    admits: positive_only, or reference_only for what never replaces the new measurement.
    """

    hours: int | None
    condition: str | None
    source: Source

    @property
    def clinician_judges(self) -> bool:
        return self.hours is None


@dataclass(frozen=True, slots=True)
class ExceptionReason:
    """A coded reason to repeat a measurement although an earlier result stands.

    `automatic` says what shows that it applies: "emergency" (the encounter's class), "purpose" (what the test is
    for), None where only the clinician can say. Where `hard_stop` holds, the earlier result must not be reused.
    """

    code: str
    names: Names
    automatic: str | None
    free_text_required: bool
    hard_stop: bool
    source: Source


@dataclass(frozen=True, slots=True)
class MarkRule:
    """A mark that can be printed: who issues it, whose EQA rounds carry it, and the regions in which it stands.

    `scope` is None where the mark stands in the regions of the organiser of the rounds (a joint scheme).
    """

    key: str
    text: str
    legal: bool
    issuer: str
    organiser_levels: frozenset[str]
    scope: frozenset[str] | None
    source: Source


@dataclass(frozen=True, slots=True)
class LevelDirection:
    """How the producing and the receiving facility's levels compare, in one scheme.

    `kind` is not_below_receiver or none. `mutual_levels`, where given, are the levels that recognise their equals.
    """

    kind: str
    scheme: str | None
    producer_min: int | None
    mutual_levels: tuple[int, ...] | None
    iso15189_is_enough: bool
    source: Source


@dataclass(frozen=True, slots=True)
class Requirement:
    """A plain dated parameter: a number, a word or a yes/no, with the unit that the pack states."""

    value: int | float | str | bool
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class EqaPasses:
    """At least `required` passes among the last `of_last` final rounds."""

    required: int
    of_last: int
    source: Source


@dataclass(frozen=True, slots=True)
class IqcCoverage:
    """The least share of the days with patients' results that had accepted IQC, over a period."""

    min_share: float
    period_days: int
    source: Source


@dataclass(frozen=True, slots=True)
class ControlRules:
    """Names of control rules, as `metrology` spells them."""

    names: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Limit:
    """An allowable total error: how far a value may lie from its target, in `unit` (UCUM)."""

    analyte: str
    unit: str
    combine: str
    percent: float | None
    absolute: float | None
    switch_at: float | None
    cv_max_percent: float | None
    source: Source

    def allowable(self, target: float) -> float:
        """Return the allowable error at `target`, in the limit's unit."""
        by_percent = (self.percent or 0.0) * abs(target) / 100
        fixed = self.absolute or 0.0
        if self.combine == "percent":
            return by_percent
        if self.combine == "absolute":
            return fixed
        if self.combine == "greater_of":
            return max(fixed, by_percent)
        return fixed if target <= (self.switch_at or 0.0) else by_percent


@dataclass(frozen=True, slots=True)
class Fee:
    """What one measurement of an item costs, to show what a reuse saves."""

    amount: Decimal
    currency: str
    source: Source


@dataclass(frozen=True, slots=True)
class ExampleUsed:
    """A value in force that is an example or was not checked against its text: pages that use it must say so."""

    parameter: str
    reference: str
    checked: bool
    example: bool
    note: Names | None
