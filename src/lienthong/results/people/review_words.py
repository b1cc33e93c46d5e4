"""Words for what the comparison found: reasons, states, levels of agreement, and how much they weigh."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.results.identity.numbers import read_number

REASONS: dict[str, str | Promise] = {
    "number": _("One national number or insurance card, two people"),
    "local-number": _("The sender's number came with someone else"),
    "several": _("The numbers lead to several people"),
    "sender-merge": _("The sender joins two records that differ"),
    "likely": _("They look like one person"),
}
STATES: dict[str, tuple[str, str, str | Promise]] = {
    "open": ("warn", "wait", _("To decide")),
    "same": ("good", "in", _("Same person")),
    "different": ("info", "out", _("Different people")),
    "withdrawn": ("info", "none", _("Settled elsewhere")),
}
FIELDS: dict[str, str | Promise] = {
    "name": _("Full name"),
    "birth_date": _("Birth date"),
    "sex": _("Sex"),
    "number": _("National numbers"),
    "phone": _("Telephone"),
    "address": _("Address"),
}
_UNKNOWN = _("One of them does not say.")
LEVELS: dict[tuple[str, str], str | Promise] = {
    ("name", "exact"): _("The same name."),
    ("name", "without-marks"): _("The same name, once written without its marks."),
    ("name", "other-order"): _("The same words in another order."),
    ("name", "other-script"): _("The same name in simplified and traditional characters."),
    ("name", "same-sound"): _("The same sound in letters and in characters."),
    ("name", "typing"): _("One slip of the keyboard apart."),
    ("name", "part"): _("One name is a part of the other."),
    ("name", "other-marks"): _("Only marks or characters of one sound tell them apart: two names."),
    ("name", "some"): _("Some words are the same, others not."),
    ("name", "none"): _("Another name."),
    ("birth_date", "exact"): _("The same day."),
    ("birth_date", "first-january"): _("The same 1 January, which often stands for a year alone."),
    ("birth_date", "swapped"): _("Day and month are swapped."),
    ("birth_date", "typing"): _("One digit apart."),
    ("birth_date", "year"): _("The same year, another day."),
    ("birth_date", "none"): _("Another date."),
    ("sex", "same"): _("The same sex."),
    ("sex", "differ"): _("Another sex."),
    ("number", "shared"): _("They have a number in common."),
    ("number", "near"): _("Their numbers are one digit apart."),
    ("number", "differ"): _("Other numbers of the same kind."),
    ("phone", "same"): _("The same telephone."),
    ("phone", "differ"): _("Another telephone."),
    ("address", "exact"): _("The same address."),
    ("address", "most"): _("Most of the address is the same."),
    ("address", "half"): _("Half of the address is the same."),
    ("address", "some"): _("Little of the address is the same."),
    ("address", "none"): _("Another address."),
}
KINDS: dict[str, str | Promise] = {
    "cccd": _("Citizen number (CCCD)"),
    "cmnd": _("Nine-digit identity card (CMND)"),
    "bhyt": _("Insurance card (BHYT)"),
    "china-18": _("Chinese identity number"),
    "china-15": _("Chinese identity number of before 1999"),
    "unknown": _("Number of unknown form"),
}
STANDINGS: dict[str, str | Promise] = {
    "doubted": _("in doubt"),
    "held": _("another person's, to be decided"),
    "foreign": _("another person's"),
}
LINKS: dict[str, str | Promise] = {
    "own": _("First message of this record"),
    "national-number": _("A checked number with agreeing birth date and name or sex"),
    "agreement": _("Name, birth date, sex, telephone and address agree"),
    "merged": _("Merged"),
    "unmerged": _("Merge undone"),
    "parted": _("Taken out by a person"),
}
MERGES: dict[str, str | Promise] = {
    "review": _("Decided by comparing"),
    "by-hand": _("Merged by hand"),
    "sender": _("The sender joined its numbers"),
}


def level_words(field: str, level: str) -> str:
    """Say what was found of a field."""
    return str(LEVELS.get((field, level), _UNKNOWN))


def number_words(system: str, value: str) -> str:
    """Name a number of a person by its kind, as in “Chinese identity number”; empty for a number of no kind known."""
    number = read_number(system, value)
    return str(KINDS[number.kind]) if number and number.kind != "unknown" else ""


def weight_words(bits: float) -> str:
    """Say how much a finding weighs: four bits are odds of sixteen to one."""
    if bits >= 8:
        return str(_("Speaks strongly for one person"))
    if bits >= 2:
        return str(_("Speaks for one person"))
    if bits > -1.5:
        return str(_("Says little"))
    return str(_("Speaks against")) if bits > -6 else str(_("Speaks strongly against"))


def sign_of(bits: float, level: str) -> str:
    """Return the drawing that stands beside the words: agrees, differs, or says little."""
    if level == "unknown" or -1.5 < bits < 2:
        return "na"
    return "yes" if bits > 0 else "no"
