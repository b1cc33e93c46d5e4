"""Rights as pages show them: words, drawings and marks, ready for the templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.templatetags import numbers
from lienthong.policy import RuleVerdict, Verdict
from lienthong.recognition.models import Grant
from lienthong.recognition.verdict_json import read_rules
from lienthong.recognition.wording import RuleWords, item_name, region_name, rule_words
from lienthong.registry.reads import FacilityFacts, ProcedureFacts

Status = Grant.Status
_LANGUAGE_OF = {"cn": "zh-Hans", "vn": "vi"}


@dataclass(frozen=True, slots=True)
class State:
    """A status as the pages draw it."""

    tone: str
    symbol: str
    words: str


@dataclass(frozen=True, slots=True)
class RightRow:
    """One row of the register or of the page of rights."""

    grant_id: int
    item: str
    item_name: str
    loinc: str
    laboratory: str
    facility: str
    method: str
    mark: str
    mark_language: str
    is_mark_off: bool
    state: State
    valid_from: dt.date
    valid_to: dt.date | None
    until: str
    evidence: str
    scope: str
    reason: str
    rules: tuple[RuleWords, ...]
    has_examples: bool
    can_revoke: bool
    can_lift: bool

    def cells(self) -> list[Cell]:
        """The row as the Excel file shows it."""
        named = [self.item, self.item_name, self.loinc, self.laboratory, self.facility, self.method, self.mark]
        return [*named, self.state.words, self.scope, self.valid_from, self.valid_to, self.evidence]

    def as_json(self) -> dict[str, str | None]:
        """The row as the public interface gives it."""
        return {
            "item": self.item,
            "name": self.item_name,
            "loinc": self.loinc,
            "laboratory": self.laboratory,
            "facility": self.facility,
            "method": self.method,
            "mark": self.mark,
            "state": self.state.words,
            "within": self.scope,
            "from": self.valid_from.isoformat(),
            "until": self.valid_to.isoformat() if self.valid_to else None,
            "evidence": self.evidence,
        }


def header() -> list[str]:
    """Return the titles over `RightRow.cells`."""
    return [
        _("Code"),
        _("Test"),
        _("LOINC"),
        _("Laboratory"),
        _("Facility"),
        _("Method"),
        _("Mark"),
        _("State"),
        _("Recognised within"),
        _("From"),
        _("Until"),
        _("Evidence"),
    ]


def right_rows(
    grants: Iterable[Grant],
    *,
    procedures: Mapping[int, ProcedureFacts],
    facilities: Mapping[int, FacilityFacts],
    withheld: Collection[int] = (),
    with_rules: bool = False,
    officer_of: Collection[int] = (),
) -> list[RightRow]:
    """Return rows for the page. `withheld` are procedures whose quality control is out of control just now."""
    return [
        _row(
            grant,
            procedure=procedures[grant.procedure_id],
            facility=facilities[procedures[grant.procedure_id].facility_id],
            is_withheld=grant.procedure_id in withheld,
            with_rules=with_rules,
            is_officer=procedures[grant.procedure_id].laboratory_id in officer_of,
        )
        for grant in grants
    ]


def _row(
    grant: Grant,
    *,
    procedure: ProcedureFacts,
    facility: FacilityFacts,
    is_withheld: bool,
    with_rules: bool,
    is_officer: bool,
) -> RightRow:
    rules = read_rules(grant.rules)
    state = _state(grant.status, is_withheld=is_withheld)
    is_known_now = grant.superseded_at is None
    return RightRow(
        grant_id=grant.pk,
        item=grant.item,
        item_name=item_name(grant.item, jurisdiction=grant.jurisdiction),
        loinc=procedure.analyte.loinc,
        laboratory=procedure.laboratory_name,
        facility=facility.name,
        method=", ".join(part for part in (procedure.method, procedure.instrument) if part),
        mark=grant.mark,
        mark_language=_LANGUAGE_OF.get(grant.jurisdiction, get_language() or "en"),
        is_mark_off=state.symbol != "in",
        state=state,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        until=_until(grant),
        evidence=_evidence(grant, rules, is_withheld=is_withheld),
        scope=", ".join(region_name(code) for code in grant.scope),
        reason=grant.reason,
        rules=tuple(rule_words(rule, jurisdiction=grant.jurisdiction) for rule in rules) if with_rules else (),
        has_examples=any(rule.example or not rule.checked for rule in rules),
        can_revoke=is_officer and is_known_now and grant.status in (Status.IN_FORCE, Status.SUSPENDED),
        can_lift=is_officer and is_known_now and grant.status == Status.REVOKED,
    )


def _state(status: str, *, is_withheld: bool) -> State:
    if status == Status.IN_FORCE and is_withheld:
        return State("plain", "held", _("Withheld"))
    return {
        Status.IN_FORCE: State("good", "in", _("In force")),
        Status.SUSPENDED: State("bad", "out", _("Suspended")),
        Status.REVOKED: State("bad", "out", _("Revoked")),
        Status.REFUSED: State("plain", "none", _("Refused")),
    }[Grant.Status(status)]


def _until(grant: Grant) -> str:
    """Say until when a right holds: the last day, or since when it does not."""
    if grant.status == Status.IN_FORCE:
        return numbers.day(grant.valid_to - dt.timedelta(days=1)) if grant.valid_to else _("no end set")
    since = {"day": numbers.day(grant.valid_from)}
    return {
        Status.SUSPENDED: _("suspended since %(day)s"),
        Status.REVOKED: _("revoked since %(day)s"),
        Status.REFUSED: _("refused since %(day)s"),
    }[Grant.Status(grant.status)] % since


def _evidence(grant: Grant, rules: tuple[RuleVerdict, ...], *, is_withheld: bool) -> str:
    """Say in a line what the right rests on, or what took it away."""
    if grant.status == Status.REVOKED:
        return grant.reason
    if grant.status == Status.IN_FORCE and is_withheld:
        return _("quality control is out of control")
    if grant.status == Status.IN_FORCE:
        shown = [rule for rule in rules if rule.rule == "eqa_passes"]
    else:
        shown = [rule for rule in rules if rule.verdict is not Verdict.YES]
    found: dict[str, list[str]] = {}
    for words in (rule_words(rule, jurisdiction=grant.jurisdiction) for rule in shown):
        found.setdefault(words.label, []).append(words.found)
    return "; ".join(f"{label}: {', '.join(dict.fromkeys(parts))}" for label, parts in found.items())
