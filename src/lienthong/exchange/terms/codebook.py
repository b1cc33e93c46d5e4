"""What codes mean: a LOINC code that an analyte has, else a mapping that two persons made; and which system measured.

A code book asks the registry once for each sender and laboratory, and serves many batches: whoever changes terms adds a
row beside them, and a book is as old as the rows that it has seen.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lienthong.core.bulk import fetch_prepared
from lienthong.exchange.models import CodeMapping
from lienthong.exchange.processing.measured import registered_limits, unit_text
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.terms.quantity import clash_of
from lienthong.exchange.terms.specimens import specimen_kind
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Coded, Observation
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts, SystemFacts

Edition = tuple[int, int]

# Rows are only added. Their number tells when a change became visible, the last key when one was taken back.
_EDITION = "SELECT count(*), coalesce(max(id), 0) FROM exchange_bookchange"
MOST_REMEMBERED = 100_000
LOINC = frozenset({"LN", "LOINC", "LNC", "http://loinc.org", "2.16.840.1.113883.6.1"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """An analyte, and the measuring system where the sender's code says so."""

    analyte: AnalyteFacts
    procedure_id: int | None = None


@dataclass(frozen=True, slots=True)
class Coding:
    """What an observation is of, as all but its value tells: its meaning, or none, or why that can't be meant.

    `procedure_id` is the system that measured it, where that is certain; `systems` are those that may have. `unit` is
    the unit as sent, `registered` the interval of that system on the day, in the analyte's unit.
    """

    meaning: Meaning | None
    clash: Finding | None
    procedure_id: int | None
    systems: tuple[int, ...]
    unit: str
    registered: tuple[Decimal | None, Decimal | None] = (None, None)


@dataclass(frozen=True, slots=True)
class _Mapped:
    system: str
    analyte_id: int
    procedure_id: int | None
    valid_from: dt.date
    valid_to: dt.date | None
    equipment: str = ""
    specimen: str = ""

    def holds(self, system: str, on: dt.date, *, specimen: str, equipment: frozenset[str]) -> bool:
        """Whether it says something of a code that came in a system, from analysers and in a kind of specimen."""
        return (
            (not self.system or self.system == system)
            and (not self.equipment or self.equipment in equipment)
            and (not self.specimen or self.specimen == specimen)
            and self.valid_from <= on
            and (self.valid_to is None or on < self.valid_to)
        )

    @property
    def narrowness(self) -> tuple[bool, bool, bool]:
        """What names the analyser comes before what names the specimen, before what names the code's system."""
        return bool(self.equipment), bool(self.specimen), bool(self.system)


def book_edition() -> Edition:
    """Return what changes whenever senders, mappings, analytes, systems, facilities or regions do."""
    [(count, last)] = fetch_prepared(_EDITION, [])
    return count, last


