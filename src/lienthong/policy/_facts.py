"""What goes into `judge_grant` and `decide`, and what comes out. Unknown facts are None, never a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lienthong.policy._verdict import Gate, RuleVerdict, Verdict

ORGANISER_LEVELS = frozenset({"nation", "province", "city", "joint"})
PATIENT_CLASSES = frozenset({"emergency", "inpatient", "outpatient"})
RESULT_STATUSES = frozenset({"final", "corrected", "preliminary", "withdrawn"})
IQC_STATES = frozenset({"in_control", "out_of_control", "no_evidence"})
RESULT_OUTCOMES = frozenset({"positive", "negative"})


# The facts of a grant


@dataclass(frozen=True, slots=True)
class ProcedureFacts:
    """The procedure that asks for a mark; `region_path` runs from the nation to its facility's region."""

    procedure_id: int
    analyte: str
    facility: str
    region_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EqaEvidence:
    """One EQA round in which the procedure was enrolled.

    `passed` is False for a missing result and None while the verdict isn't known. `year` is the scheme's year.
    `organiser_regions` are the regions that the organiser answers for; empty for a provider without an area.
    """

    evidence_id: str
    organiser: str
    organiser_level: str
    organiser_regions: tuple[str, ...]
    round_code: str
    year: int
    finished_on: date
    passed: bool | None
    is_final: bool
    summary: str = ""

    def __post_init__(self) -> None:
        _require(self.organiser_level, ORGANISER_LEVELS, "organiser_level")


@dataclass(frozen=True, slots=True)
class IqcEvidence:
    """IQC over a period: of `days_measured` with patients' results, `days_covered` had an accepted run.

    `open_since` is the day of the oldest violation that is still without cause, action and accepted run.
    """

    period_from: date
    period_to: date
    days_measured: int
    days_covered: int
    open_since: date | None
    cv_percent: float | None

    def __post_init__(self) -> None:
        if not 0 <= self.days_covered <= self.days_measured:
            msg = f"days_covered must lie between 0 and days_measured ({self.days_measured}), got {self.days_covered}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class LevelEvidence:
    """A quality level that the authority has published, in its scheme."""

    scheme: str
    level: int
    published_on: date
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ScopeEvidence:
    """A line of an ISO 15189 scope that covers the item at this procedure."""

    certificate: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The dated set that a grant rests on. None: nothing is known of that kind."""

    eqa: tuple[EqaEvidence, ...] = ()
    iqc: IqcEvidence | None = None
    level: LevelEvidence | None = None
    iso15189: ScopeEvidence | None = None


class GrantStatus(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MarkGranted:
    """A mark, the set of regions in which it stands, its period, and the EQA rounds that it rests on.

    `valid_to` is the first day on which the evidence no longer carries the mark; None where nothing lapses.
    """

    mark: str
    key: str
    scope: frozenset[str]
    legal: bool
    valid_from: date
    valid_to: date | None
    evidence_ids: tuple[str, ...]
    rules: tuple[RuleVerdict, ...]


@dataclass(frozen=True, slots=True)
class MarkRefused:
    """A mark that the evidence does not carry, and the rules that say why."""

    mark: str
    key: str
    rules: tuple[RuleVerdict, ...]


@dataclass(frozen=True, slots=True)
class GrantJudgement:
    """Which marks the evidence carries on a day.

    `rules` are the verdicts behind the status: of the granted marks, or of every refused one where none is granted.
    """

    status: GrantStatus
    marks: tuple[MarkGranted, ...]
    refused: tuple[MarkRefused, ...]
    valid_from: date
    valid_to: date | None
    rules: tuple[RuleVerdict, ...]


# The facts of a decision


@dataclass(frozen=True, slots=True)
class Order:
    """The items that a clinician orders, and when."""

    items: tuple[str, ...]
    at: datetime

    def __post_init__(self) -> None:
        _require_zone(self.at, "at")


@dataclass(frozen=True, slots=True)
class Receiver:
    """The facility that orders; `region_path` runs from the nation to its region."""

    facility: str
    region_path: tuple[str, ...]
    level: int | None = None
    has_insurance_contract: bool | None = None


@dataclass(frozen=True, slots=True)
class Encounter:
    """What is known of the patient's visit.

    `purposes` are the exception codes known to apply; an empty set says that none does, None that nobody knows.
    """

    patient_class: str | None = None
    purposes: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.patient_class is not None:
            _require(self.patient_class, PATIENT_CLASSES, "patient_class")


@dataclass(frozen=True, slots=True)
class Producer:
    """The laboratory's facility as it stood when the specimen was collected."""

    facility: str
    region_path: tuple[str, ...]
    level: int | None = None
    level_on: date | None = None
    covers_by_iso15189: bool | None = None
    has_insurance_contract: bool | None = None


