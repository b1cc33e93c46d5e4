"""From the inbox to stored results: work ORU by worker processes, beside COPY of the same rows and beside one commit a
message.

Every message has a patient, a report and ten results of one of 3,000 laboratories. The server syncs each commit. CPU
seconds are those of the workers and of their sessions in PostgreSQL: on two cores both share what there is.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.province import empty_inbox, province
from bench.timing import Table
from bench.works import works

MESSAGES, SINGLE, CHUNK = 20_000, 1_000, 500
FED_SECONDS, FED_SHARE = 20, 0.7
TARGET = 4.0

# What a careful program does for each message that wants no ORM: one transaction of five statements.
SINGLE_STATEMENTS = (
    "INSERT INTO results_patientrecord (source, local_system, local_id, facility_id, full_name, name_key, birth_date, "
    "sex, updated_at) SELECT source, local_system, 'single-' || %(n)s, facility_id, full_name, name_key, birth_date, "
    "sex, updated_at FROM results_patientrecord WHERE id = %(patient)s RETURNING id",
    "INSERT INTO results_report (source, number, facility_id, patient_record_id, placer_number, service, requester, "
    "specimen, status, version, inbox_id) SELECT source, 'single-' || %(n)s, facility_id, %(patient)s, placer_number, "
    "service, requester, specimen, status, version, inbox_id FROM results_report WHERE id = %(report)s RETURNING id",
    "INSERT INTO results_result SELECT (said).* FROM unnest(%(rows)s::results_result[]) AS said",
    "UPDATE results_inbox SET state = 'stored', processed_at = now() WHERE id = %(inbox)s",
)


@dataclass(frozen=True, slots=True)
class Drained:
    """A full inbox that workers emptied: seconds a message of time and of CPU, and the workers' memory in bytes."""

    seconds: float
    python: float
    postgres: float
    memory_before: int
    memory_after: int


def measure(table: Table) -> None:
    """Print the rates and what limits them."""
    with province():
        arrivals = _arrivals(MESSAGES)
        drained = {count: _drain(arrivals, workers=count) for count in (1, 2)}
        for count, one in drained.items():
            _say(count, one)
        rows = _copy_seconds()
        single = _single_seconds()
        best = min(one.seconds for one in drained.values())
        table.add("ORU to stored results, a message: here", best)
        table.add("ORU to stored results: COPY of its rows alone", rows, rows / best)
        table.add("ORU to stored results: one commit a message", single, single / best, TARGET)
        _feed(arrivals, rate=FED_SHARE / best)


def start_worker() -> subprocess.Popen[bytes]:
    """Start a worker in a process of its own, on the database of DATABASE_URL."""
    return subprocess.Popen([sys.executable, "-m", "lienthong", "exchange", "work"])


