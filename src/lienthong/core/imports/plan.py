"""What a file would do to what is stored, row by row; a pure function of rows and stored facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from lienthong.core.imports.periods import Effect, Overlap, place, values_before
from lienthong.core.imports.spec import Held, Importer, Key, Part, RowCheck
from lienthong.core.tabular import Row, Value
from lienthong.findings import Finding


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a kind. `codes` gives for each field that points elsewhere the codes that exist there.

    `reached` gives for each kind of place the codes that the importing user reaches; None is everything.
    """

    entities: Mapping[Key, Mapping[str, Value]] = field(default_factory=dict)
    periods: Mapping[Key, Sequence[Held]] = field(default_factory=dict)
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reached: Mapping[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What one good row does."""

    where: str
    key: str
    outcome: Outcome
    notes: tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """Rows to make, fields to change, periods to supersede and to add, and what each row does."""

    made: dict[Key, dict[str, Value]] = field(default_factory=dict)
    changed: dict[Key, dict[str, Value]] = field(default_factory=dict)
    periods: dict[Key, list[Held]] = field(default_factory=dict)
    by_row: dict[int, Line] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for _number, line in sorted(self.by_row.items()))


def plan(importer: Importer, rows: Sequence[Row], stored: Stored, check: RowCheck) -> tuple[Plan, list[Finding]]:
    """Return what the good rows do, and what is wrong with the others.

    A row that needs another row of the file is bad where that row is bad: the rest is planned anew until all is good.
    """
    findings: list[Finding] = []
    good = list(rows)
    while True:
        pass_ = _Pass(importer, stored, check, good)
        bad = pass_.run()
        if not bad:
            return pass_.plan, findings
        findings += [finding for row in good for finding in bad.get(row.number, ())]
        good = [row for row in good if row.number not in bad]


class _Pass:
    """One way through the rows, each of which sees what those before it did."""

    def __init__(self, importer: Importer, stored: Stored, check: RowCheck, rows: Sequence[Row]) -> None:
        self.importer, self.stored, self.check, self.rows = importer, stored, check, rows
        self.plan = Plan()
        self.said: dict[tuple[object, ...], tuple[Row, Mapping[str, Value]]] = {}
        entity = importer.entity
        self.own_codes = frozenset(str(entity.key_of(row)[0]) for row in rows) if entity else frozenset()

    def run(self) -> dict[int, list[Finding]]:
        """Return the findings of the bad rows, by number; periods are placed in the order of their days."""
        bad: dict[int, list[Finding]] = {}
        for row in self.rows:
            faults = [*self.check(row), *self._references(row)] or list(self._reach(row))
            bad[row.number] = faults or self._entity(row)
        dated = [row for row in self.rows if self.importer.states_period(row)]
        for row in sorted(dated, key=lambda row: row.day("valid_from") or dt.date.min):
            bad[row.number] += self._period(row)
        periods = {**self.stored.periods, **self.plan.periods}
        for row in dated:
            bad[row.number] += [] if bad[row.number] else self.importer.check_periods(row, periods)
        return {number: faults for number, faults in bad.items() if faults}

    def _references(self, row: Row) -> Iterator[Finding]:
        for part in (self.importer.entity, self.importer.period):
            for name in part.references if part else ():
                column = part.keys.get(name, name) if part else name
                code = row.values.get(column)
                if code is not None and not self._is_known(part, name, str(code)):
                    message = _("nothing is stored under the code “%(code)s”; correct it, or import that first")
                    yield row.finding(column, "unknown-code", message % {"code": code})

    def _is_known(self, part: Part | None, name: str, code: str) -> bool:
        entity = self.importer.entity
        is_own = bool(part and entity and part.model._meta.get_field(name).related_model is entity.model)
        return code in self.stored.codes.get(name, ()) or (is_own and code in self.own_codes)

    def _reach(self, row: Row) -> Iterator[Finding]:
        reached = self.stored.reached
        if reached is None:
            return
        message = _("this place is not one of yours; ask its administrator")
        for column, kind in self.importer.within.items():
            code = row.values.get(column)
            is_own = kind == self.importer.place and code in self.own_codes and (code,) not in self.stored.entities
            if code is not None and code not in reached[kind] and not is_own:
                yield row.finding(column, "not-yours", message)
        entity = self.importer.entity
        if entity and self.importer.place and entity.key_of(row) in self.stored.entities:
            key = entity.key_of(row)
            if key[0] not in reached[self.importer.place]:
                yield row.finding(next(iter(entity.keys.values())), "not-yours", message)

    def _entity(self, row: Row) -> list[Finding]:
        part = self.importer.entity
        if part is None:
            return []
        key, values = part.key_of(row), part.values_of(row)
        if found := self._contradiction(row, ("entity", *key), values):
            return [found]
        old = self.stored.entities.get(key)
        if old is None:
            full = {name: part.empty(name) for name in part.fields} | values
            outcome = Outcome.UNCHANGED if key in self.plan.made else Outcome.CREATED
            self.plan.made.setdefault(key, full)
            self._note(row, key, outcome)
            return []
        differing = {name: value for name, value in values.items() if old[name] != value}
        fixed = [name for name in differing if name in part.fixed]
        if fixed:
            return [row.finding(name, "fixed", str(part.fixed[name])) for name in fixed]
        if differing and key not in self.plan.changed:
            self.plan.changed[key] = differing
            self._note(row, key, Outcome.CHANGED, _("changed: %(columns)s") % {"columns": self._labels(differing)})
        else:
            self._note(row, key, Outcome.UNCHANGED)
        return []

    def _period(self, row: Row) -> list[Finding]:
        part, start = self.importer.period, row.day("valid_from") if self.importer.period else None
        if part is None or start is None:
            return []
        key, stated, end = part.key_of(row), part.values_of(row), row.day("valid_to")
        if end is not None and end <= start:
            return [row.finding("valid_to", "ends-before-start", _("the end must lie after the beginning"))]
        if found := self._contradiction(row, ("period", *key, start), {**stated, "valid_to": end}):
            return [found]
        held = list(self.plan.periods.get(key) or self.stored.periods.get(key, ()))
        values = {name: part.empty(name) for name in part.fields} | dict(values_before(held, start)) | stated
        try:
            placed, effect = place(held, valid_from=start, valid_to=end, values=values)
        except Overlap as error:
            message = _("the period must end by %(day)s, when the next one begins")
            return [row.finding("valid_to", "overlap", message % {"day": error.begins.isoformat()})]
        if effect is not Effect.NONE:
            self.plan.periods[key] = placed
        self._note_effect(row, key, effect)
        return []

    def _contradiction(self, row: Row, key: tuple[object, ...], values: Mapping[str, Value]) -> Finding | None:
        """Find where an earlier row of the file says something else of the same."""
        first, said = self.said.setdefault(key, (row, values))
        differing = [name for name, value in values.items() if said.get(name) != value]
        if not differing:
            return None
        message = _("row %(row)s of this file says something else here; keep one of them")
        return row.finding(differing[0], "contradiction", message % {"row": first.number})

    def _note_effect(self, row: Row, key: Key, effect: Effect) -> None:
        day = {"day": str(row.values["valid_from"])}
        words = {
            Effect.NONE: (),
            Effect.NEW: (_("holds from %(day)s") % day,),
            Effect.NEXT: (_("a new period from %(day)s") % day,),
            Effect.CORRECTED: (_("corrects what was stored from %(day)s") % day,),
        }
        entity = self.importer.entity
        is_new = effect is Effect.NEW and (entity is None or entity.key_of(row) in self.plan.made)
        outcome = Outcome.CREATED if is_new else Outcome.CHANGED
        self._note(row, key, Outcome.UNCHANGED if effect is Effect.NONE else outcome, *words[effect])

    def _note(self, row: Row, key: Key, outcome: Outcome, *notes: str) -> None:
        """Write what a row does; a row that does two things is what the stronger one says."""
        name = ", ".join(str(part) for part in key)
        line = Line(f"{row.name}!{row.number}", name, outcome, notes)
        if before := self.plan.by_row.get(row.number):
            stronger = min(before.outcome, outcome, key=list(Outcome).index)
            line = Line(line.where, before.key, stronger, before.notes + notes)
        self.plan.by_row[row.number] = line

    def _labels(self, names: Mapping[str, Value]) -> str:
        labels = {column.key: str(column.label) for column in self.importer.columns}
        return ", ".join(labels.get(name, name) for name in names)
