"""What a hospital's export did not tell of a result and the platform filled in, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import moment
from lienthong.results.reads import ResultFacts

COLLECTED_AT = "collected_at"


def is_order_time(results: Iterable[ResultFacts]) -> bool:
    """Whether the time of collection of any of them is that of the order."""
    return any(COLLECTED_AT in one.filled_in for one in results)


def collected_words(at: dt.datetime | None, results: Iterable[ResultFacts]) -> str:
    """Return a time of collection, with what it is where it is that of the order."""
    if at is None or not is_order_time(results):
        return moment(at)
    return _("%(moment)s: time of the order, which stands for the collection") % {"moment": moment(at)}


def filled_names(result: ResultFacts) -> str:
    """Name what was filled in of a result; empty where nothing was."""
    names = {
        COLLECTED_AT: _("time of collection"),
        "status": _("status"),
        "method": _("method"),
        "loinc": _("LOINC code"),
        "reference_range": _("reference interval"),
    }
    return ", ".join(names[one] for one in result.filled_in if one in names)


def filled_notes(results: Iterable[ResultFacts]) -> tuple[str, ...]:
    """Say of a report what was not in the hospital's export, and where it is from."""
    filled = {name for one in results for name in one.filled_in}
    from_register = _(
        "The hospital’s export does not tell the method, the LOINC code or the reference interval; what is shown of "
        "them is that of the registered measuring system."
    )
    final = _("The hospital’s export tells no status; results with a time of release are taken as final.")
    ordered = _(
        "The hospital’s export tells no time of collection. The time of the order is never later and stands for it, so "
        "that a result counts as older than it is, never as newer."
    )
    notes = (({"method", "loinc", "reference_range"}, from_register), ({"status"}, final), ({COLLECTED_AT}, ordered))
    return tuple(text for names, text in notes if names & filled)