@contextlib.contextmanager
def working(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Let some workers run while the block does."""
    workers = [start_worker() for _ in range(count)]
    try:
        yield workers
    finally:
        for one in workers:
            one.terminate()
        for one in workers:
            one.wait(timeout=60)


def waiting() -> int:
    """Return how many messages no worker has taken up yet."""
    from lienthong.results.models import InboxMessage

    return InboxMessage.objects.filter(state="received").count()


def fill(arrivals: Sequence[object]) -> None:
    """Write messages to the inbox as a listener does, several hundred in one commit."""
    from django.utils import timezone

    from lienthong.core.actions import system_user
    from lienthong.results.actions import receive

    by = system_user("listener")
    for start in range(0, len(arrivals), CHUNK):
        receive(arrivals[start : start + CHUNK], by=by, at=timezone.now())  # type: ignore[arg-type]  # of _arrivals


def _arrivals(count: int) -> list[object]:
    from django.utils import timezone

    from lienthong.exchange.listening.arrivals import receive_frame
    from lienthong.exchange.senders import directory
    from lienthong.interop.hl7v2 import Frame

    known, at = directory(), timezone.now()
    return [receive_frame(Frame(one.encode()), known, at=at).arrival for one in works().oru(count)]


def _drain(arrivals: Sequence[object], *, workers: int) -> Drained:
    """Time workers from a full inbox to an empty one; their start and first batch are left out."""
    empty_inbox()
    fill(arrivals)
    with working(workers) as processes:
        _wait_until(lambda left: left <= len(arrivals) - 2 * CHUNK * workers)
        left, begun = waiting(), time.perf_counter()
        python, postgres = _cpu(processes), _cpu_of_sessions()
        memory = sum(_memory(one.pid) for one in processes)
        _wait_until(lambda left: left == 0)
        seconds = time.perf_counter() - begun
        return Drained(
            seconds / left,
            (_cpu(processes) - python) / left,
            (_cpu_of_sessions() - postgres) / left,
            memory,
            sum(_memory(one.pid) for one in processes),
        )


def _say(workers: int, one: Drained) -> None:
    rate = 1 / one.seconds
    print(
        f"  {workers} worker{'s' if workers > 1 else ''}: {rate:,.0f} messages/s, {10 * rate:,.0f} rows/s; a message "
        f"takes {one.python * 1e6:,.0f} µs of Python and {one.postgres * 1e6:,.0f} µs of PostgreSQL; memory "
        f"{one.memory_before / 1e6:,.0f} MB at the start, {one.memory_after / 1e6:,.0f} MB at the end",
        flush=True,
    )


def _copy_seconds() -> float:
    """Return how long COPY takes for the rows of a message, into a table of the same form with the same indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_result (LIKE results_result INCLUDING ALL)")
        cursor.execute("SELECT count(*) FROM results_result")
        count = cursor.fetchone()[0]
        with cursor.copy("COPY (SELECT * FROM results_result) TO STDOUT") as copy:
            data = [bytes(one) for one in copy]

        begun = time.perf_counter()
        with cursor.copy("COPY bench_result FROM STDIN") as copy:
            for one in data:
                copy.write(one)
        seconds = time.perf_counter() - begun
        cursor.execute("DROP TABLE bench_result")
    print(f"  COPY alone: {count / seconds:,.0f} rows/s")
    return seconds / count * 10


def _single_seconds() -> float:
    """Return how long a message takes that is stored with prepared statements and a commit of its own."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as own:
        reports = own.execute(
            "SELECT report_id, min(patient_record_id), min(inbox_id), array_agg(r::text) FROM results_result r "
            "GROUP BY report_id LIMIT %s",
            [SINGLE],
        ).fetchall()
        own.execute("DELETE FROM results_result WHERE report_id = ANY(%s)", [[one[0] for one in reports]])
        own.commit()
        begun = time.perf_counter()
        for number, (report, patient, inbox, rows) in enumerate(reports):
            said = {"n": number, "report": report, "patient": patient, "inbox": inbox, "rows": rows}
            for statement in SINGLE_STATEMENTS:
                own.execute(statement, said, prepare=True)
            own.commit()
        seconds = (time.perf_counter() - begun) / len(reports)
    print(f"  one commit a message: {1 / seconds:,.0f} messages/s")
    return seconds


def _feed(arrivals: Sequence[object], *, rate: float) -> None:
    """Receive at a part of the rate while two workers store, and print how much waits as time goes by."""
    empty_inbox()
    size = max(int(rate / 10), 1)
    backlog = []
    with working(2) as workers:
        fill(arrivals[:size])
        _wait_until(lambda left: left == 0)
        begun, sent, memory = time.perf_counter(), size, sum(_memory(one.pid) for one in workers)
        while time.perf_counter() - begun < FED_SECONDS and sent + size <= len(arrivals):
            fill(arrivals[sent : sent + size])
            sent += size
            time.sleep(max(begun + (sent - size) / rate - time.perf_counter(), 0))
            backlog.append(waiting())
        grown = sum(_memory(one.pid) for one in workers) / memory
    quarter = max(len(backlog) // 4, 1)
    means = [sum(backlog[k * quarter : (k + 1) * quarter]) / quarter for k in range(4)]
    print(
        f"  fed {rate:,.0f} messages/s for {time.perf_counter() - begun:.0f} s, two workers: waiting by quarters "
        f"{', '.join(f'{one:,.0f}' for one in means)}; memory {grown:.2f} times that of the start"
    )


def _wait_until(is_done: Callable[[int], bool], *, seconds: float = 900) -> None:
    deadline = time.monotonic() + seconds
    while not is_done(waiting()):
        if time.monotonic() > deadline:
            sys.exit("the workers did not get done")
        time.sleep(0.05)


def _cpu(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    return sum(_cpu_of(one.pid) for one in processes)


def _cpu_of_sessions() -> float:
    """Return the CPU seconds of all sessions of the database but this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return sum(_cpu_of(row[0]) for row in cursor.fetchall())


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """Return the bytes that a process holds now (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
