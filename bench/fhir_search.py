"""Searches of Observation at ten million stored results: by patient, code and date, and others that hospitals ask.

Results of a hundred thousand patients of a hundred hospitals lie in monthly partitions as the worker keeps them. Each
search is of a patient, a code and days drawn at random. The limit is `select 1` over the same connection; the answer
over HTTP carries what a search is worth in service: the token, the reach of the facility, the event of the audit log on
disk, and the resources written as JSON.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from bench.fhir_scene import Client, own_token, served
from bench.province import province
from bench.timing import Table, shown

PATIENTS, REPORTS, ANALYTES, HOSPITALS = 100_000, 10, 10, 100
SEARCHES, WARM = 1_000, 100
FIRST = dt.date(2026, 2, 1)
TIMES_SELECT_1 = 20.0

_PATIENTS = """
INSERT INTO results_patientrecord
  (id, source, local_system, local_id, facility_id, full_name, name_key, birth_date, sex, updated_at)
SELECT n, 'S' || facility.place, 'urn:lienthong:bench', n::text, facility.id, 'Patient ' || n, 'patient ' || n,
  date '1940-01-01' + mod(n * 7919, 25000), 'female', now()
FROM generate_series(1, %(patients)s) n
JOIN (SELECT id, substr(code, 2) AS place FROM registry_facility) facility
  ON facility.place = to_char(mod(n, %(hospitals)s), 'FM0000')
"""
_REPORTS = """
INSERT INTO results_report (id, source, number, facility_id, patient_record_id, placer_number, service, requester,
  specimen, status, collected_at, received_at, released_at, version, inbox_id)
SELECT (patient.id - 1) * %(reports)s + k, patient.source, patient.id || '-' || k, patient.facility_id, patient.id,
  '', 'Biochemistry', '', 'serum', 'final', day, day + interval '1 hour', day + interval '2 hours', 1,
  ((extract(epoch FROM day) * 1000)::bigint << 22) + patient.id
FROM results_patientrecord patient CROSS JOIN generate_series(1, %(reports)s) k
CROSS JOIN LATERAL (
  SELECT %(first)s + interval '6 hours' + (k - 1) * interval '29 days' + mod(patient.id, 29) * interval '1 day'
    + mod(patient.id, 1000) * interval '29 s'
) AS at(day)
"""
_RESULTS = """
INSERT INTO results_result (id, patient_record_id, report_id, inbox_id, key, version, is_current, procedure_id,
  analyte_id, local_code, local_name, status, reported_value, reported_unit, comparator, value, outcome,
  reference_range, flags, collected_at, measured_at, released_at, filled_in)
SELECT report.inbox_id + analyte.place * %(patients)s, report.patient_record_id, report.id, report.inbox_id,
  encode(sha256((report.id || '/' || analyte.place)::bytea), 'hex'), 1, true, NULL, analyte.id, analyte.loinc,
  analyte.name_en, 'final', amount::text, analyte.unit, '', amount, '', '3.5-7.5', 'N',
  report.collected_at, report.received_at, report.released_at, ''
FROM results_report report
CROSS JOIN (SELECT *, row_number() OVER (ORDER BY key) AS place FROM registry_analyte) analyte
CROSS JOIN LATERAL (SELECT round((4 + mod(report.id * 31 + analyte.place * 17, 400) / 100.0)::numeric, 2))
  AS drawn(amount)
WHERE mod(report.id, 2) = %(half)s
"""


def measure(table: Table, *, patients: int = PATIENTS) -> None:
    """Print how long searches take beside `select 1`."""
    from lienthong.core.collector import rest_the_collector

    with province(laboratories=HOSPITALS):
        _fill(patients)
        token = own_token("F0000", "S0000")
        codes, drawn = _codes(), random.Random(7)  # noqa: S311 — places to look at
        own = [HOSPITALS * drawn.randint(1, patients // HOSPITALS) for _ in range(SEARCHES + WARM)]
        asked = [_by_patient(one, drawn.choice(codes), drawn) for one in own]
        rest_the_collector()  # as the web application does
        limit = _taken([_select_1] * (SEARCHES + WARM))
        _print("select 1", limit)
        _judge(table, "search by patient, code, date: the rows", _taken([_search(one) for one in asked]), limit)
        with served(1) as port:
            client = Client(port, token)
            ways = [lambda one=one: client.ask("GET", f"/fhir/Observation?{one}") for one in asked]
            _judge(table, "search by patient, code, date: over HTTP", _taken(ways), limit)
            for name, several in _others(drawn).items():
                ways = [lambda one=one: client.ask("GET", f"/fhir/Observation?{one}") for one in several]
                _print(name, _taken(ways, warm=2))


def _by_patient(patient: int, code: str, drawn: random.Random) -> str:
    since = FIRST + dt.timedelta(days=drawn.randrange(250))
    return urlencode({"patient": patient, "code": f"http://loinc.org|{code}", "date": f"ge{since}"})


def _others(drawn: random.Random) -> dict[str, list[str]]:
    """Return further searches of a hospital's system, twenty of each and two to warm up."""
    from django.utils import timezone

    days = [FIRST + dt.timedelta(days=drawn.randrange(280)) for _ in range(22)]
    now = timezone.now()
    return {
        "the last hour of the facility (_lastUpdated)": [
            urlencode({"_lastUpdated": f"ge{(now - dt.timedelta(hours=1)).isoformat()}"})
        ]
        * 22,
        "a day of the facility (date)": [urlencode({"date": str(day), "_count": 50}) for day in days],
        "a code of the facility, newest": [urlencode({"code": "2345-7", "_count": 50})] * 22,
        "a number of a patient (chained)": [
            urlencode({"patient.identifier": f"{HOSPITALS * drawn.randint(1, 1000)}"}) for _ in range(22)
        ],
    }


