"""What becomes of an export whose maker dies, whose disk is full, or that is removed while it is made."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from tests.integration.exchange.bulk.conftest import Exporting, Region, export_of
from tests.integration.exchange.running import working

from lienthong.core.actions import system_user
from lienthong.exchange.bulk import making, queue
from lienthong.exchange.bulk.actions import forget_expired_exports
from lienthong.exchange.bulk.files import ExportFiles, Lines
from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.queue import MOST_ATTEMPTS, waiting_exports, work_exports

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[4]
# Makes an export as the command does, and stands still in the middle of it.
STAND_STILL = """
import sys, time, django
django.setup()
from django.utils import timezone
from lienthong.exchange.bulk import making
from lienthong.exchange.bulk.queue import work_exports
walk = making.finding.walk
def slowly(query, *, at_once):
    for hits in walk(query, at_once=1):
        yield hits
        print("wrote", flush=True)
        time.sleep(60)
making.finding.walk = slowly
work_exports(timezone.now)
"""


def test_export_whose_maker_was_killed_is_made_anew(hospital: Exporting) -> None:
    begun = hospital.begin("$export?_type=Patient,Observation")
    _kill_in_the_middle()
    half = hospital.status(begun)
    left = ExportFiles.of_installation().keys()

    made = work_exports(timezone.now)

    assert (half.status_code, left) == (202, [export_of(begun).key])
    assert [(one.state, one.attempt) for one in made] == [("complete", 2)]
    manifest = hospital.status(begun).json()
    assert len(hospital.lines(manifest, "Patient")) == len(hospital.lines(manifest, "Observation")) == 2
    folder = ExportFiles.of_installation().folder / str(export_of(begun).key)
    assert [one.name for one in folder.iterdir()] == ["2"]


def _kill_in_the_middle() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", STAND_STILL], cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stdout.readline() == "wrote\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    deadline = time.monotonic() + 20
    while not waiting_exports():
        assert time.monotonic() < deadline, "the server has not seen that the maker is gone"


def _environment() -> dict[str, str]:
    """Return what leads a process to the database of the test and to its folder."""
    at = connection.settings_dict
    login = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
    address = f"postgresql://{login}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "lienthong.config.settings",
        "LIENTHONG_EXPORTS": django_settings.EXPORT_FOLDER,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }


def test_worker_has_what_waits_made(hospital: Exporting, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _environment().items():
        monkeypatch.setenv(name, value)
    begun = hospital.begin("$export?_type=Patient")

    with working(1):
        deadline = time.monotonic() + 60
        while (answer := hospital.status(begun)).status_code == 202:
            assert time.monotonic() < deadline, answer.headers["X-Progress"]
            threading.Event().wait(0.2)

    assert len(hospital.lines(answer.json(), "Patient")) == 2


def test_export_that_kills_its_maker_each_time_is_given_up(hospital: Exporting) -> None:
    begun = hospital.begin()
    BulkExport.objects.update(state="running", attempt=MOST_ATTEMPTS)

    work_exports(timezone.now)

    answer = hospital.status(begun)
    assert answer.status_code == 500
    assert "interrupted" in answer.json()["issue"][0]["diagnostics"]
    assert waiting_exports() == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), "disk of the platform is full", id="full"),
        pytest.param(OSError(errno.EROFS, "Read-only file system"), "could not be written", id="read-only"),
    ],
)
def test_disk_that_takes_no_more_fails_the_export(
    error: OSError, told: str, hospital: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Lines, line: bytes) -> None:
        raise error

    monkeypatch.setattr(Lines, "write", full)
    begun = hospital.begin()
    work_exports(timezone.now)

    answer = hospital.status(begun)
    assert answer.status_code == 500
    assert told in answer.json()["issue"][0]["diagnostics"]
    assert ExportFiles.of_installation().keys() == []
    assert hospital.status(begun, "delete").status_code == 202


def test_export_removed_while_it_is_made_stops(hospital: Exporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "EVERY_SECONDS", -1.0)
    begun = hospital.begin()
    written: list[str] = []
    write_kind = making._write_kind

    def remove_first(work: making._Work, kind: str) -> None:
        if not written:
            _elsewhere(lambda: hospital.status(begun, "delete"))
        written.append(kind)
        write_kind(work, kind)

    monkeypatch.setattr(making, "_write_kind", remove_first)
    work_exports(timezone.now)

    assert len(written) < len(export_of(begun).kinds)
    assert export_of(begun).state == "removed"
    assert ExportFiles.of_installation().keys() == []


def _elsewhere(act: Callable[[], object]) -> None:
    """Do something by another connection, as another process would."""

    def do() -> None:
        act()
        connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join(20)


def test_housekeeping_deletes_what_is_over_and_nothing_else(region: Region, hospital: Exporting) -> None:
    files = ExportFiles.of_installation()
    old, new = hospital.begin(), hospital.begin()
    work_exports(timezone.now)
    now = timezone.now()
    BulkExport.objects.filter(key=export_of(old).key).update(expires_at=now)

    ended = forget_expired_exports(files=files, by=system_user("exports"), at=now)

    assert (ended, files.keys()) == (1, [export_of(new).key])
    assert [hospital.status(old).status_code, hospital.status(new).status_code] == [404, 200]
    assert export_of(old).state == "expired"


def test_state_that_is_not_complete_gives_no_file(hospital: Exporting) -> None:
    begun = hospital.begin("$export?_type=Patient")
    work_exports(timezone.now)
    [file] = hospital.status(begun).json()["output"]

    BulkExport.objects.update(state="running")

    assert hospital.file(file["url"]).status_code == 404
