"""A laboratory in Vietnam whose control series are written as text: day of November, time, z of each level.

05 06:00   0.4  -0.5
06 06:00   3.4   .        . is a level that was not measured
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tests.factories.core import UserFactory
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.registry import LaboratoryFactory, ProcedureFactory, RegionFactory, bind

from lienthong.core.models import User
from lienthong.iqc import actions, reads
from lienthong.iqc.models import ControlResult, ControlRun, Violation
from lienthong.registry.models import Laboratory, Procedure

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=ZONE)
HEADER = "laboratory,procedure,material,lot,level,measured_at,value,unit,operator,run,excluded_reason"
MEANS = {1: (4.0, 0.1), 2: (6.0, 0.2), 3: (9.0, 0.3)}
_number = itertools.count(1)


def at(text: str) -> dt.datetime:
    """Return an instant of November 2026 in the laboratory's zone: "05 06:00"."""
    return dt.datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@dataclass
class Bench:
    """A laboratory with a technician, and what its people do."""

    laboratory: Laboratory
    technician: User
    files: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def open(cls, *, region: str = "VN") -> Bench:
        laboratory = LaboratoryFactory(facility__region=RegionFactory(code=region))
        technician = UserFactory()
        bind(technician, "technician", laboratory)
        return cls(laboratory, technician)

    def system(self, *, levels: int = 2, lot: str = "4471", **more: object) -> Procedure:
        """Add a measuring system with a target for each level."""
        system = ProcedureFactory(laboratory=self.laboratory, **more)
        for level in range(1, levels + 1):
            self.target(system, level, lot=lot)
        return system

    def target(self, system: Procedure, level: int, *, lot: str = "4471", **more: object) -> None:
        mean, sd = MEANS[level]
        control_lot = ControlLotFactory(lot=lot, level=level)
        ControlTargetFactory(procedure=system, control_lot=control_lot, mean=mean, sd=sd, **more)

    def rows(self, system: Procedure, series: str, *, lot: str = "4471") -> list[str]:
        """Return the rows of a series; level 2 is measured two minutes after level 1."""
        rows = []
        for line in series.strip().splitlines():
            day, time, *scores = line.split()
            for level, score in enumerate(scores, start=1):
                if score != ".":
                    mean, sd = MEANS[level]
                    instant = at(f"{day} {time}") + dt.timedelta(minutes=2 * (level - 1))
                    rows.append(self.row(system, level, f"{instant:%Y-%m-%d %H:%M}", mean + float(score) * sd, lot=lot))
        return rows

    def row(
        self, system: Procedure, level: object, measured_at: str, value: object, *, lot: str = "4471", **more: str
    ) -> str:
        written = f"{value:.6f}" if isinstance(value, float) else value
        cells = {
            "laboratory": self.laboratory.code,
            "procedure": system.code,
            "material": "Duotrol",
            "lot": lot,
            "level": str(level),
            "measured_at": measured_at,
            "value": str(written),
            "unit": "mmol/L",
            "operator": "NHA",
            "run": "",
            "excluded_reason": "",
        }
        return ",".join(f'"{value}"' for value in (cells | more).values())

    def bring(
        self, rows: list[str], *, now: dt.datetime = NOW, good_rows_only: bool = False, name: str = ""
    ) -> actions.ImportReport:
        """Import rows as a file of their own."""
        data = "\n".join([HEADER, *rows]).encode()
        name = name or f"runs-{next(self.files)}.csv"
        return actions.import_runs(data, name, by=self.technician, at=now, good_rows_only=good_rows_only)

    def measure(self, system: Procedure, series: str, *, lot: str = "4471") -> actions.ImportReport:
        """Import a series and expect no finding."""
        report = self.bring(self.rows(system, series, lot=lot))
        assert report.findings == ()
        return report

    def act(self, *systems: Procedure, now: str, cause: str = "calibration") -> actions.ActionOutcome:
        """Record one action for all open violations of the systems."""
        ids = list(Violation.objects.open().filter(procedure__in=systems).values_list("pk", flat=True))
        return actions.record_action(ids, cause, "Calibrated again.", by=self.technician, at=at(now))


def verdicts(system: Procedure) -> list[str]:
    """Return the verdicts of a system's runs in order of time."""
    return list(ControlRun.objects.filter(procedure=system).order_by("measured_at").values_list("verdict", flat=True))


def broken(system: Procedure) -> list[tuple[str, str]]:
    """Return day and rule of the rejections that stand."""
    rows = Violation.objects.rejections().filter(procedure=system).order_by("run__measured_at", "rule")
    return [(f"{row.run.measured_at.astimezone(ZONE):%d}", row.rule) for row in rows.select_related("run")]


def state(system: Procedure, when: str) -> str:
    return reads.states([system.pk], at=at(when))[system.pk].state


def stored() -> int:
    return ControlResult.objects.count()
