"""The public page of a printed report: that it is in the log unchanged, and nothing of what it says of anybody."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

import segno
from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import day, moment
from lienthong.portal.evidence import Shelf
from lienthong.portal.marks import MarkProof
from lienthong.portal.presenters.status import StatusWords, status_words
from lienthong.registry.reads import FacilityFacts
from lienthong.results.log_reads import ProvenReport


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer in one line and one sentence; `tone` is good, warn or bad."""

    tone: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class LeafView:
    """Where the report stands in the log, and the signed root to which its proof leads."""

    number: int
    entered: str
    size: int
    signed: str
    root: str
    words: str


@dataclass(frozen=True, slots=True)
class ProofView:
    judgement: Judgement
    replaced: Judgement | None
    facility: str
    laboratories: str
    issued: str
    status: StatusWords | None
    marks: tuple[str, ...]
    lost_marks: tuple[str, ...]
    leaf: LeafView | None


@dataclass(frozen=True, slots=True)
class Code:
    """The square code of an address, as an image that stands in the page, and the address for who types it."""

    image: str
    address: str


def code_of(address: str) -> Code:
    """Return the square code of an address; it can be read with a seventh of it damaged."""
    return Code(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2), address)


def proof_view(
    report: ProvenReport, *, facility: FacilityFacts, on: dt.date | None, shelf: Shelf, proof: MarkProof
) -> ProofView:
    """Return the page of one version of a report; `on` is the day on which it was issued, where it is."""
    stands, lost = _marks(shelf, proof)
    names = [one.procedure.laboratory_name for one in shelf.shown.values() if one.procedure]
    return ProofView(
        judgement=_judgement(report),
        replaced=_replaced(report),
        facility=facility.name,
        laboratories=", ".join(dict.fromkeys(names)),
        issued=day(on) if on else "–",
        status=status_words(report.status) if report.status else None,
        marks=stands,
        lost_marks=tuple(mark for mark in lost if mark not in stands),
        leaf=_leaf(report),
    )


def _judgement(report: ProvenReport) -> Judgement:
    if report.is_unchanged is None:
        title = _("This report is not in the signed log yet")
        return Judgement(
            "warn", title, _("A report is entered some seconds after it was stored. Open this page again.")
        )
    if not report.is_unchanged:
        title = _("What is stored is not what was entered in the log")
        words = _(
            "The stored report was changed after it was entered, or a part of the log is missing. Do not rely on it."
        )
        return Judgement("bad", title, words)
    title = _("This report is in the log, unchanged")
    return Judgement("good", title, _("What the laboratory’s report says today is what it said when it was entered."))


def _replaced(report: ProvenReport) -> Judgement | None:
    """Say that the printed version is not the last, or that the report does not stand."""
    if report.is_latest:
        if report.status != "withdrawn":
            return None
        return Judgement("bad", _("The laboratory withdrew this report"), _("Do not use its results."))
    if report.latest_status == "withdrawn":
        words = _("The laboratory withdrew the report after this version was printed. Do not use its results.")
        return Judgement("bad", _("The laboratory withdrew this report"), words)
    words = _("The laboratory has issued a newer version since. Ask for a new copy before you rely on this one.")
    return Judgement("warn", _("A newer version replaces this one"), words)


def _marks(shelf: Shelf, proof: MarkProof) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the marks that stand on some result, and those that were given and stand no more."""
    stands: dict[str, None] = {}
    lost: dict[str, None] = {}
    for one in shelf.shown.values():
        note = proof.note(one)
        held = lost if note and note.takes_it_off else stands
        held |= dict.fromkeys(_texts(one.result.marks))
    return tuple(stands), tuple(lost)


def _texts(marks: Iterable[object]) -> list[str]:
    return [str(mark["mark"]) for mark in marks if isinstance(mark, dict)]


def _leaf(report: ProvenReport) -> LeafView | None:
    if report.leaf is None:
        return None
    signed = report.leaf.checkpoint
    return LeafView(
        number=report.leaf.position,
        entered=moment(report.leaf.entered_at),
        size=signed.size,
        signed=moment(signed.at),
        root=b64encode(signed.root).decode(),
        words=_leads_to_root() if report.is_unchanged else _("The root that was signed:"),
    )


def _leads_to_root() -> str:
    return _(
        "The digest of what is stored was computed again just now, and by the hashes of the log it leads to the root "
        "that was signed:"
    )