def _search(query: str) -> Callable[[], object]:
    """Return a call that searches in this process, as the view does, without the event of the audit log."""
    from urllib.parse import parse_qsl

    from django.utils import timezone

    from lienthong.exchange.fhir.query import parse_search
    from lienthong.exchange.fhir.showing import show
    from lienthong.results.search import finding

    caller = _caller(timezone.now())

    def search() -> object:
        asked = parse_search("Observation", parse_qsl(query), caller=caller)
        hits, of_caller = finding.find(asked.query), {"reader": caller.reader, "on": caller.on, "reach": caller.reach}
        return show("Observation", hits, **of_caller, edition=caller.edition)

    return search


def _caller(at: dt.datetime) -> object:
    from django.utils import timezone

    from lienthong.core.access import Caller
    from lienthong.core.models import User
    from lienthong.exchange.fhir.callers import FhirCaller
    from lienthong.exchange.senders import sources_by_code
    from lienthong.exchange.terms.codebook import book_edition
    from lienthong.registry import reads as registry
    from lienthong.results.reads import reach_of_facility

    on = timezone.localdate(at)
    facility = registry.facility_by_code("F0000", on=on)
    assert facility is not None  # noqa: S101 — of the bench itself
    user = User.objects.get(username="system-F0000")
    caller = Caller("F0000", "Bench", "F0000", ("system/*.cruds",), ("S0000",), user)
    sender, reach = sources_by_code(on=on)["S0000"], reach_of_facility(facility, at=at)
    return FhirCaller(caller, facility, sender, reach, at, book_edition())


def _fill(patients: int) -> None:
    """Write the results, and stop the bench where not all are there."""
    from lienthong.core.partitions import ensure_months

    begun, count = time.perf_counter(), patients * REPORTS * ANALYTES
    first = dt.datetime.combine(FIRST, dt.time(tzinfo=dt.UTC))
    asked = {"patients": patients, "reports": REPORTS, "hospitals": HOSPITALS, "first": first}
    ensure_months(on=FIRST, ahead=10)
    _run(_PATIENTS, asked)
    _run(_REPORTS, asked)
    with ThreadPoolExecutor(2) as sessions:
        list(sessions.map(lambda half: _run_apart(_RESULTS, asked | {"half": half}), (0, 1)))
    for name in ("results_patientrecord", "results_report", "results_result"):
        _run(f"ANALYZE {name}")
    _run("CHECKPOINT")
    if _run("SELECT count(*) FROM results_result") != count:
        sys.exit("not all results were written")
    size = _run("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('results_result') WHERE isleaf")
    seconds = time.perf_counter() - begun
    print(f"  {count:,} results written in {seconds:.0f} s, {size / count:.0f} bytes each with indexes")


def _run_apart(statement: str, parameters: Mapping[str, object]) -> None:
    """Run a statement in a session of its own."""
    from django.db import connection

    _run(statement, parameters)
    connection.close()


def _run(statement: str, parameters: Mapping[str, object] | None = None) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone() if cursor.description else None
    return int(row[0]) if row else 0


def _codes() -> list[str]:
    from bench.works import works

    return [one[0] for one in works().ANALYTES]


def _select_1() -> None:
    _run("SELECT 1")


def _taken(ways: Sequence[Callable[[], object]], *, warm: int = WARM) -> list[float]:
    """Return how long each call took, in order, without the first."""
    taken = []
    for way in ways:
        begun = time.perf_counter()
        way()
        taken.append(time.perf_counter() - begun)
    return sorted(taken[warm:])


def _judge(table: Table, name: str, taken: list[float], limit: list[float]) -> None:
    """Compare the 99th percentiles: at most so many times that of `select 1`."""
    times = _p99(taken) / _p99(limit)
    _print(name, taken)
    print(f"    99 of 100 within {times:,.1f} times select 1 (at most {TIMES_SELECT_1:g})", flush=True)
    if times > TIMES_SELECT_1:
        table.missed.append(f"FHIR, {name}: p99 is {times:,.1f} times select 1 instead of at most {TIMES_SELECT_1:g}")


def _print(name: str, taken: list[float]) -> None:
    half = taken[len(taken) // 2]
    print(f"  {name:<48} half in {shown(half)}, 99 of 100 in {shown(_p99(taken))}", flush=True)


def _p99(taken: list[float]) -> float:
    return taken[min(len(taken) - 1, len(taken) * 99 // 100)]
