"""Images that wait for their report, as the page shows them: which they are, and what to do; never whose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.results.imaging.reads import ObjectFacts


@dataclass(frozen=True, slots=True)
class ImageRow:
    source: str
    modality: str
    order: str
    study: str
    received_at: dt.datetime
    reason: str
    to_do: str

    def cells(self) -> list[Cell]:
        return [self.source, self.modality, self.order, self.study, self.received_at, self.reason, self.to_do]


def image_header() -> list[str]:
    return [
        *(_("Sender"), _("Modality"), _("Accession number"), _("Study"), _("Received")),
        *(_("Why it waits"), _("What to do")),
    ]


def image_rows(objects: Iterable[ObjectFacts]) -> list[ImageRow]:
    """Return waiting objects with the reason in words and what a person can do about it."""
    return [
        ImageRow(
            source=one.source,
            modality=one.modality,
            order=one.accession_number,
            study=one.study_uid,
            received_at=one.received_at,
            reason=one.waits_for_words,
            to_do=_to_do(one.waits_for),
        )
        for one in objects
    ]


def _to_do(waits_for: str) -> str:
    return {
        "no-report": _("Nothing: it is tied when the report comes. Look whether both name the same order or study."),
        "no-number": _("Let the device send the order and the patient’s number from its worklist."),
        "other-patient": _(
            "Find out whose image it is; correct it at the device or in the report system, and send anew."
        ),
        "several-reports": _("Let the report system send one report for the order, or a number for each."),
    }.get(waits_for, "")
