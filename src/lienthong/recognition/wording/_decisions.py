"""The rules of a decision in words: `decide` and its gates document the facts that each verdict carries."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from lienthong.policy import Fact, RuleVerdict, Verdict
from lienthong.recognition.wording import _amounts as amounts
from lienthong.recognition.wording._names import exception_name, item_name, region_name

Facts = Mapping[str, Fact]


def result_status(facts: Facts) -> str:
    return _("The result is final")


def status(rule: RuleVerdict, jurisdiction: str) -> str:
    names = {
        "final": _("final"),
        "corrected": _("final, corrected by the laboratory"),
        "preliminary": _("preliminary"),
        "withdrawn": _("withdrawn by the laboratory"),
    }
    return names[str(rule.facts["status"])]


# The mark


def mark_reaches(facts: Facts) -> str:
    return _("The result carries a mark that stands at the receiving facility")


def marks(rule: RuleVerdict, jurisdiction: str) -> str:
    region, held = region_name(str(rule.facts["region"])), rule.facts["marks"]
    if not held:
        return _("the laboratory held no mark for this item at that time")
    words = (
        _("%(marks)s, stands in %(region)s")
        if rule.verdict is Verdict.YES
        else _("%(marks)s, does not reach %(region)s")
    )
    return words % {"marks": held, "region": region}


def level_direction(facts: Facts) -> str:
    if facts["iso15189"] is not None:
        words = _("The producing level is at least %(least)s and not below ours, or an ISO 15189 scope covers the item")
        return words % {"least": amounts.number(facts["producer_min"])}
    return _("The producing facility's level is accepted here: an equal one where the rules say so, or a higher one")


def levels(rule: RuleVerdict, jurisdiction: str) -> str:
    facts = rule.facts
    theirs, ours = amounts.number(facts["producer_level"]), amounts.number(facts["receiver_level"])
    if facts["level_on"]:
        since = amounts.day(facts["level_on"])
        found = _("level %(theirs)s since %(since)s; ours: %(ours)s") % {"theirs": theirs, "since": since, "ours": ours}
    else:
        found = _("level: %(theirs)s; ours: %(ours)s") % {"theirs": theirs, "ours": ours}
    return _("%(levels)s; covered by ISO 15189") % {"levels": found} if facts["iso15189"] == "yes" else found


def insurance_contract(facts: Facts) -> str:
    return _("Both facilities have a health-insurance contract")


def contracts(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.verdict is Verdict.YES:
        return _("both have one")
    words = _("the laboratory's facility: %(theirs)s; ours: %(ours)s")
    return words % {"theirs": _yes_no(rule.facts["producer"]), "ours": _yes_no(rule.facts["receiver"])}


def _yes_no(fact: Fact) -> str:
    return {"yes": _("yes"), "no": _("no")}.get(str(fact), _("not known"))


def iqc_bracket(facts: Facts) -> str:
    return _("Failed quality control does not hold the result back")


def bracket(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.verdict is Verdict.NO:
        return _("measured after the last accepted run before a failed one")
    return _("not held back")


def iqc_state(facts: Facts) -> str:
    return _("Quality control was in control at the time of measurement")


def state(rule: RuleVerdict, jurisdiction: str) -> str:
    names = {
        "in_control": _("in control"),
        "out_of_control": _("out of control"),
        "no_evidence": _("no evidence"),
    }
    return names[str(rule.facts["state"])]


# The window


def collection_time(facts: Facts) -> str:
    if facts.get("imaging"):
        return _("The time of the examination is known")
    return _("The time of specimen collection is known")


def collected(rule: RuleVerdict, jurisdiction: str) -> str:
    collected_at = rule.facts["collected_at"]
    if collected_at is None:
        return _("the message gives none")
    if rule.verdict is Verdict.UNKNOWN:
        return _("%(moment)s, which lies after the order") % {"moment": amounts.moment(collected_at)}
    if rule.facts.get("stands_in"):
        words = _("%(moment)s, the time at which the examination was ordered; it stands for the collection")
        return words % {"moment": amounts.moment(collected_at)}
    return amounts.moment(collected_at)


def window_set(facts: Facts) -> str:
    return _("The rules set a validity window for the item")


def no_window(rule: RuleVerdict, jurisdiction: str) -> str:
    return _("none is set for %(item)s") % {"item": item_name(str(rule.facts["item"]), jurisdiction=jurisdiction)}


def window_left(facts: Facts) -> str:
    return _("The rules set no window: the clinician judges the age of the result")


def age(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.facts["hours_since"] is None:
        return _("the age is not known")
    words = _("examined %(age)s ago") if rule.facts.get("imaging") else _("collected %(age)s ago")
    return words % {"age": amounts.hours(rule.facts["hours_since"])}


def window_open(facts: Facts) -> str:
    if facts.get("imaging"):
        words = _("The window of %(hours)s is open, counted from the examination")
        return words % {"hours": amounts.hours(facts["hours"])}
    return _("The window of %(hours)s is open, counted from collection") % {"hours": amounts.hours(facts["hours"])}


def window(rule: RuleVerdict, jurisdiction: str) -> str:
    if rule.verdict is Verdict.UNKNOWN:
        return _("the age is not known")
    words = _("open until %(until)s") if rule.verdict is Verdict.YES else _("closed on %(until)s")
    return words % {"until": amounts.moment(rule.facts["until"])}


def positive_only(facts: Facts) -> str:
    return _("Of this item only positive results are shared, and this one is positive")


def sign(rule: RuleVerdict, jurisdiction: str) -> str:
    return {"positive": _("positive"), "negative": _("negative")}.get(str(rule.facts["outcome"]), _("not known"))


def not_reference_only(facts: Facts) -> str:
    return _("Results of this item may take the place of a new measurement")


def reference_only(rule: RuleVerdict, jurisdiction: str) -> str:
    name = item_name(str(rule.facts["item"]), jurisdiction=jurisdiction)
    return _("%(item)s is shared for reference only") % {"item": name}


# Exceptions


def no_emergency(facts: Facts) -> str:
    return _("This is not an emergency")


def encounter(rule: RuleVerdict, jurisdiction: str) -> str:
    names = {"emergency": _("emergency"), "inpatient": _("inpatient"), "outpatient": _("outpatient")}
    return names.get(str(rule.facts["patient_class"]), _("the kind of visit is not known"))


def no_exception(facts: Facts) -> str:
    return _("No exception applies")


def exception(rule: RuleVerdict, jurisdiction: str) -> str:
    code = rule.facts["exception"]
    if code is None:
        return _("none applies")
    name = exception_name(str(code), jurisdiction=jurisdiction)
    words = _("not known whether this applies: %(name)s") if rule.verdict is Verdict.UNKNOWN else _("applies: %(name)s")
    return words % {"name": name}
