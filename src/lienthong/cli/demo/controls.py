"""Forty-five days of generated IQC: two levels a day on every measuring system, quiet except where a fault is planted.

Quiet means that no rule can fire: values stay within 1.9 SD, never two beyond 1 SD on one side in a row, never five in
a row on one side, whichever way the levels are strung together. Now and then a single value warns (beyond 2 SD).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from lienthong.cli.demo import faults
from lienthong.cli.demo.province import Province, System

DAYS = 45  # the rights are first judged a fortnight ago, on the thirty days before
MATERIALS = {"haematology": ("Cellcheck", "91"), "immunoassay": ("Immunotrol", "208"), "glycated": ("Glycotrol", "17")}


def targets(province: Province, *, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield one row for each target: mean and SD of a lot's level on a system."""
    for system in _controlled(province):
        today = system.place.local(anchor).date()
        material, lot = material_of(system)
        for level in (1, 2):
            mean, sd = target(system, level)
            yield {
                "laboratory": system.place.laboratory,
                "procedure": system.code,
                "material": material,
                "lot": f"{lot}{level}",
                "level": str(level),
                "expires_on": (anchor.date() + dt.timedelta(days=400)).isoformat(),
                "mean": f"{mean:g}",
                "sd": f"{sd:.6g}",
                "unit": system.analyte.unit,
                "valid_from": (today - dt.timedelta(days=DAYS + 60)).isoformat(),
            }


