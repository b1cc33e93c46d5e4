"""A backup is made while the server runs, and restored: each row finds its file, and keys are those that were."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from tests.factories.servers import discard

from lienthong.core.backup import make_backup, restore_backup
from lienthong.core.embedded import EmbeddedServer
from lienthong.errors import Conflict, NotFound
from lienthong.exchange.imaging.files import ImageFiles

AT = dt.datetime(2026, 11, 27, 2, 30, tzinfo=dt.UTC)
STAMP = "2026-11-27T023000Z"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "data", durable=False)
    server.start()
    (server.folder / "signing-key").write_text("kept")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE object (digest text)")
    yield server
    discard(server)


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[EmbeddedServer]:
    restored = EmbeddedServer(tmp_path / "other" / "data", durable=False)
    yield restored
    discard(restored)


def keep(server: EmbeddedServer, files: ImageFiles, content: bytes) -> str:
    """Keep a file and commit its row, as the DICOM listener does."""
    digest = files.keep(content)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("INSERT INTO object VALUES (%s)", [digest])
    return digest


def test_restored_backup_has_rows_files_and_keys(server: EmbeddedServer, restored: EmbeddedServer) -> None:
    images = ImageFiles(server.folder / "images")
    first = keep(server, images, b"one")
    images.keep_picture(first, 240, b"jpeg")
    target = server.folder.parent / "backups"

    made = make_backup(target, server, url=None, files=images.folder, at=AT)
    later = keep(server, images, b"after the backup")
    restore_backup(made.folder, restored, files=restored.folder / "images")
    restored.start()

    assert (made.folder, made.files_new, made.damaged) == (target / STAMP, 1, ())
    with psycopg.connect(restored.url()) as connection:
        rows = [row[0] for row in connection.execute("SELECT digest FROM object").fetchall()]
    found = ImageFiles(restored.folder / "images")
    assert rows == [first]
    assert found.read(first) == b"one"
    assert (found.read(later), found.picture(first, 240)) == (None, None)
    assert (restored.folder / "signing-key").read_text() == "kept"


def test_second_backup_copies_new_files_only_and_both_are_whole(server: EmbeddedServer) -> None:
    images = ImageFiles(server.folder / "images")
    keep(server, images, b"one")
    target = server.folder.parent / "backups"
    make_backup(target, server, url=None, files=images.folder, at=AT)
    keep(server, images, b"two")

    again = make_backup(target, server, url=None, files=images.folder, at=AT + dt.timedelta(days=1))

    assert (again.files_new, again.files_before) == (1, 1)
    assert json.loads((again.folder / "backup.json").read_text())["files"] == 2


def test_damaged_file_is_told_and_not_copied_under_its_name(server: EmbeddedServer) -> None:
    images = ImageFiles(server.folder / "images")
    digest = keep(server, images, b"one")
    images.path(digest).write_bytes(b"something else")

    made = make_backup(server.folder.parent / "backups", server, url=None, files=images.folder, at=AT)

    assert made.damaged == (digest,)
    assert not list((made.folder.parent / "files").rglob(f"{sha256(b'one').hexdigest()}*"))


def test_backup_of_the_same_second_and_restoring_over_a_database_are_refused(server: EmbeddedServer) -> None:
    target = server.folder.parent / "backups"
    made = make_backup(target, server, url=None, files=server.folder / "images", at=AT)

    with pytest.raises(Conflict, match="no backup is written over"):
        make_backup(target, server, url=None, files=server.folder / "images", at=AT)
    with pytest.raises(Conflict, match="has a database already"):
        restore_backup(made.folder, server, files=server.folder / "images")


def test_backup_that_did_not_end_is_not_restored(server: EmbeddedServer, restored: EmbeddedServer) -> None:
    made = make_backup(server.folder.parent / "backups", server, url=None, files=server.folder / "images", at=AT)
    (made.folder / "backup.json").unlink()

    with pytest.raises(NotFound, match="no finished backup"):
        restore_backup(made.folder, restored, files=restored.folder / "images")
    assert not restored.folder.exists()