@dataclass(frozen=True, slots=True)
class MarkHeld:
    """A mark that the result carries from the grant in force at the instant that the policy names."""

    mark: str
    scope: frozenset[str]
    grant_id: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Two numbers of one patient compared: the difference, and what measurement and biology explain of it.

    All in `unit`. The shell computes them with `metrology`; the decision only carries them to the page.
    """

    other_result_id: int
    difference: float
    measurement_explains: float | None
    reference_change_value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """One earlier result of the patient, in its current version.

    `iqc_held` says that the result lies in a bracket held back by a failed run. `outcome` is for qualitative items.
    `is_order_time` says that no time of collection is known and `collected_at` is the order's, which is never later, so
    that the window closes no later than it would.
    """

    result_id: int
    version: int
    patient_record_id: int
    item: str
    status: str
    collected_at: datetime | None
    measured_at: datetime | None
    producer: Producer
    marks: tuple[MarkHeld, ...]
    iqc_state: str
    iqc_held: bool
    outcome: str | None = None
    difference: Difference | None = None
    summary: str = ""
    is_order_time: bool = False

    def __post_init__(self) -> None:
        _require(self.status, RESULT_STATUSES, "status")
        _require(self.iqc_state, IQC_STATES, "iqc_state")
        if self.outcome is not None:
            _require(self.outcome, RESULT_OUTCOMES, "outcome")
        _require_zone(self.collected_at, "collected_at")
        _require_zone(self.measured_at, "measured_at")


class Outcome(StrEnum):
    """What a line comes to. What does not stand is still shown, for reference."""

    STANDS = "stands"
    FOR_REFERENCE = "for_reference"
    DOES_NOT_STAND = "does_not_stand"
    NO_EARLIER_RESULT = "no_earlier_result"


@dataclass(frozen=True, slots=True)
class CandidateVerdict:
    """One earlier result, every rule's verdict on it, and what the three gates say.

    `until` is the instant at which the window closes. `clinician_judges` says that the policy sets no window and
    leaves the age of the result to the clinician, which the page must show.
    """

    result: EarlierResult
    outcome: Outcome
    until: datetime | None
    clinician_judges: bool
    gates: Mapping[Gate, Verdict]
    rules: tuple[RuleVerdict, ...]

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The rules whose question is open: an answer to them could still make the result stand."""
        return tuple(rule.rule for rule in self.rules if rule.verdict is Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Line:
    """One ordered item: its outcome, the result that is offered, and every candidate, newest first."""

    item: str
    outcome: Outcome
    chosen: EarlierResult | None
    until: datetime | None
    candidates: tuple[CandidateVerdict, ...]

    @property
    def chosen_verdict(self) -> CandidateVerdict | None:
        """The verdict on the result that is offered."""
        return next((one for one in self.candidates if one.result is self.chosen), None)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to an order, item by item. `interrupt` says whether the clinician may be stopped with a question."""

    lines: tuple[Line, ...]
    interrupt: bool
    policy_edition: str
    at: datetime


def _require(value: str, allowed: frozenset[str], field: str) -> None:
    if value not in allowed:
        raise ValueError(f"{field} must be one of {', '.join(sorted(allowed))}, but got {value!r}")


def _require_zone(instant: datetime | None, field: str) -> None:
    if instant is not None and instant.tzinfo is None:
        raise ValueError(f"{field} must carry a time zone")
