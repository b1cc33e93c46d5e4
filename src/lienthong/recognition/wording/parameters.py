"""The named parameters of a policy in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.templatetags import numbers
from lienthong.policy import ControlRules, EqaPasses, IqcCoverage, LevelDirection, ListEdition, Requirement
from lienthong.recognition.wording._amounts import percent
from lienthong.recognition.wording._names import pick

Parameter = Requirement | EqaPasses | IqcCoverage | ControlRules | LevelDirection | ListEdition

NAMES: Mapping[str, Promise] = {
    "list.edition": gettext_lazy("Edition of the list, and who keeps it"),
    "direction.levels": gettext_lazy("Which level recognises which"),
    "admission.final_result": gettext_lazy("Only final results are reused"),
    "admission.iqc_bracket": gettext_lazy("Results in a bracket of failed quality control are held back"),
    "admission.insurance_contract": gettext_lazy("Both facilities have a health-insurance contract"),
    "evidence.eqa_passes": gettext_lazy("EQA passes among the last final rounds"),
    "evidence.eqa_max_age_days": gettext_lazy("Greatest age of the newest EQA pass"),
    "evidence.eqa_consecutive_years": gettext_lazy("Years running in which EQA was passed"),
    "evidence.iqc_coverage": gettext_lazy("Share of the measuring days with accepted quality control"),
    "evidence.iqc_max_open_days": gettext_lazy("Longest time that a violation may stay open"),
    "evidence.iqc_cv": gettext_lazy("The coefficient of variation lies within its limit"),
    "evidence.level_min": gettext_lazy("Lowest published quality level"),
    "evidence.iso15189_instead_of_level": gettext_lazy("An ISO 15189 scope takes the place of the level"),
    "evidence.grant_valid_days": gettext_lazy("Longest time that one grant holds"),
    "instant.mark_judged_at": gettext_lazy("Instant at which the mark of a result is judged"),
    "iqc.warning_rules": gettext_lazy("Control rules that warn"),
    "iqc.reject_rules": gettext_lazy("Control rules that reject"),
    "iqc.run_gap_minutes": gettext_lazy("Control results no further apart than this form a run"),
    "iqc.max_hours_between_runs": gettext_lazy("After this time without a run there is no evidence"),
    "iqc.no_evidence": gettext_lazy("A lack of quality control evidence is read as"),
    "eqa.sigma_pt_divisor": gettext_lazy("σ_pt is the allowable error divided by"),
    "eqa.pass_percent": gettext_lazy("Pass line of the percentage scheme"),
    "eqa.min_peer_group": gettext_lazy("Smallest peer group that is judged by itself"),
    "eqa.verdict": gettext_lazy("EQA verdict that recognition reads"),
}
_WORDS: Mapping[str, Promise] = {
    "required": gettext_lazy("required"),
    "not_required": gettext_lazy("not required"),
    "collection": gettext_lazy("specimen collection"),
    "measurement": gettext_lazy("measurement"),
    "unknown": gettext_lazy("not known"),
    "no": gettext_lazy("no"),
    "z": gettext_lazy("z score"),
    "percentage": gettext_lazy("percentage score"),
}
_UNITS: Mapping[str, Promise] = {
    "d": gettext_lazy("days"),
    "h": gettext_lazy("hours"),
    "min": gettext_lazy("minutes"),
    "a": gettext_lazy("years"),
}


def parameter_name(name: str) -> str:
    """Return what a parameter is, in the active language."""
    return str(NAMES[name])


def parameter_value(value: Parameter) -> str:
    """Return what a parameter says, in the active language."""
    if isinstance(value, Requirement):
        return _plain(value)
    if isinstance(value, ControlRules):
        return ", ".join(name.replace("_", "-") for name in value.names) or _("none")
    if isinstance(value, EqaPasses):
        return _("%(required)s of the last %(of_last)s") % {"required": value.required, "of_last": value.of_last}
    if isinstance(value, IqcCoverage):
        words = _("at least %(share)s, over %(days)s days")
        return words % {"share": percent(value.min_share), "days": value.period_days}
    if isinstance(value, ListEdition):
        return f"{value.edition}, {pick(value.organiser)}"
    return _direction(value)


def _plain(value: Requirement) -> str:
    if isinstance(value.value, bool):
        return _("yes") if value.value else _("no")
    if isinstance(value.value, str):
        return str(_WORDS.get(value.value, value.value))
    unit = str(_UNITS.get(value.unit, "" if value.unit == "1" else value.unit))
    return f"{numbers.plain(value.value)} {unit}".strip()


def _direction(value: LevelDirection) -> str:
    if value.kind == "none":
        return _("levels are not compared")
    if value.mutual_levels is None:
        parts = [_("equal levels recognise one another, a lower level accepts a higher")]
    else:
        levels = ", ".join(str(level) for level in value.mutual_levels)
        words = _("facilities of level %(levels)s recognise one another, a lower level accepts a higher")
        parts = [words % {"levels": levels}]
    if value.producer_min is not None:
        parts.append(_("at least level %(level)s") % {"level": value.producer_min})
    if value.iso15189_is_enough:
        parts.append(_("or an ISO 15189 scope that covers the item"))
    return "; ".join(parts)
