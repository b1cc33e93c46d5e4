"""What the MLLP work runs on: a durable PostgreSQL of its own, 3,000 senders, and the processes of service."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.works import works
from lienthong.core.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[1]
SENDERS = 3_000
BEGAN = dt.date(2020, 1, 1)
LEARNED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """The database, and what starts processes on it."""

    server: EmbeddedServer

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.server.url(),
            "DJANGO_SETTINGS_MODULE": "lienthong.config.settings",
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        }

    def ask(self, query: str) -> Any:
        """Return the first value of a query."""
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None

    def empty(self) -> None:
        """Forget every message and what came of it, so that each part begins alike."""
        tables = "results_inbox, results_result, results_report, results_patientrecord, core_audit_event"
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(f"TRUNCATE {tables} CASCADE")  # type: ignore[arg-type]
            connection.execute("CHECKPOINT")

    def waiting(self) -> int:
        """Return how many messages no worker has processed."""
        return int(self.ask("SELECT count(*) FROM results_inbox WHERE state = 'received'"))

    @contextlib.contextmanager
    def listening(self, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """Run `lienthong exchange listen`; yield its process and port."""
        told = self.server.folder / "port"
        told.unlink(missing_ok=True)
        with self.running("listen", "--port", "0", "--port-file", str(told), *options) as process:
            deadline = time.monotonic() + START_SECONDS
            while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
                time.sleep(0.05)
            yield process, int(told.read_text().split()[0])

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command of `lienthong exchange` until the block ends."""
        command = [sys.executable, "-m", "lienthong", "exchange", *arguments]
        with (self.server.folder / f"{arguments[0]}.log").open("a") as log:
            process = subprocess.Popen(command, env=self.environment, stderr=log)  # noqa: S603 — our own program
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


@contextlib.contextmanager
def own_scene() -> Iterator[Scene]:
    """Make database and senders; remove them afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench-mllp-", dir=ROOT / ".data"))
    folder.chmod(0o755)
    scene = Scene(EmbeddedServer(folder))
    try:
        scene.server.start()
        command = [sys.executable, "-m", "bench.mllp_scene"]
        subprocess.run(command, env=scene.environment, check=True, cwd=ROOT)  # noqa: S603 — our own program
        yield scene
    finally:
        scene.server.stop()
        shutil.rmtree(scene.server.home.parent, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def prepare() -> None:
    """Migrate; register one laboratory with a system for each analyte of the work, and the work's senders."""
    import django

    django.setup()
    from lienthong.cli.start import bring_up_to_date
    from lienthong.exchange.models import Source
    from lienthong.registry.models import Analyte, Facility, Laboratory, Procedure, ProcedurePeriod, Region

    bring_up_to_date()
    nation = Region.objects.create(code="VN", name_en="Viet Nam", time_zone="Asia/Ho_Chi_Minh")
    hospital = Facility.objects.create(code="F1", name_en="Hospital", region=nation, ownership="public")
    laboratory = Laboratory.objects.create(code="L1", name_en="Laboratory", facility=hospital)
    for number, (loinc, name, unit, *_) in enumerate(works().ANALYTES):
        analyte = Analyte.objects.create(
            key=f"A{number}",
            loinc=loinc,
            name_en=name,
            specimen="serum",
            group="chemistry",
            scale="quantitative",
            unit=unit,
        )
        system = Procedure.objects.create(
            code=f"P{number}", laboratory=laboratory, analyte=analyte, method="enzymatic", in_use_from=BEGAN
        )
        ProcedurePeriod.objects.create(
            procedure=system,
            instrument_code="I1",
            instrument_model="AU5800",
            reagent="R",
            reagent_lot="1",
            valid_from=BEGAN,
            recorded_at=LEARNED,
        )
    Source.objects.bulk_create(
        Source(
            code=f"S{n}",
            sending_application=f"LIS{n:04d}",
            sending_facility=f"LAB{n:04d}",
            facility=hospital,
            laboratory=laboratory,
        )
        for n in range(SENDERS)
    )


if __name__ == "__main__":
    prepare()
