"""The scene of the works that need a database: every laboratory of work ORU as a registered sender with its systems.

The database is one of its own on an embedded server under `.data/bench`, which syncs every commit, or on the server of
DATABASE_URL.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.works import works

LABORATORIES = 3_000
BEGAN = dt.date(2020, 1, 1)
LEARNED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
REGIONS = ("CN", "CN-62")
DATABASE = "lienthong_bench"


@contextmanager
def province(*, laboratories: int = LABORATORIES) -> Iterator[None]:
    """Make the database with its senders, and take it away at the end."""
    from lienthong.core.embedded import EmbeddedServer

    folder = (Path.cwd() / ".data" / "bench").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["LIENTHONG_DATA"] = str(folder)
    server = EmbeddedServer(folder)
    server.start()
    server.drop_database(DATABASE)
    server.create_database(DATABASE)
    os.environ["DATABASE_URL"] = server.url(DATABASE)
    try:
        _register(laboratories)
        yield
    finally:
        _let_go()
        server.drop_database(DATABASE)
        server.stop()


def empty_inbox() -> None:
    """Forget all messages and what was stored of them; the registry stays."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE results_inbox, results_result, results_heldresult, results_report, results_personlink, "
            "results_patientidentifier, results_patientrecord, results_person, core_audit_event, core_happening, "
            "results_report_version, core_log_waiting, core_log_leaf, core_log_tile, core_log_checkpoint CASCADE"
        )


def _register(laboratories: int) -> None:
    from lienthong.cli.start import bring_up_to_date, start_django

    start_django()
    bring_up_to_date()
    from lienthong.exchange.models import Source
    from lienthong.registry.models import Facility, Laboratory, Region, RegionParent

    nation, region = (Region.objects.create(code=code, time_zone="Asia/Shanghai", name_en=code) for code in REGIONS)
    RegionParent.objects.create(region=region, parent=nation, valid_from=BEGAN, recorded_at=LEARNED)
    places = Facility.objects.bulk_create(
        Facility(code=f"F{n:04d}", region=region, ownership="public", name_en=f"Hospital {n}")
        for n in range(laboratories)
    )
    rooms = Laboratory.objects.bulk_create(
        Laboratory(code=f"L{n:04d}", facility=place, name_en=f"Laboratory {n}") for n, place in enumerate(places)
    )
    Source.objects.bulk_create(
        Source(
            code=f"S{n:04d}",
            sending_application=f"LIS{n:04d}",
            sending_facility=f"LAB{n:04d}",
            facility=room.facility,
            laboratory=room,
        )
        for n, room in enumerate(rooms)
    )
    _register_systems(rooms)


def _register_systems(rooms: list[Any]) -> None:
    """Give each laboratory a system for each of the work's ten analytes."""
    from lienthong.registry.models import Analyte, Procedure, ProcedurePeriod

    analytes = Analyte.objects.bulk_create(
        Analyte(key=f"A{n}", loinc=loinc, name_en=name, unit=unit, specimen="serum", group="chem", scale="quantitative")
        for n, (loinc, name, unit, _low, _high) in enumerate(works().ANALYTES)
    )
    systems = Procedure.objects.bulk_create(
        (
            Procedure(
                code=f"{room.code}-{one.key}", laboratory=room, analyte=one, method="enzymatic", in_use_from=BEGAN
            )
            for room in rooms
            for one in analytes
        ),
        batch_size=5_000,
    )
    periods = (
        ProcedurePeriod(
            procedure=system, instrument_code="AU", instrument_model="AU5800", valid_from=BEGAN, recorded_at=LEARNED
        )
        for system in systems
    )
    ProcedurePeriod.objects.bulk_create(periods, batch_size=5_000)


def _let_go() -> None:
    from django.db import connections

    for connection in connections.all():
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL's backend
