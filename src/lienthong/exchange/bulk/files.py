"""The files of exports: lines of NDJSON, packed by gzip as they are written, in parts of so many lines."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from lienthong.core.durable import sync_folder
from lienthong.core.limits import export_folder

_LEVEL = 5  # of gzip: five times smaller, and still quicker than the lines are made
AT_ONCE = 256 * 1024


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """A folder with a folder of each export, in which each attempt to make it has one of its own.

    Whoever was thought dead and still writes thus never writes into what another makes anew.
    """

    folder: Path

    @classmethod
    def of_installation(cls) -> ExportFiles:
        return cls(export_folder())

    def begin(self, key: UUID, attempt: int) -> Path:
        """Return an empty folder for an attempt; what earlier ones left is deleted."""
        self.remove(key)
        place = self._of(key, attempt)
        place.mkdir(mode=0o700, parents=True)
        return place

    def settle(self, key: UUID, attempt: int) -> None:
        """Let the names of the files be on the disk, as what is in them is; raise OSError where that fails."""
        for folder in (self._of(key, attempt), self.folder / str(key), self.folder):
            sync_folder(folder)

    def path(self, key: UUID, attempt: int, name: str) -> Path:
        return self._of(key, attempt) / f"{name}.gz"

    def remove(self, key: UUID) -> None:
        """Delete the files of an export; who is fetching one of them gets it to its end. What is not there is gone."""
        shutil.rmtree(self.folder / str(key), ignore_errors=True)

    def keys(self) -> list[UUID]:
        """Return the exports of which there are files."""
        if not self.folder.is_dir():
            return []
        return [UUID(one.name) for one in self.folder.iterdir() if _is_key(one.name)]

    def _of(self, key: UUID, attempt: int) -> Path:
        return self.folder / str(key) / str(attempt)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is whole and on the disk: its sizes in bytes, as NDJSON and packed."""

    name: str
    kind: str
    lines: int
    size: int
    packed: int
    is_message: bool = False


@dataclass(slots=True)
class Lines:
    """Writes the lines of one type of resources, into `Observation.1.ndjson`, `Observation.2.ndjson` …"""

    folder: Path
    kind: str
    most: int
    is_message: bool = False
    files: list[WrittenFile] = field(default_factory=list)
    _open: _OpenFile | None = None

    def write(self, line: bytes) -> None:
        """Write a line, without its end; raise OSError where the disk is full."""
        if self._open is None:
            name = f"{self.kind}.{len(self.files) + 1}.ndjson"
            self._open = _OpenFile.begin(self.folder, name)
        self._open.write(line)
        if self._open.lines >= self.most:
            self.finish()

    def finish(self) -> None:
        """Bring the file that is open to the disk."""
        if self._open is not None:
            name, lines, size, packed = self._open.finish()
            self.files.append(WrittenFile(name, self.kind, lines, size, packed, self.is_message))
            self._open = None

    def abandon(self) -> None:
        """Close what is open, whatever has happened to it."""
        if self._open is not None:
            self._open.raw.close()


@dataclass(slots=True)
class _OpenFile:
    name: str
    raw: BinaryIO
    packing: gzip.GzipFile
    lines: int = 0
    size: int = 0

    @classmethod
    def begin(cls, folder: Path, name: str) -> _OpenFile:
        raw = os.fdopen(os.open(folder / f"{name}.gz", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        return cls(name, raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0))

    def write(self, line: bytes) -> None:
        self.packing.write(line)
        self.packing.write(b"\n")
        self.lines += 1
        self.size += len(line) + 1

    def finish(self) -> tuple[str, int, int, int]:
        self.packing.close()
        self.raw.flush()
        os.fsync(self.raw.fileno())
        packed = self.raw.tell()
        self.raw.close()
        return self.name, self.lines, self.size, packed


@contextmanager
def lines_of(folder: Path, kind: str, *, most: int, is_message: bool = False) -> Iterator[Lines]:
    """Give a writer of lines; its files are on the disk when the block ends well."""
    lines = Lines(folder, kind, most, is_message)
    try:
        yield lines
        lines.finish()
    finally:
        lines.abandon()


def unpacked(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a packed file as NDJSON; raise OSError where it is gone."""
    with gzip.open(path, "rb") as file:
        while data := file.read(AT_ONCE):
            yield data


def _is_key(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
