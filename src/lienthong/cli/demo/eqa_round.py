"""One finished EQA round of the province's 45 laboratories, and what outside providers reported before it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from lienthong.cli.demo import faults
from lienthong.cli.demo.province import HD, LONGNAN, Province, System

SCHEME, ROUND = "HD-CC", "2026-2"
SAMPLES = tuple(f"{ROUND}-{number}" for number in range(1, 6))
FINAL_DAYS_AGO = 10
MODULES = frozenset({"chemistry", "electrolytes", "haematology"})
OUTSIDE_DAYS_AGO = 120


SCHEMES: list[dict[str, object]] = [
    {
        "code": SCHEME,
        "names": {"vi": "Hóa sinh và huyết học", "zh": "临床化学与血液学", "en": "Clinical chemistry and haematology"},
        "organiser": "Hải Dương",
        "reach": "province",
        "regions": [HD],
        "is_own": True,
        "verdict_read": "z",
    },
    {
        "code": "HMU-LAB",
        "names": {
            "vi": "Chương trình ngoại kiểm quốc gia (minh họa)",
            "zh": "国家质评（示例）",
            "en": "National scheme (example)",
        },
        "organiser": "HMU",
        "reach": "nation",
        "regions": ["VN"],
        "is_own": False,
        "verdict_read": "percent",
    },
    {
        "code": "GZ-CC",
        "names": {
            "vi": "Ngoại kiểm Cám Châu (minh họa)",
            "zh": "赣州市室间质评（示例）",
            "en": "Ganzhou scheme (example)",
        },
        "organiser": "Ganzhou",
        "reach": "city",
        "regions": ["CN-3607"],
        "is_own": False,
        "verdict_read": "percent",
    },
]


def enrolled(province: Province) -> list[System]:
    """Return the systems that take part in the round: one for each analyte and laboratory."""
    return [
        system
        for system in province.systems
        if system.place.region == HD and system.analyte.module in MODULES and not system.extends
    ]


def plan(province: Province, *, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield the round's plan: one row for each measuring system that is enrolled."""
    codes = _participant_codes(province)
    for system in enrolled(province):
        opens, closes = _local(system, anchor, days_ago=20), _local(system, anchor, days_ago=5)
        yield {
            "scheme": SCHEME,
            "round": ROUND,
            "opens_on": opens.date().isoformat(),
            "closes_at": closes.strftime("%Y-%m-%d %H:%M"),
            "samples": " ".join(SAMPLES),
            "participant": codes[system.place.code],
            "procedure": system.code,
            "peer_group": f"{system.method}, {system.instrument_model}",
        }


def results(province: Province, *, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield what each enrolled system returned for each sample; what was not returned has no row."""
    codes = _participant_codes(province)
    for system in enrolled(province):
        if faults.EQA_FAILED.get(system.code) == "missing":
            continue
        draw = random.Random(f"eqa {system.code}")  # noqa: S311 — examples
        bias = draw.uniform(-0.12, 0.12)
        for sample in SAMPLES:
            yield {
                "participant": codes[system.place.code],
                "procedure": system.code,
                "sample": sample,
                "value": _returned(system, sample, bias, draw),
                "unit": system.analyte.unit,
                "returned_at": _local(system, anchor, days_ago=7).strftime("%Y-%m-%d %H:%M"),
            }


def outside_scores(province: Province, *, anchor: dt.datetime) -> Iterator[dict[str, str]]:
    """Yield what outside providers reported: a national centre for Hải Dương, three years of a city's for Longnan."""
    for system in province.systems:
        finished = system.place.local(anchor).date() - dt.timedelta(days=OUTSIDE_DAYS_AGO)
        if not system.has_controls or system.extends:
            continue
        if system.place.region == HD:
            passed = system.code not in faults.OUTSIDE_FAILED
            yield _score(system, ("HMU", "HMU-LAB", f"{finished:%Y}-1"), passed=passed, finished=finished)
        elif system.place.region == LONGNAN:
            yield from _longnan_years(system, finished)


def true_value(system: System, sample: str) -> float:
    """Return the concentration of an analyte in a sample of the round."""
    draw = random.Random(f"sample {system.analyte.key} {sample}")  # noqa: S311 — examples
    return draw.uniform(system.analyte.level_1, system.analyte.level_2)


def _local(system: System, anchor: dt.datetime, *, days_ago: int) -> dt.datetime:
    """Return an instant so many days before the round was final, on the clock of the laboratory."""
    return system.place.local(anchor - dt.timedelta(days=FINAL_DAYS_AGO + days_ago))


def _returned(system: System, sample: str, bias: float, draw: random.Random) -> str:
    fault = faults.EQA_FAILED.get(system.code)
    value = true_value(system, sample)
    spread = system.analyte.cv_percent / 100 * value
    value += spread * (bias + max(-1.0, min(1.0, draw.gauss(0, 0.4))))
    if fault in ("high", "low"):
        value *= 1.6 if fault == "high" else 0.55
    elif fault is not None:
        value *= 18.0156
    return system.analyte.written(value, extra=2)


def _longnan_years(system: System, finished: dt.date) -> Iterator[dict[str, str]]:
    missed = faults.LONGNAN_YEARS_MISSED.get(system.code)
    for year in (finished.year - 2, finished.year - 1, finished.year):
        day = dt.date(year, finished.month, min(finished.day, 28))
        names = ("Ganzhou", "GZ-CC", f"{year}-1")
        yield _score(system, names, passed=year != missed, finished=day)


def _score(system: System, names: tuple[str, str, str], *, passed: bool, finished: dt.date) -> dict[str, str]:
    provider, scheme, code = names
    return {
        "provider": provider,
        "scheme": scheme,
        "round": code,
        "laboratory": system.place.laboratory,
        "procedure": system.code,
        "percent": "100" if passed else "40",
        "passed": "yes" if passed else "no",
        "finished_on": finished.isoformat(),
    }


def _participant_codes(province: Province) -> dict[str, str]:
    """Return confidential codes: laboratories shuffled, so that a code tells nothing."""
    places = [place.code for place in province.in_region(HD)]
    random.Random("participants").shuffle(places)  # noqa: S311 — examples
    return {code: str(100 + number) for number, code in enumerate(places, start=1)}
