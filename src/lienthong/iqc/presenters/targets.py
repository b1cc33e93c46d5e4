"""Rows of the list of targets, and what a file of targets holds or did, in words."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.export import Cell
from lienthong.core.templatetags.numbers import fixed
from lienthong.iqc.actions import TargetReport
from lienthong.iqc.models import ControlTarget
from lienthong.iqc.presenters.files import MOST_FINDINGS, FileView, fault_words
from lienthong.iqc.systems import System
from lienthong.iqc.target_plan import Change
from lienthong.iqc.targets import TargetFacts
from lienthong.iqc.words import specimen_words

SOON = 30  # days before the end of a lot: time to order the next one and run it beside
MOST_CHANGES = 200
SD_DIGITS = 3


@dataclass(frozen=True, slots=True)
class SystemName:
    """A measuring system in a list of targets."""

    id: int
    name: str
    place: str
    laboratory: str
    code: str

    @classmethod
    def of(cls, system: System) -> Self:
        procedure = system.procedure
        place = ", ".join(filter(None, (specimen_words(procedure.analyte.specimen), procedure.instrument)))
        return cls(system.id, procedure.analyte.name, place, procedure.laboratory_title, procedure.code)

    def cells(self) -> tuple[Cell, ...]:
        return (self.laboratory, self.name, self.place, self.code)


def system_header() -> tuple[str, ...]:
    return (_("Laboratory"), _("Measuring system"), _("Specimen and instrument"), _("Code"))


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What one lot and level is held against on a system."""

    system: SystemName
    facts: TargetFacts
    mean: str
    sd: str
    cv: str
    source: str
    tone: str
    symbol: str
    words: str
    can_correct: bool

    @classmethod
    def of(cls, system: System, target: TargetFacts, *, day: dt.date, can_correct: bool = False) -> Self:
        tone, symbol, words = _state(target, day)
        mean, sd = _aligned(target.mean, target.sd)
        return cls(
            system=SystemName.of(system),
            facts=target,
            mean=mean,
            sd=sd,
            cv=_percent(_cv(target)),
            source=str(ControlTarget.Source(target.source).label),
            tone=tone,
            symbol=symbol,
            words=words,
            can_correct=can_correct,
        )

    @property
    def row_class(self) -> str:
        return {"bad": "is-bad", "warn": "is-warn"}.get(self.tone, "")

    def cells(self) -> tuple[Cell, ...]:
        one, cv = self.facts, _cv(self.facts)
        return (
            *self.system.cells(),
            *(one.material, one.lot, one.level, one.mean, one.sd, None if cv is None else round(cv, 2), one.unit),
            *(self.source, one.valid_from, one.valid_to, one.expires_on, self.words),
        )


def target_header() -> tuple[str, ...]:
    return (
        *system_header(),
        *(_("Control material"), _("Control lot"), _("Control level"), _("Target mean"), _("Standard deviation")),
        *(_("CV %"), _("Unit"), _("Source of the target"), _("Valid from"), _("Ends before"), _("Expires on")),
        _("State"),
    )


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A target that a file sets, beside what stands."""

    system: SystemName
    control: str
    mean: str
    sd: str
    before: str
    valid_from: dt.date

    @classmethod
    def of(cls, change: Change) -> Self:
        one = change.given
        mean, sd = _aligned(one.mean, one.sd)
        return cls(
            system=SystemName.of(change.system),
            control=_("%(lot)s, level %(level)s") % {"lot": f"{one.material} {one.lot}", "level": one.level},
            mean=mean,
            sd=sd,
            before=_before(change),
            valid_from=one.valid_from,
        )


def file_context(report: TargetReport) -> dict[str, object]:
    """Return what the page of a file of targets shows; of very many targets the first ones."""
    changes = [ChangeRow.of(change) for change in report.changes[:MOST_CHANGES]]
    return {"file": _file_view(report), "changes": changes, "more_changes": report.targets - len(changes)}


def _file_view(report: TargetReport) -> FileView:
    """Return a file of targets before or after its import."""
    can_store = bool(report.changes) and not report.is_stored
    return FileView(
        name=report.name,
        head=_head(report),
        tone="good" if report.is_stored else "bad" if report.findings else "info",
        facts=(
            (_("Targets set") if report.is_stored else _("Targets to set"), report.targets),
            (_("Stand already"), report.unchanged),
            (_("Rows with errors"), report.left_out),
        ),
        findings=report.findings[:MOST_FINDINGS],
        more_findings=max(len(report.findings) - MOST_FINDINGS, 0),
        can_import=can_store and not report.findings,
        can_import_good_rows=can_store and bool(report.findings),
        is_done=report.is_stored,
    )


def _head(report: TargetReport) -> str:
    if report.is_stored:
        text = ngettext("%(count)s target set", "%(count)s targets set", report.targets)
        return text % {"count": report.targets}
    if report.findings:
        return fault_words(report.left_out)
    if not report.changes:
        return _("Every target of this file stands already")
    text = ngettext("%(count)s target is ready to be set", "%(count)s targets are ready to be set", report.targets)
    return text % {"count": report.targets}


def _state(target: TargetFacts, day: dt.date) -> tuple[str, str, str]:
    """Return tone, symbol and words: whether controls can be held against a target, and for how long."""
    if target.has_expired(day):
        return "bad", "out", _("Lot expired")
    if target.valid_from > day:
        return "info", "wait", _("Begins later")
    left = (target.expires_on - day).days if target.expires_on else None
    if left == 0:
        return "warn", "edge", _("Lot expires today")
    if left is not None and left <= SOON:
        text = ngettext("Lot expires in %(count)s day", "Lot expires in %(count)s days", left)
        return "warn", "edge", text % {"count": left}
    return "good", "in", _("In force")


def _before(change: Change) -> str:
    """Say what stands so far: 4.00 ± 0.10."""
    if change.mean_before is None or change.sd_before is None:
        return ""
    mean, sd = _aligned(change.mean_before, change.sd_before)
    return f"{mean} ± {sd}"


def _aligned(mean: float, sd: float) -> tuple[str, str]:
    """Write mean and SD with the decimals of the longer of them, but no more than give three digits of the SD."""
    useful = max(0, SD_DIGITS - 1 - math.floor(math.log10(sd)))
    decimals = min(max(_decimals(mean), _decimals(sd)), useful)
    return fixed(mean, decimals), fixed(sd, decimals)


def _decimals(number: float) -> int:
    return max(0, -int(Decimal(str(number)).normalize().as_tuple().exponent))


def _percent(number: float | None) -> str:
    return "–" if number is None else f"{fixed(number, 2)} %"


def _cv(target: TargetFacts) -> float | None:
    return 100 * target.sd / abs(target.mean) if target.mean else None
