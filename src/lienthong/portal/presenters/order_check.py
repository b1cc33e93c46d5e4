"""The order check as its page shows it: what stands, what is for reference, what is ordered, each with its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.packs import policy_for
from lienthong.core.templatetags.numbers import fixed, moment
from lienthong.policy import Difference, Gate, Outcome, Policy, RuleVerdict, Verdict
from lienthong.portal.evidence import Comment, Shelf, Shown
from lienthong.portal.presenters.amounts import Saving, saving_of
from lienthong.portal.presenters.values import ShownValue, as_compared, unit_words
from lienthong.recognition import reads as recognition
from lienthong.registry.reads import FacilityFacts

LAW_LANGUAGES = {"vn": "vi", "cn": "zh-Hans"}
REUSE, REPEAT, ORDER = "reuse", "repeat", "order"
_GATE_ORDER = (Gate.MARK, Gate.WINDOW, Gate.EXCEPTION)
_GATE_ICONS = {Verdict.YES: "yes", Verdict.NO: "no", Verdict.UNKNOWN: "na"}


@dataclass(frozen=True, slots=True)
class GateWords:
    name: str
    words: str
    icon: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a result does not simply stand: the rule, what was found, and the question that would settle it."""

    lead: str
    sentence: str
    question: str
    law: recognition.LawWords | None
    caveat: str


