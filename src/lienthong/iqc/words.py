"""Rules, states and levels in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import fixed, moment, signed
from lienthong.iqc.overview import Found, Standing

ACROSS = "_across"


def rule_name(rule: str) -> str:
    """Return a rule as laboratories write it: 1-3s, R-4s, 2-2s across levels."""
    name = rule.removesuffix(ACROSS).replace("_", "-")
    return _("%(rule)s across levels") % {"rule": name} if rule.endswith(ACROSS) else name


def state_words(standing: Standing) -> tuple[str, str, str]:
    """Return tone, symbol and words of a system's state."""
    if standing.waits_for_run:
        return "info", "wait", _("Run needed")
    if standing.state.state == "out_of_control":
        return "bad", "out", _("Out of control")
    if standing.state.state == "no_evidence":
        return "plain", "none", _("No evidence")
    if standing.warnings:
        return "warn", "edge", _("Warning")
    return "good", "in", _("In control")


def verdict_words(verdict: str) -> tuple[str, str, str]:
    """Return tone, symbol and words of a run's verdict."""
    return {
        "accepted": ("good", "in", _("In control")),
        "warning": ("warn", "edge", _("Warning")),
        "rejected": ("bad", "out", _("Rejected")),
        "incomplete": ("info", "wait", _("Levels missing")),
    }[verdict]


def broken_words(one: Found) -> str:
    """Say which rule the value of which level breaks: 1-3s, level 2, +3.4 s."""
    parts = {"rule": rule_name(one.rule), "level": one.level, "z": signed(one.z)}
    return _("%(rule)s, level %(level)s, %(z)s s") % parts


def rejected_words(one: Found) -> str:
    """Say as a sentence what rejected a run."""
    parts = {"rule": rule_name(one.rule), "level": one.level, "z": fixed(abs(one.z)), "at": moment(one.run_at)}
    if one.rule.startswith("1_") and one.z > 0:
        return _("Run of %(at)s rejected: level %(level)s is %(z)s s above its mean (rule %(rule)s)") % parts
    if one.rule.startswith("1_"):
        return _("Run of %(at)s rejected: level %(level)s is %(z)s s below its mean (rule %(rule)s)") % parts
    parts["z"] = signed(one.z)
    return _("Run of %(at)s rejected: level %(level)s at %(z)s s completes rule %(rule)s") % parts


def held_words(one: Found) -> str:
    """Say which of patients' results a rejection holds from recognition."""
    if one.bracket_from is None:
        return _("All results until it is cleared are held from recognition; there is no accepted run before it.")
    return _("Results since %(at)s are held from recognition.") % {"at": moment(one.bracket_from)}


def specimen_words(specimen: str) -> str:
    """Return the kind of specimen in the active language; one without a translation as it is stored."""
    known = {
        "serum": _("serum"),
        "plasma": _("plasma"),
        "blood": _("blood"),
        "whole blood": _("whole blood"),
        "urine": _("urine"),
    }
    return known.get(specimen, specimen)
