"""The rules of a grant in words: `judge_grant` documents the facts that each verdict carries."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from lienthong.policy import Fact, RuleVerdict, Verdict
from lienthong.recognition.wording import _amounts as amounts
from lienthong.recognition.wording._names import region_name

Facts = Mapping[str, Fact]


def item_listed(facts: Facts) -> str:
    return _("The item is in the list in force")


def listed(rule: RuleVerdict, jurisdiction: str) -> str:
    words = _("list of %(edition)s") if rule.verdict is Verdict.YES else _("not in the list of %(edition)s")
    return words % {"edition": rule.facts["edition"]}


def eqa_passes(facts: Facts) -> str:
    if facts["of_last"] == 1:
        return _("EQA passed in the last final round")
    words = _("EQA passed in at least %(required)s of the last %(of_last)s final rounds")
    return words % {"required": facts["required"], "of_last": facts["of_last"]}


def passes(rule: RuleVerdict, jurisdiction: str) -> str:
    if not rule.facts["rounds"]:
        return _("no final round is known")
    words = _("%(passes)s passed of %(rounds)s; the newest round is %(newest)s")
    return words % {name: rule.facts[name] for name in ("passes", "rounds", "newest")}


def eqa_recent(facts: Facts) -> str:
    return _("The newest EQA pass is at most %(days)s old") % {"days": amounts.days(facts["max_age_days"])}


def newest(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.facts["newest_pass"] is None:
        return _("no pass is known")
    words = _("passed on %(day)s, %(age)s ago")
    return words % {"day": amounts.day(rule.facts["newest_pass"]), "age": amounts.days(rule.facts["age_days"])}


def eqa_years(facts: Facts) -> str:
    return _("EQA passed %(years)s years running") % {"years": facts["years"]}


def years(rule: RuleVerdict, jurisdiction: str) -> str:
    facts = rule.facts
    if facts["failed_year"] is not None:
        return _("a round of %(year)s was failed") % {"year": facts["failed_year"]}
    if facts["open_year"] is not None:
        return _("no final verdict of %(year)s is known") % {"year": facts["open_year"]}
    return _("passed from %(first)s to %(last)s") % {"first": facts["from_year"], "last": facts["to_year"]}


def iqc_coverage(facts: Facts) -> str:
    words = _("Accepted quality control on at least %(share)s of the measuring days within %(days)s")
    return words % {"share": amounts.percent(facts["min_share"]), "days": amounts.days(facts["period_days"])}


def coverage(rule: RuleVerdict, jurisdiction: str) -> str:
    facts = rule.facts
    if facts["share"] is None:
        return _("no measuring days are known")
    if rule.verdict is Verdict.UNKNOWN:
        words = _("%(covered)s of %(measured)s days; the evidence does not reach over the whole period")
    else:
        words = _("%(covered)s of %(measured)s days")
    return words % {"covered": facts["days_covered"], "measured": facts["days_measured"]}


def iqc_open(facts: Facts) -> str:
    return _("No violation of a control rule stays open longer than %(days)s") % {
        "days": amounts.days(facts["max_open_days"])
    }


def open_violations(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.verdict is Verdict.UNKNOWN:
        return _("no quality control is known")
    if rule.facts["open_since"] is None:
        return _("none is open")
    words = _("open since %(day)s, for %(days)s")
    return words % {"day": amounts.day(rule.facts["open_since"]), "days": amounts.days(rule.facts["open_days"])}


def iqc_cv(facts: Facts) -> str:
    return _("The coefficient of variation is at most %(cv)s %%") % {"cv": amounts.number(facts["cv_max_percent"], 1)}


def imprecision(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.facts["cv_percent"] is None:
        return _("no coefficient of variation is known")
    return _("%(cv)s %%") % {"cv": amounts.number(rule.facts["cv_percent"], 1)}


def level_or_scope(facts: Facts) -> str:
    words = _("Published quality level %(level)s or higher, or an ISO 15189 scope that covers the item")
    return words % {"level": facts["level_min"]}


def level(rule: RuleVerdict, jurisdiction: str) -> str:
    facts, found = rule.facts, []
    if facts["level"] is not None:
        words = _("level %(level)s, published on %(day)s")
        found.append(words % {"level": facts["level"], "day": amounts.day(facts["published_on"])})
    if facts["certificate"]:
        found.append(_("ISO 15189 certificate %(number)s") % {"number": facts["certificate"]})
    return "; ".join(found) or _("neither is known")


def mark_defined(facts: Facts) -> str:
    return _("The region's rules name a mark")


def no_mark(rule: RuleVerdict, jurisdiction: str) -> str:
    return _("%(region)s has no mark") % {"region": region_name(str(rule.facts["region"]))}
