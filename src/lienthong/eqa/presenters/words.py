"""Verdicts and states in words, with tone and drawing."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Chip:
    """A status: tone, drawing and words."""

    tone: str
    symbol: str
    words: str | Promise


VERDICTS = {
    "satisfactory": Chip("good", "in", _("Satisfactory")),
    "questionable": Chip("warn", "edge", _("Questionable")),
    "unsatisfactory": Chip("bad", "out", _("Unsatisfactory")),
    "not_returned": Chip("bad", "none", _("Not returned")),
    "not_evaluated": Chip("plain", "none", _("Not evaluated")),
}
PASSED: dict[bool | None, Chip] = {
    True: Chip("good", "in", _("Passed")),
    False: Chip("bad", "out", _("Failed")),
    None: Chip("plain", "none", _("Not evaluated")),
}
ROUND = {
    "open": Chip("info", "wait", _("Open for results")),
    "closed": Chip("plain", "held", _("Closed, to be scored")),
    "interim": Chip("warn", "edge", _("Interim report")),
    "final": Chip("good", "in", _("Final report")),
}
CERTIFICATE = {
    "waiting": Chip("info", "wait", _("Waiting for the centre")),
    "accepted": Chip("good", "in", _("Accepted")),
    "refused": Chip("bad", "out", _("Refused")),
}
ROW_CLASS = {"unsatisfactory": "is-bad", "not_returned": "is-bad", "questionable": "is-warn"}
SUSPICIONS = {
    "decimal": _("looks like a slip of the decimal point"),
    "unit": _("looks like a result in another unit"),
    "swapped": _("looks like the result of another sample"),
}
