"""Why a result carries no mark, or one that no longer stands: quality control, or the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.iqc import reads as iqc
from lienthong.policy import Policy
from lienthong.portal.evidence import Shelf, Shown
from lienthong.registry import reads as registry


@dataclass(frozen=True, slots=True)
class MarkNote:
    """What a reader must know of a mark; `takes_it_off` says that a mark that was given does not stand."""

    text: str
    takes_it_off: bool


@dataclass(frozen=True, slots=True)
class MarkProof:
    """What quality control and the register say of the results of a page.

    `systems` are those that may have measured a result: the one it names, or all its laboratory has for the analyte.
    """

    states: Mapping[tuple[int, dt.datetime], iqc.IqcState]
    brackets: Mapping[int, Collection[iqc.Bracket]]
    systems: Mapping[int, tuple[int, ...]]
    policy: Policy
    shelf: Shelf

    def note(self, one: Shown) -> MarkNote | None:
        """Return why a result has no mark that stands, or what its mark leaves open; None where all is well."""
        if one.result.status == "withdrawn":
            return MarkNote(_("The laboratory withdrew this result. Do not use it."), takes_it_off=True)
        failed = self._failed_control(one)
        if failed:
            return MarkNote(failed, takes_it_off=True)
        if not one.result.marks:
            return MarkNote(self._no_right(one), takes_it_off=True)
        has_no_runs = any(item.is_imaging for item in self.policy.items_of_analyte(one.analyte.key))
        return None if has_no_runs or self._state(one) else MarkNote(_no_evidence(), takes_it_off=False)

    def _failed_control(self, one: Shown) -> str:
        if self._is_held(one):
            return _(
                "Measured after the last accepted control run before a failed one: it carries no mark. Whether it is "
                "valid for care, the laboratory must say."
            )
        if self._state(one) == "out_of_control":
            return _("Measured while quality control was out of control: it carries no mark.")
        return ""

    def _no_right(self, one: Shown) -> str:
        items = self.policy.items_of_analyte(one.analyte.key)
        if not items:
            return _("This test is not in the list of recognised items.")
        if one.procedure is None:
            return _(
                "The message names no measuring system, and not every system that may have measured this result had "
                "the right to a mark."
            )
        known = self.shelf.why_no_mark(one, items[0].code)
        return known or _("The laboratory had no right to a mark for this test on that day.")

    def _state(self, one: Shown) -> str:
        """Return the worst state at measurement of the systems; empty where one of them has no evidence."""
        measured, systems = one.result.measured_at, self.systems.get(one.result.id, ())
        if measured is None or not systems:
            return ""
        known = [self.states.get((system, measured)) for system in systems]
        states = {state.state if state else "no_evidence" for state in known}
        return "out_of_control" if "out_of_control" in states else "" if "no_evidence" in states else "in_control"

    def _is_held(self, one: Shown) -> bool:
        measured = one.result.measured_at
        return measured is not None and any(
            (bracket.start is None or bracket.start < measured) and (bracket.end is None or measured <= bracket.end)
            for system in self.systems.get(one.result.id, ())
            for bracket in self.brackets.get(system, ())
        )


def _no_evidence() -> str:
    return _("No quality control is known from the time of measurement: the laboratory held the right to the mark.")


def mark_proof(shelf: Shelf, *, policy: Policy) -> MarkProof:
    """Read what explains the marks of a page, by a number of queries that does not grow with its results."""
    systems = _systems(shelf, on=policy.on)
    pairs = {
        (system, one.result.measured_at)
        for one in shelf.shown.values()
        for system in systems[one.result.id]
        if one.result.measured_at
    }
    ids = {system for system, _measured in pairs}
    brackets: dict[int, list[iqc.Bracket]] = {}
    for bracket in iqc.brackets(ids) if ids else []:
        brackets.setdefault(bracket.procedure_id, []).append(bracket)
    states = iqc.states_at(pairs) if pairs else {}
    return MarkProof(states=states, brackets=brackets, systems=systems, policy=policy, shelf=shelf)


def _systems(shelf: Shelf, *, on: dt.date) -> dict[int, tuple[int, ...]]:
    """Return by result the systems that may have measured it."""
    unnamed = {one.facility.id for one in shelf.shown.values() if one.procedure is None}
    laboratories = {key: registry.laboratory_of_facility(key) for key in unnamed}
    known = [key for key in laboratories.values() if key is not None]
    of_laboratory = registry.procedures(laboratory_ids=known, on=on).values() if known else ()
    return {
        one.result.id: (one.procedure.id,)
        if one.procedure
        else tuple(
            row.id
            for row in of_laboratory
            if row.laboratory_id == laboratories[one.facility.id] and row.analyte.id == one.analyte.id
        )
        for one in shelf.shown.values()
    }
