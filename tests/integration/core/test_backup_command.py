"""The commands of a backup, as an operator gives them: made beside a running server, restored into another folder."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from tests.factories.registry import FacilityFactory
from tests.factories.servers import discard

from lienthong.core.embedded import EmbeddedServer
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.reads import missing_files
from lienthong.results.models import ImagingObject

INSERT = """
INSERT INTO results_imagingobject (source, facility_id, kind, sop_class_uid, sop_instance_uid, series_uid, study_uid,
  modality, accession_number, patient_id, title, description, selected, digest, size, received_at, waits_for)
VALUES ('US', %s, 'image', '1.2', %s, '1.2', '1.2', 'US', '', '', '', '', '[]', %s, 3, now(), 'no-report')
"""


def lienthong(*arguments: str | Path, data: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LIENTHONG_IMAGES")
    }
    command = [sys.executable, "-m", "lienthong", *map(str, arguments)]
    return subprocess.run(
        command, env=environment | {"LIENTHONG_DATA": str(data)}, capture_output=True, text=True, check=False
    )


def test_backup_is_made_beside_a_running_server_and_restored(tmp_path: Path) -> None:
    data, other, backups = tmp_path / "data", tmp_path / "other", tmp_path / "backups"
    servers = [EmbeddedServer(data, durable=False), EmbeddedServer(other, durable=False)]
    try:
        servers[0].start()
        assert lienthong("db", "migrate", data=data).returncode == 0
        digest = ImageFiles(data / "images").keep(b"one")
        _row(servers[0], digest)

        made = lienthong("db", "backup", backups, data=data)
        folder = next(one for one in backups.iterdir() if one.name != "files")
        restored = lienthong("db", "restore", folder, "--data", other, data=data)

        assert made.returncode == 0, made.stderr
        assert made.stdout.strip() == f"{folder}: 1 files copied, 0 were there"
        assert restored.returncode == 0, restored.stderr
        assert ImageFiles(other / "images").read(digest) == b"one"
    finally:
        for one in servers:
            discard(one)


def _row(server: EmbeddedServer, digest: str) -> None:
    """Write the row of an image, without the registry that is not looked at here."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(INSERT, [1, "1.2.3", digest])


@pytest.mark.django_db
def test_rows_without_their_file_are_counted(tmp_path: Path) -> None:
    files = ImageFiles(tmp_path)
    facility = FacilityFactory()
    for number, digest in enumerate((files.keep(b"one"), sha256(b"gone").hexdigest())):
        ImagingObject.objects.create(
            source="US",
            facility=facility,
            kind="image",
            sop_instance_uid=f"1.2.{number}",
            digest=digest,
            size=3,
            received_at=timezone.now(),
            waits_for="no-report",
        )

    assert missing_files(files) == 1
