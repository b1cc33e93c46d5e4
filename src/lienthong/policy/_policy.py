"""A pack, and the policy that it makes for one region on one day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lienthong.errors import LienthongError
from lienthong.policy._builders import Parameter
from lienthong.policy._table import Table
from lienthong.policy._values import (
    ControlRules,
    EqaPasses,
    ExampleUsed,
    ExceptionReason,
    Fee,
    IqcCoverage,
    Item,
    LevelDirection,
    Limit,
    ListEdition,
    MarkRule,
    Names,
    Reference,
    Requirement,
    Source,
    Window,
)

P = TypeVar("P")


class ParameterMissing(LienthongError):
    """Raised where a policy is asked for what its pack does not hold in the region on the day."""

    code = "parameter-missing"

    def __init__(self, name: str, *, region: str, on: date) -> None:
        super().__init__(f"{name} has no value in {region} on {on.isoformat()}; the pack must set one for that day")
        self.name = name


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that a jurisdiction's files hold, over all its days and regions."""

    code: str
    region: str
    names: Names
    languages: tuple[str, ...]
    regions: Mapping[str, Names]
    groups: Mapping[str, Names]
    edition: str
    references: Mapping[str, Reference]
    items: Table[Item]
    windows: Table[Window]
    exceptions: Table[ExceptionReason]
    marks: Table[MarkRule]
    limits: Table[Limit]
    fees: Table[Fee]
    parameters: Mapping[str, Table[Parameter]]

    def policy(self, region_path: tuple[str, ...], on: date) -> Policy:
        """Return what holds in the last region of `region_path`, which starts at the nation, on the day."""
        if not region_path or region_path[0] != self.region:
            raise ValueError(f"region_path must start at {self.region}, but got {region_path}")
        return Policy(pack=self, region_path=region_path, on=on)


@dataclass(frozen=True, slots=True)
class IqcParameters:
    """How IQC runs are judged in the region."""

    warning_rules: tuple[str, ...]
    reject_rules: tuple[str, ...]
    run_gap_minutes: int
    max_hours_between_runs: int
    no_evidence: str