@dataclass(slots=True)
class CodeBook:
    """Analytes by LOINC, confirmed mappings by sender and code, measuring systems by laboratory and analyte."""

    analytes: Mapping[int, AnalyteFacts]
    mappings: dict[tuple[str, str], list[_Mapped]]
    _by_loinc: Mapping[str, AnalyteFacts]
    _systems: dict[tuple[int, int], list[SystemFacts]] = field(default_factory=dict)
    _senders: set[str] = field(default_factory=set)
    _laboratories: set[int] = field(default_factory=set)
    _codings: dict[tuple[object, ...], Coding] = field(default_factory=dict)
    _examinations: dict[tuple[str, Coded, dt.date], bool] = field(default_factory=dict)
    _has_examinations: bool = False

    @classmethod
    def load(cls, sources: Collection[SourceFacts]) -> CodeBook:
        """Read what holds for messages of some senders."""
        analytes = registry.analytes()
        book = cls(analytes, defaultdict(list), _only_once(analytes))
        book._has_examinations = any(one.is_narrative for one in analytes.values())
        book.add(sources)
        return book

    def add(self, sources: Collection[SourceFacts]) -> None:
        """Read what holds for further senders; nothing is asked for those that were added before."""
        self._add_mappings({one.code for one in sources} - self._senders)
        self._add_systems({one.laboratory_id for one in sources if one.laboratory_id} - self._laboratories)

    def _add_mappings(self, senders: Collection[str]) -> None:
        if not senders:
            return
        rows = CodeMapping.objects.known_at(None).confirmed().filter(source__code__in=list(senders))
        for row in rows.select_related("source"):
            mapped = _Mapped(
                *(row.local_system, row.analyte_id, row.procedure_id, row.valid_from, row.valid_to),
                *(row.equipment.casefold(), row.specimen),
            )
            self.mappings[row.source.code, row.local_code].append(mapped)
        self._senders.update(senders)

    def _add_systems(self, laboratories: Collection[int]) -> None:
        if not laboratories:
            return
        for one in registry.measuring_systems(laboratories):
            self._systems.setdefault((one.laboratory_id, one.analyte_id), []).append(one)
        self._laboratories.update(laboratories)

    def coding(self, source: SourceFacts, one: Observation, *, specimen: str, on: dt.date) -> Coding:
        """Return what an observation is of; `specimen` is that of SPM-4, `on` the day that mappings must hold.

        A laboratory sends the same few day by day, so they are remembered while the book lasts.
        """
        key = (source.code, one.code, one.unit, specimen, one.instruments, on)
        found = self._codings.get(key)
        if found is None:
            if len(self._codings) >= MOST_REMEMBERED:
                self._codings.clear()
            found = self._codings[key] = self._coding(source, one, specimen=specimen, on=on)
        return found

    def _coding(self, source: SourceFacts, one: Observation, *, specimen: str, on: dt.date) -> Coding:
        unit, equipment = unit_text(one), one.equipment
        meaning = self.meaning(source.code, one.code, on=on, specimen=specimen, equipment=equipment)
        if meaning is None:
            return Coding(None, None, None, (), unit)
        clash = None if meaning.analyte.is_narrative else clash_of(one.code, unit, specimen, meaning.analyte)
        procedure = self.procedure(source, meaning, equipment=equipment, on=on)
        if procedure:
            limits = registered_limits(procedure.period(on), meaning.analyte)
            return Coding(meaning, clash, procedure.id, (procedure.id,), unit, limits)
        systems = tuple(each.id for each in self.systems(source, meaning.analyte.id, on=on))
        return Coding(meaning, clash, None, systems, unit)

    def is_examination(self, source: str, service: Coded, *, on: dt.date) -> bool:
        """Whether the service of an order (OBR-4) is an examination that is told in words."""
        if not self._has_examinations:
            return False
        key = (source, service, on)
        if (known := self._examinations.get(key)) is None:
            if len(self._examinations) >= MOST_REMEMBERED:
                self._examinations.clear()
            meaning = self.meaning(source, service, on=on)
            known = self._examinations[key] = meaning is not None and meaning.analyte.is_narrative
        return known

    def meaning(
        self, source: str, code: Coded, *, on: dt.date, specimen: str = "", equipment: Collection[str] = ()
    ) -> Meaning | None:
        """Return what OBX-3 means for a sender on a day; None where neither LOINC nor a mapping tells.

        Of several mappings the narrowest holds: one for the analyser (OBX-18), then one for the specimen
        (SPM-4, as sent), then one for any.
        """
        codes = code.codes
        mapped = self._mapped(source, codes, on, specimen=specimen, equipment=equipment)
        named = (self._by_loinc.get(value) for system, value in codes if system in LOINC)
        by_loinc = next((analyte for analyte in named if analyte), None)
        if by_loinc is not None:
            agrees = mapped is not None and mapped.analyte_id == by_loinc.id
            return Meaning(by_loinc, mapped.procedure_id if mapped and agrees else None)
        return Meaning(self.analytes[mapped.analyte_id], mapped.procedure_id) if mapped else None

    def systems(self, source: SourceFacts, analyte_id: int, *, on: dt.date) -> list[SystemFacts]:
        """Return the laboratory's measuring systems for an analyte on a day."""
        if source.laboratory_id is None:
            return []
        return [one for one in self._systems.get((source.laboratory_id, analyte_id), ()) if one.is_in_use(on)]

    def procedure(
        self, source: SourceFacts, meaning: Meaning, *, equipment: Collection[str], on: dt.date
    ) -> SystemFacts | None:
        """Choose the system: by mapping, the only one for the analyte, or by OBX-18; None where it stays open."""
        systems = self.systems(source, meaning.analyte.id, on=on)
        if meaning.procedure_id is not None:
            by_mapping = [one for one in systems if one.id == meaning.procedure_id]
            if by_mapping:
                return by_mapping[0]
        if len(systems) == 1:
            return systems[0]
        named = {name.casefold() for name in equipment}
        by_instrument = [one for one in systems if one.names(on) & named]
        return by_instrument[0] if len(by_instrument) == 1 else None

    def _mapped(
        self,
        source: str,
        codes: Collection[tuple[str, str]],
        on: dt.date,
        *,
        specimen: str,
        equipment: Collection[str],
    ) -> _Mapped | None:
        for system, value in codes:
            rows = self.mappings.get((source, value))
            if not rows:
                continue
            kind, named = specimen_kind(specimen), frozenset(map(str.casefold, equipment))
            found = [one for one in rows if one.holds(system, on, specimen=kind, equipment=named)]
            if found:
                return max(found, key=lambda one: one.narrowness)
        return None


def loincs_of(code: Coded) -> list[str]:
    return [value for system, value in code.codes if system in LOINC]


def local_code_of(code: Coded) -> tuple[str, str]:
    """Return (system, code) that a mapping would name: the sender's own code where there is one beside LOINC."""
    own = [pair for pair in code.codes if pair[0] not in LOINC]
    return next(iter(own or code.codes), ("", ""))


def _only_once(analytes: Mapping[int, AnalyteFacts]) -> dict[str, AnalyteFacts]:
    """A LOINC code that several analytes share tells nothing."""
    shared: dict[str, list[AnalyteFacts]] = defaultdict(list)
    for analyte in analytes.values():
        if analyte.loinc:
            shared[analyte.loinc].append(analyte)
    return {loinc: found[0] for loinc, found in shared.items() if len(found) == 1}
