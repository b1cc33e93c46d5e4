"""Rows of the morning page, of the list of systems, and of the laboratories of a region."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.export import Cell
from lienthong.core.templatetags.numbers import moment
from lienthong.iqc.overview import Found, Standing
from lienthong.iqc.words import broken_words, held_words, specimen_words, state_words


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One measuring system in a list."""

    id: int
    name: str
    place: str
    laboratory: str
    instrument: str
    code: str
    tone: str
    symbol: str
    words: str
    rule: str
    last_run: dt.datetime | None
    last_accepted: dt.datetime | None

    @classmethod
    def of(cls, one: Standing) -> Self:
        procedure = one.system.procedure
        tone, symbol, words = state_words(one)
        newest = (*one.rejections, *one.warnings)[:1]
        return cls(
            id=one.system.id,
            name=procedure.analyte.name,
            place=", ".join(filter(None, (specimen_words(procedure.analyte.specimen), procedure.instrument))),
            laboratory=procedure.laboratory_title,
            instrument=procedure.instrument,
            code=procedure.code,
            tone=tone,
            symbol=symbol,
            words=words,
            rule=broken_words(newest[0]) if newest else "",
            last_run=one.state.last_run_at,
            last_accepted=one.state.last_accepted_at,
        )

    @property
    def row_class(self) -> str:
        return {"bad": "is-bad", "info": "is-bad", "warn": "is-warn"}.get(self.tone, "")

    def cells(self) -> tuple[Cell, ...]:
        return (
            *(self.laboratory, self.name, self.place, self.code, self.words, self.rule),
            *(self.last_run, self.last_accepted),
        )


def system_header() -> tuple[str, ...]:
    return (
        *(
            _("Laboratory"),
            _("Measuring system"),
            _("Specimen and instrument"),
            _("Code"),
            _("State"),
            _("Rule broken"),
        ),
        *(_("Last run"), _("Last accepted run")),
    )


@dataclass(frozen=True, slots=True)
class OutRow:
    """What is out of control or warns, what that does to patients' results, and the next step."""

    system: SystemRow
    rules: tuple[str, ...]
    patients: str
    step: str
    url: str
    is_quiet: bool

    @classmethod
    def of(cls, one: Standing) -> Self:
        chart = reverse("iqc:chart", args=[one.system.id])
        system, rules = SystemRow.of(one), tuple(_at(found) for found in _shown(one))
        if not one.rejections:
            return cls(system, rules, _("None held; watch the next run."), _("Open the chart"), chart, is_quiet=True)
        held = held_words(min(one.rejections, key=_reach))
        if one.waits_for_run:
            removed = max(found.removed_at for found in one.rejections if found.removed_at)
            held = " ".join((held, _("Action recorded %(at)s.") % {"at": moment(removed)}))
            run = reverse("iqc:enter-run", args=[one.system.id])
            return cls(system, rules, held, _("Enter the run"), run, is_quiet=False)
        return cls(system, rules, held, _("Record the action"), f"{chart}#act", is_quiet=False)

    def cells(self) -> tuple[Cell, ...]:
        return (self.system.name, self.system.place, self.system.words, "; ".join(self.rules), self.patients)


def out_header() -> tuple[str, ...]:
    return (_("Measuring system"), _("Specimen and instrument"), _("State"), _("Rule broken"), _("Patients’ results"))


@dataclass(frozen=True, slots=True)
class DueRow:
    """The controls of one instrument: how many systems, until when their evidence lasts, and how they stand."""

    instrument: str
    controls: str
    systems: int
    due_at: dt.datetime | None
    tone: str
    symbol: str
    words: str
    type_url: str

    def cells(self) -> tuple[Cell, ...]:
        return (self.instrument, self.controls, self.systems, self.due_at, self.words)


def due_header() -> tuple[str, ...]:
    return (_("Instrument"), _("Controls"), _("Systems"), _("Due"), _("State"))


def due_rows(standings: Iterable[Standing], *, at: dt.datetime) -> list[DueRow]:
    """Return the instruments with controls, what is due first at the top."""
    groups: dict[tuple[str, str], list[Standing]] = defaultdict(list)
    for one in standings:
        if one.targets:
            groups[one.system.procedure.instrument or one.system.procedure.method, _controls(one)].append(one)
    rows = [_due_row(instrument, controls, group, at) for (instrument, controls), group in groups.items()]
    return sorted(rows, key=lambda row: (row.due_at is not None, row.due_at or at, row.instrument))


