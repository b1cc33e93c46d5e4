"""Every rule of the policy in words: what it asks, what was found, and the question that would settle it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.policy import Fact, RuleVerdict, Verdict
from lienthong.recognition.wording import _decisions as decisions
from lienthong.recognition.wording import _grants as grants
from lienthong.recognition.wording._names import LawWords, law_words

Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule's verdict for a page: a short label, what the rule asks, what was found.

    `question` is empty unless the verdict is unknown.
    """

    rule: str
    label: str
    title: str
    found: str
    question: str
    verdict: Verdict
    verdict_name: str
    icon: str
    law: LawWords | None
    is_checked: bool
    is_example: bool


@dataclass(frozen=True, slots=True)
class _Words:
    """How one rule is put into words: from its facts, and the jurisdiction whose names are used."""

    label: Promise
    title: Callable[[Facts], str]
    found: Callable[[RuleVerdict, str], str]
    question: str | Promise = ""


_LIST, _EQA, _IQC = gettext_lazy("List"), gettext_lazy("EQA"), gettext_lazy("Quality control")
_LEVEL, _MARK, _RESULT = gettext_lazy("Level"), gettext_lazy("Mark"), gettext_lazy("Result")
_CONTRACT, _WINDOW, _EXCEPTION = gettext_lazy("Contract"), gettext_lazy("Window"), gettext_lazy("Exceptions")
_RULES: Mapping[str, _Words] = {
    "item_listed": _Words(_LIST, grants.item_listed, grants.listed),
    "eqa_passes": _Words(
        _EQA, grants.eqa_passes, grants.passes, gettext_lazy("Enter the missing EQA scores or certificates.")
    ),
    "eqa_recent": _Words(_EQA, grants.eqa_recent, grants.newest, gettext_lazy("Enter the newest EQA round.")),
    "eqa_consecutive_years": _Words(
        _EQA, grants.eqa_years, grants.years, gettext_lazy("Enter the EQA rounds of the missing year.")
    ),
    "iqc_coverage": _Words(
        _IQC, grants.iqc_coverage, grants.coverage, gettext_lazy("Import the control runs of the period.")
    ),
    "iqc_open": _Words(
        _IQC, grants.iqc_open, grants.open_violations, gettext_lazy("Import the control runs of the period.")
    ),
    "iqc_cv": _Words(_IQC, grants.iqc_cv, grants.imprecision, gettext_lazy("Import the control runs of the period.")),
    "level_or_iso15189": _Words(
        _LEVEL, grants.level_or_scope, grants.level, gettext_lazy("Enter the published level or the ISO 15189 scope.")
    ),
    "mark_defined": _Words(_MARK, grants.mark_defined, grants.no_mark),
    "result_status": _Words(
        _RESULT,
        decisions.result_status,
        decisions.status,
        gettext_lazy("Wait for the final result, or ask the laboratory."),
    ),
    "mark_reaches_receiver": _Words(_MARK, decisions.mark_reaches, decisions.marks),
    "level_direction": _Words(
        _LEVEL,
        decisions.level_direction,
        decisions.levels,
        gettext_lazy("Ask the quality centre for the levels of both facilities."),
    ),
    "insurance_contract": _Words(
        _CONTRACT,
        decisions.insurance_contract,
        decisions.contracts,
        gettext_lazy("Find out whether both facilities have a health-insurance contract."),
    ),
    "iqc_bracket": _Words(_IQC, decisions.iqc_bracket, decisions.bracket),
    "iqc_state": _Words(
        _IQC,
        decisions.iqc_state,
        decisions.state,
        gettext_lazy("Ask the laboratory for its quality control of that time."),
    ),
    "collection_time": _Words(
        _WINDOW,
        decisions.collection_time,
        decisions.collected,
        gettext_lazy("Ask the laboratory when the specimen was collected."),
    ),
    "window_set": _Words(
        _WINDOW,
        decisions.window_set,
        decisions.no_window,
        gettext_lazy("The clinician judges whether the result is young enough."),
    ),
    "window_left_to_clinician": _Words(_WINDOW, decisions.window_left, decisions.age),
    "window_open": _Words(
        _WINDOW,
        decisions.window_open,
        decisions.window,
        gettext_lazy("Ask the laboratory when the specimen was collected."),
    ),
    "window_positive_only": _Words(
        _WINDOW,
        decisions.positive_only,
        decisions.sign,
        gettext_lazy("Ask the laboratory whether the result is positive."),
    ),
    "window_not_reference_only": _Words(_WINDOW, decisions.not_reference_only, decisions.reference_only),
    "no_emergency": _Words(
        _EXCEPTION, decisions.no_emergency, decisions.encounter, gettext_lazy("Say whether this is an emergency.")
    ),
    "no_exception": _Words(
        _EXCEPTION, decisions.no_exception, decisions.exception, gettext_lazy("Say what the test is for.")
    ),
}
WORDED_RULES = frozenset(_RULES)
_ICONS = {Verdict.YES: "yes", Verdict.NO: "no", Verdict.UNKNOWN: "na"}


def rule_words(rule: RuleVerdict, *, jurisdiction: str) -> RuleWords:
    """Return a rule's verdict in the active language, with the text that it rests on."""
    words = _RULES[rule.rule]
    return RuleWords(
        rule=rule.rule,
        label=str(words.label),
        title=words.title(rule.facts),
        found=words.found(rule, jurisdiction),
        question=str(words.question) if rule.verdict is Verdict.UNKNOWN else "",
        verdict=rule.verdict,
        verdict_name=verdict_words(rule.verdict),
        icon=_ICONS[rule.verdict],
        law=law_words(rule.reference, jurisdiction=jurisdiction) if rule.reference else None,
        is_checked=rule.checked,
        is_example=rule.example,
    )


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict in the active language."""
    return {Verdict.YES: _("met"), Verdict.NO: _("not met"), Verdict.UNKNOWN: _("not known")}[verdict]