def runs(province: Province, *, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield one row for each control value of the days before the anchor."""
    for system in _controlled(province):
        draw = random.Random(f"runs {system.code}")  # noqa: S311 — examples
        operator = draw.choice(("NHA", "LVT", "PTM"))
        for day, pair in enumerate(_series(system, draw)):
            measured = _instant(system, day, anchor)
            if pair is not None and measured is not None:
                yield from _rows(system, pair, measured, operator)
        if system.code == faults.EXCLUDED_SYSTEM:
            yield from _wrong_vial(system, anchor)


def resets(province: Province, *, anchor: dt.datetime) -> list[dict[str, str]]:
    """Return the reset events: a calibration between two stretches that lie on one side."""
    if all(system.code != faults.RESET_SYSTEM for system in province.systems):
        return []
    at = anchor - dt.timedelta(days=faults.RESET_DAYS_AGO - 1, hours=12)
    return [{"procedure": faults.RESET_SYSTEM, "kind": "calibration", "at": at.isoformat(timespec="minutes")}]


def actions(province: Province, *, anchor: dt.datetime) -> list[dict[str, str]]:
    """Return the corrective actions: one new lamp answers fourteen violations."""
    systems = [system for system in province.of(faults.LAMP_PLACE) if system.analyte.key in faults.LAMP]
    if not systems:
        return []
    return [
        {
            "procedures": " ".join(system.code for system in systems),
            "cause": "instrument",
            "action": "Photometer lamp replaced, photometer checked.",
            "done_at": (anchor - dt.timedelta(days=faults.LAMP_DAYS_AGO, hours=1)).isoformat(timespec="minutes"),
        }
    ]


def target(system: System, level: int) -> tuple[float, float]:
    """Return mean and SD of a level on a system; laboratories differ a little."""
    draw = random.Random(f"target {system.code}")  # noqa: S311 — examples
    mean = float(f"{system.analyte.target(level) * draw.uniform(0.985, 1.015):.4g}")
    return mean, mean * system.analyte.cv_percent / 100


def material_of(system: System) -> tuple[str, str]:
    """Return control material and lot of a system's analyser."""
    return MATERIALS.get(system.analyte.module, ("Duotrol", "4471"))


def _controlled(province: Province) -> Iterator[System]:
    return (system for system in province.systems if system.has_controls)


def _instant(system: System, day: int, anchor: dt.datetime) -> dt.datetime | None:
    """Return when a day's run was, oldest day first; None where the laboratory was silent."""
    days_ago = DAYS - 1 - day
    if system.place.code == faults.SILENT_PLACE and days_ago < faults.SILENT_DAYS:
        return None
    return anchor - dt.timedelta(days=days_ago, hours=2)


def _rows(system: System, pair: tuple[float, float], at: dt.datetime, operator: str) -> Iterator[dict[str, str]]:
    material, lot = material_of(system)
    local = system.place.local(at)
    for level, z in enumerate(pair, start=1):
        mean, sd = target(system, level)
        minute = local + dt.timedelta(minutes=2 * (level - 1))
        yield {
            "laboratory": system.place.laboratory,
            "procedure": system.code,
            "material": material,
            "lot": f"{lot}{level}",
            "level": str(level),
            "measured_at": minute.strftime("%Y-%m-%d %H:%M"),
            "value": f"{mean + z * sd:.6g}",
            "unit": system.analyte.unit,
            "operator": operator,
            "run": "",
            "excluded_reason": "",
        }


def _wrong_vial(system: System, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield a run of its own whose first value is wild, and is excluded with its reason."""
    at = anchor - dt.timedelta(days=8, hours=9)
    for row in _rows(system, (9.0, 0.2), at, "LVT"):
        yield row | ({"excluded_reason": "wrong vial: level 2 was measured as level 1"} if row["level"] == "1" else {})


def _series(system: System, draw: random.Random) -> list[tuple[float, float]]:
    """Return a pair of z values for each day: quiet, with the system's fault planted at its end."""
    quiet = _quiet_values(draw, 2 * DAYS)
    pairs = [(quiet[2 * day], quiet[2 * day + 1]) for day in range(DAYS)]
    _plant(system, pairs)
    return pairs


def _plant(system: System, pairs: list[tuple[float, float]]) -> None:
    fault = faults.CONTROL_FAULTS.get(system.code)
    calm = [(0.4, -0.6), (-0.5, 0.3)]
    if fault == "1_3s":
        pairs[-3:] = [*calm, (1.7, 3.4)]
    elif fault == "2_2s":
        pairs[-3:] = [*calm, (2.3, 2.4)]
    elif fault == "R_4s":
        pairs[-3:] = [*calm, (2.3, -2.4)]
    elif fault == "10x":
        pairs[-7:] = [*calm, *[(0.7, 0.9)] * 5]
    elif fault == "4_1s":
        pairs[-6:] = [*calm, *[(1.3, -0.4)] * 4]
    elif fault == "1_3s old":
        pairs[-9:] = [*calm, (3.6, 0.4), *[(3.5, -0.2)] * 6]
    if system.place.code == faults.LAMP_PLACE and system.analyte.key in faults.LAMP:
        day = DAYS - 1 - faults.LAMP_DAYS_AGO
        pairs[day - 2 : day + 3] = [*calm, (-3.3, -3.6), (0.3, -0.4), (-0.6, 0.5)]
    if system.code == faults.RESET_SYSTEM:
        day = DAYS - faults.RESET_DAYS_AGO
        pairs[day - 6 : day + 5] = [*calm, *[(0.6, 0.7)] * 4, *[(0.5, 0.6)] * 3, *calm]


def _quiet_values(draw: random.Random, count: int) -> list[float]:
    """Return values in the order level 1, level 2, level 1 …, in which no rule fires within or across levels."""
    values: list[float] = []
    while len(values) < count:
        candidate = draw.gauss(0, 0.8)
        if draw.random() < 0.01:
            candidate = draw.choice((-1, 1)) * draw.uniform(2.05, 2.6)
        if abs(candidate) < 2.7 and _stays_quiet([*values[-9:], candidate]):
            values.append(candidate)
    return values


def _stays_quiet(recent: list[float]) -> bool:
    """Tell whether the last value keeps the string quiet, read across levels and within its own."""
    newest = recent[-1]
    own, across = recent[-1::-2][1:], recent[-2::-1]
    for string in (own, across):
        if string and newest * string[0] > 0 and min(abs(newest), abs(string[0])) > 1:
            return False
        if len(string) >= 4 and all(newest * value > 0 for value in string[:4]):
            return False
    far = abs(newest) > 1.9
    return not (far and across and abs(across[0]) > 1.9) and abs(newest) > 0.02 and not 1.85 < abs(newest) < 2.04
