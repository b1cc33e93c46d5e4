"""The listener as a process of its own: dcmtk's storescu sends to it, and it is killed between store and answer."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from django.db import connection
from tests.integration.exchange.imaging.listening import associate, end, send
from tests.integration.exchange.imaging.room import NOW, Room, make_room
from tests.unit.interop.dicom.objects import as_file, image, report, selection

from lienthong.exchange.imaging.files import ENVIRONMENT, ImageFiles
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import ImagingObject, Result

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).parents[4] / "docs" / "imaging.md"
needs_dcmtk = pytest.mark.skipif(shutil.which("storescu") is None, reason="dcmtk is not installed (make dcmtk)")


@pytest.fixture
def room(transactional_db: None) -> Room:
    return make_room()


def database_url() -> str:
    """Return the address of the test's own database, for a process beside it."""
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST'] or 'localhost'}:{at['PORT']}/{at['NAME']}"


@contextmanager
def listener_process(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `lienthong exchange dicom`; yield the process and its port."""
    folder.mkdir(exist_ok=True)
    told = folder / "port"
    command = [sys.executable, "-m", "lienthong", "exchange", "dicom", "--port", "0", "--port-file", str(told)]
    variables = {**os.environ, "DATABASE_URL": database_url(), ENVIRONMENT: str(folder / "images"), **environment}
    with subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL) as process:
        try:
            yield process, _port(told, process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)


def _port(told: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if told.exists() and told.read_text().strip():
            return int(told.read_text())
        time.sleep(0.05)
    raise AssertionError("the listener did not start")


@needs_dcmtk
def test_storescu_sends_as_the_manual_says(room: Room, tmp_path: Path) -> None:
    (block,) = re.findall(r"```sh\n(storescu .*?)```", DOCUMENT.read_text(), re.DOTALL)
    for name, one in (("image", image(1)), ("report", report()), ("selection", selection(1))):
        (tmp_path / f"{name}.dcm").write_bytes(as_file(one))

    with listener_process(tmp_path / "own") as (_process, port):
        command = block.replace("lienthong.example.org 11112", f"127.0.0.1 {port}").replace("\\\n", " ")
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        echo = subprocess.run(
            ["echoscu", "-aet", "US1", "-aec", "LIENTHONG", "127.0.0.1", str(port)], capture_output=True, timeout=60
        )

    assert done.returncode == 0, done.stderr
    assert echo.returncode == 0
    assert sorted(ImagingObject.objects.values_list("kind", flat=True)) == ["image", "selection"]
    process_waiting(NOW)
    assert Result.objects.get().status == "final"


@needs_dcmtk
@pytest.mark.shared
def test_published_objects_are_kept_as_they_were_sent(room: Room, tmp_path: Path, shared_data: Path) -> None:
    sent = shared_data / "dicom" / "US1_J2KI.dcm"

    with listener_process(tmp_path / "own") as (_process, port):
        command = ["storescu", "-xw", "-aet", "US1", "-aec", "LIENTHONG", "127.0.0.1", str(port), str(sent)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    kept = ImagingObject.objects.get()
    content = ImageFiles(tmp_path / "own" / "images").read(kept.digest)
    assert content is not None
    assert elements_of(BytesIO(content)) == elements_of(BytesIO(sent.read_bytes()))


def elements_of(file: BytesIO) -> dict[int, object]:
    """Return the elements of a data set but for the lengths of groups, which senders count anew."""
    return {int(one.tag): one.value for one in pydicom.dcmread(file) if one.tag.element}


@needs_dcmtk
def test_storescu_of_an_unknown_device_is_refused(room: Room, tmp_path: Path) -> None:
    (tmp_path / "image.dcm").write_bytes(as_file(image(1)))

    with listener_process(tmp_path / "own") as (_process, port):
        command = ["storescu", "-aet", "NOBODY", "-aec", "LIENTHONG", "127.0.0.1", str(port), "image.dcm"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert done.returncode != 0
    assert "Calling AE Title Not Recognized" in done.stderr
    assert not ImagingObject.objects.exists()


def test_listener_killed_while_it_stores_loses_nothing_that_it_answered(room: Room, tmp_path: Path) -> None:
    """The row waits for a lock that the test holds: the file is on disk, nothing is committed, nothing is answered."""
    with listener_process(tmp_path / "own") as (process, port):
        answered = send(port, image(1))
        association = associate(port)
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE results_imagingobject IN EXCLUSIVE MODE")
            as_file(one := image(2))
            association.dimse_timeout = 3
            lost = association.send_c_store(one)
            process.send_signal(signal.SIGKILL)
            process.wait(30)
            cursor.execute("ROLLBACK")
        end(association)

    assert answered == [0x0000]
    assert "Status" not in lost
    with listener_process(tmp_path / "again", **{ENVIRONMENT: str(tmp_path / "own" / "images")}) as (_process, port):
        again = send(port, image(1), image(2))
    assert again == [0x0000, 0x0000]
    kept = ImagingObject.objects.order_by("sop_instance_uid")
    files = ImageFiles(tmp_path / "own" / "images")
    assert len(kept) == 2
    assert all(files.read(each.digest) for each in kept)