@dataclass(frozen=True, slots=True)
class CandidateView:
    """One earlier result with everything that the decision says of it, and what its laboratory wrote beside it."""

    tone: str
    symbol: str
    status: str
    value: ShownValue | None
    gates: tuple[GateWords, ...]
    stands: str
    stands_law: recognition.LawWords | None
    stands_caveat: str
    reasons: tuple[Reason, ...]
    difference: str
    facility: str
    level: str
    marks: tuple[str, ...]
    method: str
    collected: str
    report_id: int | None
    is_newer_version: bool
    comments: tuple[Comment, ...]
    rules: tuple[recognition.RuleWords, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """One ordered item; `asks` is what the clinician may choose: reuse or repeat, reuse or order, or nothing."""

    code: str
    name: str
    outcome: str
    candidate: CandidateView | None
    others: tuple[CandidateView, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    check_id: int
    number: str
    at: dt.datetime
    title: str
    lead: str
    is_emergency: bool
    is_visit_unknown: bool
    with_result: tuple[LineView, ...]
    ordered: tuple[LineView, ...]
    reasons: tuple[tuple[str, str], ...]
    has_shared_reason: bool
    saving: Saving | None
    has_examples: bool
    again: str
    law_language: str


def check_view(check: recognition.OrderCheckFacts, *, facility: FacilityFacts, shelf: Shelf) -> CheckView:
    """Return the page of a check that is not signed."""
    policy = policy_of(check, facility=facility)
    lines = [_line(line, check=check, policy=policy, shelf=shelf) for line in check.lines]
    standing = [line for line in lines if line.outcome == Outcome.STANDS]
    code = policy.pack.code
    return CheckView(
        check_id=check.id,
        number=check.number,
        at=check.at,
        title=_title(check, standing=len(standing), total=len(lines)),
        lead=_lead(lines, is_emergency=check.encounter_class == "emergency"),
        is_emergency=check.encounter_class == "emergency",
        is_visit_unknown=check.encounter_class is None,
        with_result=tuple(line for line in lines if line.candidate and _is_usable(line.outcome)),
        ordered=tuple(line for line in lines if not (line.candidate and _is_usable(line.outcome))),
        reasons=tuple((one.code, recognition.exception_name(one.code, jurisdiction=code)) for one in policy.exceptions),
        has_shared_reason=len(standing) > 1,
        saving=saving_of([line.code for line in standing], policy=policy),
        has_examples=any(rule.is_example or not rule.is_checked for line in lines for rule in _rules(line)),
        again=_again(check),
        law_language=LAW_LANGUAGES.get(code, ""),
    )


def policy_of(check: recognition.OrderCheckFacts, *, facility: FacilityFacts) -> Policy:
    """Return the policy by which a check was decided."""
    return policy_for(facility.region_path, timezone.localdate(check.at))


def _title(check: recognition.OrderCheckFacts, *, standing: int, total: int) -> str:
    if check.encounter_class == "emergency":
        return ngettext("Emergency: the test is ordered", "Emergency: all %(total)s tests are ordered", total) % {
            "total": total
        }
    if not standing:
        return ngettext("The test cannot be reused", "None of the %(total)s tests can be reused", total) % {
            "total": total
        }
    return ngettext(
        "%(standing)s of %(total)s tests can be reused", "%(standing)s of %(total)s tests can be reused", standing
    ) % {"standing": standing, "total": total}


def _lead(lines: list[LineView], *, is_emergency: bool) -> str:
    if is_emergency:
        return _("Nothing holds up an emergency. Earlier results are shown for reference.")
    asked = sum(bool(line.asks) for line in lines)
    rest = len(lines) - asked
    decide = ngettext(
        "Decide for the one test that has an earlier result.",
        "Decide for each of the %(asked)s tests that have an earlier result.",
        asked,
    ) % {"asked": asked}
    ordered = ngettext("The other one is ordered.", "The other %(rest)s are ordered.", rest) % {"rest": rest}
    if not asked:
        return _("There is nothing to decide: all tests are ordered.")
    return f"{decide} {ordered}" if rest else decide


def _is_usable(outcome: str) -> bool:
    return outcome in (Outcome.STANDS, Outcome.FOR_REFERENCE)


def _rules(line: LineView) -> Iterable[recognition.RuleWords]:
    return line.candidate.rules if line.candidate else ()


def _line(line: recognition.LineFacts, *, check: recognition.OrderCheckFacts, policy: Policy, shelf: Shelf) -> LineView:
    shown = line.chosen or next(iter(line.candidates), None)
    view = _Candidates(policy=policy, shelf=shelf, item=line.item)
    return LineView(
        code=line.item,
        name=recognition.item_name(line.item, jurisdiction=policy.pack.code),
        outcome=line.outcome.value,
        candidate=view.of(shown) if shown else None,
        others=tuple(view.of(one) for one in line.candidates if one is not shown),
        asks=_asks(line.outcome, is_emergency=check.encounter_class == "emergency"),
    )


def _asks(outcome: Outcome, *, is_emergency: bool) -> tuple[str, ...]:
    if is_emergency:
        return ()
    return {Outcome.STANDS: (REUSE, REPEAT), Outcome.FOR_REFERENCE: (ORDER, REUSE)}.get(outcome, ())


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Shows the candidates of one item."""

    policy: Policy
    shelf: Shelf
    item: str

    def of(self, one: recognition.CandidateFacts) -> CandidateView:
        tone, symbol, status = outcome_words(one.outcome)
        rules = tuple(recognition.rule_words(rule, jurisdiction=self.policy.pack.code) for rule in one.rules)
        held = self.shelf.get(one.result_id)
        window = next((rule for rule in rules if rule.rule in ("window_open", "window_left_to_clinician")), None)
        stands = one.outcome is Outcome.STANDS
        return CandidateView(
            tone=tone,
            symbol=symbol,
            status=status,
            value=as_compared(held.result, held.analyte, held.procedure) if held else None,
            gates=tuple(_gate(gate, one.gates[gate]) for gate in _GATE_ORDER),
            stands=_stands(one) if stands else "",
            stands_law=window.law if window and stands else None,
            stands_caveat=caveat(window) if window and stands else "",
            reasons=() if stands else self._reasons(one, held),
            difference=_difference(one.difference),
            facility=held.facility.name if held else one.facility,
            level=_level(one.rules),
            marks=tuple(mark.mark for mark in one.marks),
            method=held.method if held else "",
            collected=_collected(one),
            report_id=held.result.report_id if held else None,
            is_newer_version=bool(held and not held.result.is_current),
            comments=held.comments if held else (),
            rules=rules,
        )

    def _reasons(self, one: recognition.CandidateFacts, held: Shown | None) -> tuple[Reason, ...]:
        """Say what is not met; where nothing fails, what is not known and would settle it."""
        failed = [rule for rule in one.rules if rule.verdict is Verdict.NO]
        told = failed or one.unsettled
        return tuple(dict.fromkeys(self._reason(rule, one, held) for rule in told))

    def _reason(self, rule: RuleVerdict, one: recognition.CandidateFacts, held: Shown | None) -> Reason:
        words = recognition.rule_words(rule, jurisdiction=self.policy.pack.code)
        lead = _("Not met") if rule.verdict is Verdict.NO else _("Not known")
        sentence = _window_closed(one) if rule.rule == "window_open" and rule.verdict is Verdict.NO else ""
        if rule.rule == "mark_reaches_receiver" and held:
            sentence = self.shelf.why_no_mark(held, self.item)
        return Reason(
            lead=lead,
            sentence=sentence or f"{words.title}: {words.found}.",
            question=words.question,
            law=words.law,
            caveat=caveat(words),
        )


def outcome_words(outcome: Outcome) -> tuple[str, str, str]:
    """Return tone, drawing and words of an outcome."""
    return {
        Outcome.STANDS: ("good", "in", _("Stands")),
        Outcome.FOR_REFERENCE: ("warn", "edge", _("For reference")),
        Outcome.DOES_NOT_STAND: ("bad", "out", _("Does not stand")),
        Outcome.NO_EARLIER_RESULT: ("plain", "none", _("No earlier result")),
    }[outcome]


def caveat(rule: recognition.RuleWords) -> str:
    """Say where a rule's value is an example, or was not checked against its text."""
    if rule.is_example:
        return _("example value")
    return "" if rule.is_checked else _("not checked against its text")


def _gate(gate: Gate, verdict: Verdict) -> GateWords:
    names = {Gate.MARK: _("Mark"), Gate.WINDOW: _("Window"), Gate.EXCEPTION: _("No exception")}
    words = {Verdict.YES: _("passed"), Verdict.NO: _("not passed"), Verdict.UNKNOWN: _("not known")}
    return GateWords(name=names[gate], words=words[verdict], icon=_GATE_ICONS[verdict])


def _stands(one: recognition.CandidateFacts) -> str:
    if one.until:
        return _("Stands until %(until)s.") % {"until": moment(one.until)}
    return _("The rules set no window: you judge whether the result is young enough.")


def _window_closed(one: recognition.CandidateFacts) -> str:
    hours = next((rule.facts["hours"] for rule in one.rules if rule.rule == "window_open"), None)
    if one.until is None or hours is None:
        return ""
    words = ngettext(
        "The window of %(hours)s hour closed on %(until)s.", "The window of %(hours)s hours closed on %(until)s.",
        int(hours),
    )  # fmt: skip
    return words % {"hours": hours, "until": moment(one.until)}


def _difference(found: Difference | None) -> str:
    """Say what measurement and biology explain of the difference from the patient's other result."""
    if found is None or found.measurement_explains is None:
        return ""
    unit = unit_words(found.unit)
    parts = [
        _("Against the patient’s other result the difference is %(difference)s %(unit)s; "
          "measurement alone explains up to %(explained)s %(unit)s.")
        % {
            "difference": fixed(found.difference, 2),
            "unit": unit,
            "explained": fixed(found.measurement_explains, 2),
        }
    ]  # fmt: skip
    if found.reference_change_value is not None:
        parts.append(
            _("The reference change value is %(value)s %(unit)s.")
            % {"value": fixed(found.reference_change_value, 2), "unit": unit}
        )
    return " ".join(parts)


def _level(rules: Iterable[RuleVerdict]) -> str:
    level = next((rule.facts["producer_level"] for rule in rules if rule.rule == "level_direction"), None)
    return _("quality level %(level)s") % {"level": level} if level is not None else ""


def _collected(one: recognition.CandidateFacts) -> str:
    if one.collected_at is None:
        return _("Collection time not known")
    since = next((rule.facts.get("hours_since") for rule in one.rules if "hours_since" in rule.facts), None)
    is_imaging = any(rule.facts.get("imaging") for rule in one.rules)
    if any(rule.facts.get("stands_in") for rule in one.rules):
        if is_imaging:
            words = _("Ordered %(moment)s, which stands for the examination")
        else:
            words = _("Ordered %(moment)s, which stands for the collection")
    else:
        words = _("Examined %(moment)s") if is_imaging else _("Collected %(moment)s")
    words = words % {"moment": moment(one.collected_at)}
    return words if since is None else f"{words}: {_ago(float(since))}"


def _ago(hours: float) -> str:
    whole = int(hours)
    if whole <= 72:
        return ngettext("%(hours)s hour ago", "%(hours)s hours ago", whole) % {"hours": whole}
    return ngettext("%(days)s day ago", "%(days)s days ago", whole // 24) % {"days": whole // 24}


def _again(check: recognition.OrderCheckFacts) -> str:
    """Return what leads back to the order as it was filled in."""
    asked: Mapping[str, list[str]] = {
        "items": [line.item for line in check.lines],
        "encounter_class": [check.encounter_class or "unknown"],
    }
    return "&".join(f"{name}={value}" for name, values in asked.items() for value in values)