@dataclass(frozen=True, slots=True)
class LaboratoryRow:
    """A laboratory of a region: how many of its systems stand how, and since when the oldest is out of control."""

    id: int
    name: str
    in_control: int
    out_of_control: int
    no_evidence: int
    open_since: dt.datetime | None

    @property
    def row_class(self) -> str:
        return "is-bad" if self.out_of_control else "is-warn" if self.no_evidence else ""

    def cells(self) -> tuple[Cell, ...]:
        return (self.name, self.in_control, self.out_of_control, self.no_evidence, self.open_since)


def laboratory_header() -> tuple[str, ...]:
    return (_("Laboratory"), _("In control"), _("Out of control"), _("No evidence"), _("Out of control since"))


def laboratory_rows(standings: Iterable[Standing]) -> list[LaboratoryRow]:
    """Return one row a laboratory, those with most systems out of control first."""
    groups: dict[int, list[Standing]] = defaultdict(list)
    for one in standings:
        groups[one.system.laboratory_id].append(one)
    rows = [_laboratory_row(key, group) for key, group in groups.items()]
    return sorted(rows, key=lambda row: (-row.out_of_control, -row.no_evidence, row.name))


def state_counts(standings: Iterable[Standing]) -> dict[str, int]:
    """Return how many systems are in each state."""
    counted = {"in_control": 0, "out_of_control": 0, "no_evidence": 0}
    for one in standings:
        counted[one.state.state] += 1
    return counted


def systems_out(count: int) -> str:
    """Return the finding that heads a page."""
    if not count:
        return _("No system is out of control")
    return ngettext("%(count)s system is out of control", "%(count)s systems are out of control", count) % {
        "count": count
    }


def _laboratory_row(key: int, group: Sequence[Standing]) -> LaboratoryRow:
    counted = state_counts(group)
    return LaboratoryRow(
        id=key,
        name=group[0].system.procedure.laboratory_title,
        in_control=counted["in_control"],
        out_of_control=counted["out_of_control"],
        no_evidence=counted["no_evidence"],
        open_since=min((found.run_at for one in group for found in one.rejections), default=None),
    )


def _due_row(instrument: str, controls: str, group: Sequence[Standing], at: dt.datetime) -> DueRow:
    dues = [one.due_at for one in group]
    due_at = None if None in dues else min(due for due in dues if due)
    tone, symbol, words = _due_words(group, due_at, at)
    only = group[0].system.id if len(group) == 1 else None
    listed = f"{reverse('iqc:systems')}?q={instrument}"
    return DueRow(
        instrument=instrument,
        controls=controls,
        systems=len(group),
        due_at=due_at,
        tone=tone,
        symbol=symbol,
        words=words,
        type_url=reverse("iqc:enter-run", args=[only]) if only else listed,
    )


def _due_words(group: Sequence[Standing], due_at: dt.datetime | None, at: dt.datetime) -> tuple[str, str, str]:
    if due_at is None:
        return "info", "wait", _("not run yet")
    if due_at <= at:
        return "bad", "out", _("overdue")
    if due_at - at <= dt.timedelta(hours=2):
        return "warn", "edge", _("due in %(minutes)s min") % {"minutes": int((due_at - at).total_seconds() // 60)}
    newest = max(one.state.last_run_at for one in group if one.state.last_run_at)
    return "good", "in", _("run at %(at)s") % {"at": moment(newest)}


def _controls(one: Standing) -> str:
    """Name the controls of a system: Duotrol 4471, levels 1, 2."""
    lots = ", ".join(dict.fromkeys(f"{target.material} {target.lot}" for target in one.targets))
    levels = ", ".join(str(target.level) for target in one.targets)
    return _("%(lots)s, levels %(levels)s") % {"lots": lots, "levels": levels}


def _shown(one: Standing) -> tuple[Found, ...]:
    return one.rejections[:3] or one.warnings[:1]


def _at(found: Found) -> str:
    return _("%(broken)s at %(at)s") % {"broken": broken_words(found), "at": moment(found.run_at)}


def _reach(found: Found) -> dt.datetime:
    """Order rejections by how far back they reach; one without an accepted run before it reaches back furthest."""
    return found.bracket_from or dt.datetime.min.replace(tzinfo=dt.UTC)
