"""A backup of an installation: the database, its keys, and the files that rows of the database name.

A backup is a folder named by its instant, beside one folder of files that all backups share: a file is named by the
digest of its bytes and never changes, so each is copied once. Files are written before the rows that name them, and are
never deleted; copied after the database, they hold whatever a row of the backup names.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lienthong.core.embedded import EmbeddedServer, database_settings, server_program
from lienthong.errors import Conflict, LienthongError, NotFound

BASE, FILES, KEYS, TOLD = "base", "files", "keys", "backup.json"
# Of the data folder: what no database holds. The last head of the log is not among them: a restored database is older.
KEPT = ("signing-key", "secret-key", "postgres-password")
PIECE = 1 << 20


class BackupFailed(LienthongError):
    """A program of PostgreSQL that makes or checks a backup failed."""

    code = "backup-failed"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup; `damaged` are files whose bytes are not those of their name, which were not copied."""

    folder: Path
    files_new: int
    files_before: int
    damaged: tuple[str, ...] = ()


def make_backup(target: Path, server: EmbeddedServer, *, url: str | None, files: Path, at: dt.datetime) -> Backup:
    """Make a backup under `target` while everything runs; it counts once its `backup.json` is written, at the end.

    `url` names a server that is not the embedded one; its user must have the right of replication. Raises Conflict
    where there is one of this second already, BackupFailed with what PostgreSQL says.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = target / at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H%M%SZ")
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise Conflict(f"{folder} is there already; no backup is written over") from None
    try:
        _run(server, url, "pg_basebackup", "-D", folder / BASE, "-X", "stream", "-c", "fast", "-w")
        _run(server, url, "pg_verifybackup", "-q", folder / BASE)
    except BackupFailed:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    copied = _copy_files(files, target / FILES)  # after the database, see above
    _copy_keys(server.folder, folder / KEYS)
    told = {"at": at.isoformat(), "is_embedded": url is None, "files": copied.new + copied.before}
    _write(folder / TOLD, json.dumps(told).encode())
    return Backup(folder, copied.new, copied.before, copied.damaged)


def restore_backup(folder: Path, server: EmbeddedServer, *, files: Path) -> None:
    """Put a backup of an embedded server into a data folder that has no database yet.

    Raises NotFound where the folder holds no finished backup, Conflict where the data folder is in use or the backup
    is of another server, which PostgreSQL's own means restore.
    """
    if not (folder / TOLD).exists():
        raise NotFound(f"{folder} holds no finished backup: it has no {TOLD}")
    if not json.loads((folder / TOLD).read_text())["is_embedded"]:
        raise Conflict(f"this is the backup of a server of your own; give {folder / BASE} to that server")
    if (server.cluster / "PG_VERSION").exists():
        raise Conflict(f"{server.cluster} has a database already; name another data folder")
    _restore_keys(folder / KEYS, server.folder)
    _copy_files(folder.parent / FILES, files)
    server.take_cluster(folder / BASE)


@dataclass(frozen=True, slots=True)
class _Copied:
    new: int
    before: int
    damaged: tuple[str, ...]


def _copy_files(source: Path, target: Path) -> _Copied:
    """Copy files named by the digest of their bytes; pictures made of them are made again."""
    new, before, damaged = 0, 0, []
    for path in _files(source):
        to = target / path.relative_to(source)
        if to.exists():
            before += 1
        elif _copy(path, to):
            new += 1
        else:
            damaged.append(path.stem)
    return _Copied(new, before, tuple(damaged))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("??/??/*")):
        if len(path.stem) == 64 and path.suffix != ".jpg":
            yield path


def _copy(path: Path, to: Path) -> bool:
    """Copy whole or not at all, onto the disk; return whether the bytes are those of the name."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = sha256()
    handle, part = tempfile.mkstemp(dir=to.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as written, path.open("rb") as read:
            while piece := read.read(PIECE):
                digest.update(piece)
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
        is_whole = digest.hexdigest() == path.stem
        if is_whole:
            os.replace(part, to)
        return is_whole
    finally:
        Path(part).unlink(missing_ok=True)


def _copy_keys(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    for name in KEPT:
        if (source / name).exists():
            _write(target / name, (source / name).read_bytes())


def _restore_keys(source: Path, target: Path) -> None:
    """Put the keys back; one that is there already must be the same, or what it signed could not be proven."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        kept = target / path.name
        if kept.exists() and kept.read_bytes() != path.read_bytes():
            raise Conflict(f"{kept} is another key than that of the backup; name an empty data folder")
    for path in sorted(source.iterdir()):
        _write(target / path.name, path.read_bytes())


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _run(server: EmbeddedServer, url: str | None, name: str, *arguments: str | Path) -> None:
    at = database_settings(url, server.folder)
    asked = {f"PG{key}": at[key] for key in ("HOST", "PORT", "USER", "PASSWORD")}
    done = subprocess.run(  # noqa: S603 — PostgreSQL's own programs, arguments made here
        [server_program(server.home, name), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, **asked, "LC_ALL": "C"},  # a command line is read by others
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"{name} failed: {done.stderr.strip()}")