@dataclass(frozen=True, slots=True)
class EqaParameters:
    """How EQA rounds are scored in the region, where a scheme names nothing else."""

    sigma_pt_divisor: float
    pass_percent: float
    min_peer_group: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters that hold in one region on one day."""

    pack: Pack
    region_path: tuple[str, ...]
    on: date

    @property
    def edition(self) -> str:
        """What a decision was judged by: pack, region, day and the digest of the pack's texts."""
        return f"{self.pack.code}:{self.region_path[-1]}:{self.on.isoformat()}:{self.pack.edition}"

    def issued_by(self, region: str) -> Policy:
        """Return the policy of the region, on the path, that issues a mark: its evidence is asked by its own rules."""
        if region not in self.region_path:
            raise ValueError(f"{region} is not on the path {self.region_path}")
        path = self.region_path[: self.region_path.index(region) + 1]
        return Policy(pack=self.pack, region_path=path, on=self.on)

    # The list

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._in_force(self.pack.items).values())

    def item(self, code: str) -> Item:
        """Return the item of the list in force; raises ParameterMissing where it isn't listed."""
        found = self.find_item(code)
        if found is None:
            raise self._missing(f"items.{code}")
        return found

    def find_item(self, code: str) -> Item | None:
        """Return the item of the list in force, None where it isn't listed."""
        return self.pack.items.lookup((code,), region_path=self.region_path, on=self.on)

    def items_of_analyte(self, key: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if key in item.analytes)

    @property
    def list_edition(self) -> ListEdition:
        return self._parameter_as("list.edition", ListEdition)

    # What a decision reads

    def window(self, item: Item | str) -> Window | None:
        """Return the window of the item, of its group, or of any item; None where the policy is silent."""
        listed = item if isinstance(item, Item) else self.find_item(item)
        if listed is None:
            return None
        keys = (listed.code, f"group/{listed.group}", "any")
        return self.pack.windows.lookup(keys, region_path=self.region_path, on=self.on)

    @property
    def exceptions(self) -> tuple[ExceptionReason, ...]:
        return tuple(self._in_force(self.pack.exceptions).values())

    def exception(self, code: str) -> ExceptionReason | None:
        return self.pack.exceptions.lookup((code,), region_path=self.region_path, on=self.on)

    @property
    def level_direction(self) -> LevelDirection:
        return self._parameter_as("direction.levels", LevelDirection)

    @property
    def mark_judged_at(self) -> str:
        """The instant at which a result's mark is judged: collection or measurement."""
        return self._word("instant.mark_judged_at")

    def fee(self, item: Item | str) -> Fee | None:
        """Return the fee of the item, of its group, or of any item."""
        listed = item if isinstance(item, Item) else self.find_item(item)
        keys = (listed.code, f"group/{listed.group}", "any") if listed else ()
        return self.pack.fees.lookup(keys, region_path=self.region_path, on=self.on)

    # What a grant reads

    @property
    def marks(self) -> tuple[MarkRule, ...]:
        return tuple(self._in_force(self.pack.marks).values())

    @property
    def eqa_passes(self) -> EqaPasses:
        return self._parameter_as("evidence.eqa_passes", EqaPasses)

    @property
    def iqc_coverage(self) -> IqcCoverage | None:
        found = self.find_parameter("evidence.iqc_coverage")
        return found if isinstance(found, IqcCoverage) else None

    def limit(self, analyte: str) -> Limit:
        """Return the allowable error of the analyte; raises ParameterMissing where the policy holds none."""
        found = self.find_limit(analyte)
        if found is None:
            raise self._missing(f"limits.{analyte}")
        return found

    def find_limit(self, analyte: str) -> Limit | None:
        return self.pack.limits.lookup((analyte,), region_path=self.region_path, on=self.on)

    # What IQC and EQA read

    @property
    def iqc(self) -> IqcParameters:
        return IqcParameters(
            warning_rules=self._parameter_as("iqc.warning_rules", ControlRules).names,
            reject_rules=self._parameter_as("iqc.reject_rules", ControlRules).names,
            run_gap_minutes=int(self._number("iqc.run_gap_minutes")),
            max_hours_between_runs=int(self._number("iqc.max_hours_between_runs")),
            no_evidence=self._word("iqc.no_evidence"),
        )

    @property
    def eqa(self) -> EqaParameters:
        return EqaParameters(
            sigma_pt_divisor=self._number("eqa.sigma_pt_divisor"),
            pass_percent=self._number("eqa.pass_percent"),
            min_peer_group=int(self._number("eqa.min_peer_group")),
            verdict=self._word("eqa.verdict"),
        )

    # Any parameter

    def parameter(self, name: str) -> Parameter:
        """Return the parameter named file.key; raises ParameterMissing with name and day where there is none."""
        found = self.find_parameter(name)
        if found is None:
            raise self._missing(name)
        return found

    def find_parameter(self, name: str) -> Parameter | None:
        """Return the parameter named file.key, None where the policy doesn't set it."""
        file, _, key = name.partition(".")
        table = self.pack.parameters.get(f"{file}.yaml")
        if table is None:
            raise ValueError(
                f"{name} names no parameter; the files of parameters are {', '.join(self.pack.parameters)}"
            )
        return table.lookup((key,), region_path=self.region_path, on=self.on)

    def requirement(self, name: str) -> Requirement | None:
        """Return a plain parameter, None where the policy doesn't ask."""
        found = self.find_parameter(name)
        return found if isinstance(found, Requirement) else None

    def reference(self, id_: str) -> Reference:
        """Return the reference; raises ParameterMissing where the pack has none of that id."""
        found = self.pack.references.get(id_)
        if found is None:
            raise self._missing(f"references.{id_}")
        return found

    def examples_used(self, *names: str) -> tuple[ExampleUsed, ...]:
        """Return the values in force that are examples or unchecked, of the names given or of all.

        A name is a file ("windows") or a value of one ("windows.HBA1C").
        """
        return tuple(
            ExampleUsed(source.parameter, source.reference, source.checked, source.example, source.note)
            for source in self.sources
            if (source.example or not source.checked) and (not names or _named(source.parameter, names))
        )

    @property
    def sources(self) -> tuple[Source, ...]:
        """The source of every value in force, for the page of the rules in force."""
        return tuple(self._sources())

    def _sources(self) -> Iterator[Source]:
        pack = self.pack
        yield from (item.source for item in self._in_force(pack.items).values())
        yield from (window.source for window in self._in_force(pack.windows).values())
        yield from (reason.source for reason in self._in_force(pack.exceptions).values())
        yield from (mark.source for mark in self._in_force(pack.marks).values())
        yield from (limit.source for limit in self._in_force(pack.limits).values())
        yield from (fee.source for fee in self._in_force(pack.fees).values())
        for table in pack.parameters.values():
            yield from (value.source for value in self._in_force(table).values())

    def _in_force(self, table: Table[P]) -> dict[str, P]:
        return table.in_force(region_path=self.region_path, on=self.on)

    def _parameter_as(self, name: str, kind: type[P]) -> P:
        found = self.parameter(name)
        if not isinstance(found, kind):
            raise TypeError(f"{name} is not a {kind.__name__}")
        return found

    def _number(self, name: str) -> float:
        value = self._parameter_as(name, Requirement).value
        if isinstance(value, str):
            raise TypeError(f"{name} is not a number")
        return float(value)

    def _word(self, name: str) -> str:
        return str(self._parameter_as(name, Requirement).value)

    def _missing(self, name: str) -> ParameterMissing:
        return ParameterMissing(name, region=self.region_path[-1], on=self.on)


def _named(parameter: str, names: tuple[str, ...]) -> bool:
    return any(parameter == name or parameter.startswith(f"{name}.") for name in names)
