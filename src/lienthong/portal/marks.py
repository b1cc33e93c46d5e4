"""Why a result carries no mark, or one that no longer stands: quality control, or the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.iqc import reads as iqc
from lienthong.policy import Policy
from lienthong.portal.evidence import Shelf, Shown


@dataclass(frozen=True, slots=True)
class MarkNote:
    """What a reader must know of a mark; `takes_it_off` says that a mark that was given does not stand."""

    text: str
    takes_it_off: bool


@dataclass(frozen=True, slots=True)
class MarkProof:
    """What quality control and the register say of the results of a page."""

    states: Mapping[tuple[int, dt.datetime], iqc.IqcState]
    brackets: Mapping[int, Collection[iqc.Bracket]]
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
        return None if self._state(one) else MarkNote(_no_evidence(), takes_it_off=False)

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
        if one.procedure is None:
            return _("The message names no measuring system, so no right to a mark could be tied to this result.")
        items = self.policy.items_of_analyte(one.analyte.key)
        if not items:
            return _("This test is not in the list of recognised items.")
        known = self.shelf.why_no_mark(one, items[0].code)
        return known or _("The laboratory had no right to a mark for this test on that day.")

    def _state(self, one: Shown) -> str:
        """Return the state at measurement; empty where there is no evidence."""
        if one.procedure is None or one.result.measured_at is None:
            return ""
        state = self.states.get((one.procedure.id, one.result.measured_at))
        return state.state if state and state.state != "no_evidence" else ""

    def _is_held(self, one: Shown) -> bool:
        measured = one.result.measured_at
        if measured is None or one.procedure is None:
            return False
        return any(
            (bracket.start is None or bracket.start < measured) and (bracket.end is None or measured <= bracket.end)
            for bracket in self.brackets.get(one.procedure.id, ())
        )


def _no_evidence() -> str:
    return _("No quality control is known from the time of measurement: the laboratory held the right to the mark.")


def mark_proof(shelf: Shelf, *, policy: Policy) -> MarkProof:
    """Read what explains the marks of a page, by a fixed number of queries."""
    named = [one for one in shelf.shown.values() if one.procedure]
    pairs = {(one.procedure.id, one.result.measured_at) for one in named if one.procedure and one.result.measured_at}
    ids = {procedure_id for procedure_id, _measured in pairs}
    brackets: dict[int, list[iqc.Bracket]] = {}
    for bracket in iqc.brackets(ids) if ids else []:
        brackets.setdefault(bracket.procedure_id, []).append(bracket)
    states = iqc.states_at(pairs) if pairs else {}
    return MarkProof(states=states, brackets=brackets, policy=policy, shelf=shelf)
