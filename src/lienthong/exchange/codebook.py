"""What codes mean: a LOINC code that an analyte has, else a mapping that two persons made; and which system measured.

A code book is made for one batch and asks the registry once for each laboratory and day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lienthong.exchange.models import CodeMapping
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.specimens import specimen_kind
from lienthong.interop.hl7v2 import Coded
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts, ProcedureFacts

LOINC = frozenset({"LN", "LOINC", "LNC", "http://loinc.org", "2.16.840.1.113883.6.1"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """An analyte, and the measuring system where the sender's code says so."""

    analyte: AnalyteFacts
    procedure_id: int | None = None


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


@dataclass(slots=True)
class CodeBook:
    """Analytes by LOINC, confirmed mappings by sender and code, procedures by laboratory and day."""

    analytes: Mapping[int, AnalyteFacts]
    mappings: Mapping[tuple[str, str], Collection[_Mapped]]
    _by_loinc: Mapping[str, AnalyteFacts]
    _procedures: dict[tuple[int, dt.date], list[ProcedureFacts]] = field(default_factory=dict)

    @classmethod
    def load(cls, sources: Collection[str]) -> CodeBook:
        """Read what holds for messages of some senders."""
        analytes = registry.analytes()
        mappings: dict[tuple[str, str], list[_Mapped]] = defaultdict(list)
        rows = CodeMapping.objects.known_at(None).confirmed().filter(source__code__in=list(sources))
        for row in rows.select_related("source"):
            mapped = _Mapped(
                *(row.local_system, row.analyte_id, row.procedure_id, row.valid_from, row.valid_to),
                *(row.equipment.casefold(), row.specimen),
            )
            mappings[row.source.code, row.local_code].append(mapped)
        return cls(analytes, mappings, _only_once(analytes))

    def meaning(
        self, source: str, code: Coded, *, on: dt.date, specimen: str = "", equipment: Collection[str] = ()
    ) -> Meaning | None:
        """Return what OBX-3 means for a sender on a day; None where neither LOINC nor a mapping tells.

        Of several mappings the narrowest holds: one for the analyser (OBX-18, OBX-17), then one for the specimen
        (SPM-4, as sent), then one for any.
        """
        mapped = self._mapped(source, code, on, specimen_kind(specimen), frozenset(map(str.casefold, equipment)))
        by_loinc = next((self._by_loinc[one] for one in loincs_of(code) if one in self._by_loinc), None)
        if by_loinc is not None:
            agrees = mapped is not None and mapped.analyte_id == by_loinc.id
            return Meaning(by_loinc, mapped.procedure_id if mapped and agrees else None)
        return Meaning(self.analytes[mapped.analyte_id], mapped.procedure_id) if mapped else None

    def systems(self, source: SourceFacts, analyte_id: int, *, on: dt.date) -> list[ProcedureFacts]:
        """Return the laboratory's measuring systems for an analyte on a day."""
        if source.laboratory_id is None:
            return []
        place = (source.laboratory_id, on)
        if place not in self._procedures:
            found = registry.procedures(laboratory_ids={source.laboratory_id}, on=on)
            self._procedures[place] = list(found.values())
        return [one for one in self._procedures[place] if one.analyte.id == analyte_id]

    def procedure(
        self, source: SourceFacts, meaning: Meaning, *, equipment: Collection[str], on: dt.date
    ) -> ProcedureFacts | None:
        """Choose the system: by mapping, the only one for the analyte, or by OBX-18; None where it stays open."""
        systems = self.systems(source, meaning.analyte.id, on=on)
        by_mapping = [one for one in systems if one.id == meaning.procedure_id]
        if by_mapping or len(systems) == 1:
            return (by_mapping or systems)[0]
        by_instrument = [one for one in systems if _names(one) & {name.casefold() for name in equipment}]
        return by_instrument[0] if len(by_instrument) == 1 else None

    def _mapped(
        self, source: str, code: Coded, on: dt.date, specimen: str, equipment: frozenset[str]
    ) -> _Mapped | None:
        for system, value in code.codes:
            rows = self.mappings.get((source, value), ())
            found = [one for one in rows if one.holds(system, on, specimen=specimen, equipment=equipment)]
            if found:
                return max(found, key=lambda one: one.narrowness)
        return None


def loincs_of(code: Coded) -> list[str]:
    return [value for system, value in code.codes if system in LOINC]


def local_code_of(code: Coded) -> tuple[str, str]:
    """Return (system, code) that a mapping would name: the sender's own code where there is one beside LOINC."""
    own = [pair for pair in code.codes if pair[0] not in LOINC]
    return next(iter(own or code.codes), ("", ""))


def _names(procedure: ProcedureFacts) -> set[str]:
    return {name.casefold() for name in (procedure.instrument_code, procedure.instrument, procedure.code) if name}


def _only_once(analytes: Mapping[int, AnalyteFacts]) -> dict[str, AnalyteFacts]:
    """A LOINC code that several analytes share tells nothing."""
    shared: dict[str, list[AnalyteFacts]] = defaultdict(list)
    for analyte in analytes.values():
        if analyte.loinc:
            shared[analyte.loinc].append(analyte)
    return {loinc: found[0] for loinc, found in shared.items() if len(found) == 1}
