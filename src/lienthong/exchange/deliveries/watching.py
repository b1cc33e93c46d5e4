"""A watched folder: files are taken, delivered, and moved to `done` or `refused` with the reasons beside them.

A file is taken by renaming it into `taking`, which only one watcher can do. A watcher that is killed leaves it there,
and the next one goes on with it: the same bytes are the same delivery, so that nothing is stored twice. A file that is
still being written is left alone until its size and time have stood still; one that is written under a name beginning
with a point or ending in .tmp or .part, and renamed when it is whole, is taken at once after that.

Who may write into the folder is trusted with its own files only: links are never followed, for they may lead to what
another sender brought, or let another sender's folder be written.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from lienthong.core.actions import system_user
from lienthong.core.limits import most_delivery_bytes
from lienthong.errors import BadInput, LienthongError, NotFound
from lienthong.exchange.deliveries.actions import Parcel, findings_of, receive_delivery
from lienthong.exchange.deliveries.facts import reports_of
from lienthong.exchange.deliveries.models import Delivery
from lienthong.exchange.deliveries.multipart import compose
from lienthong.exchange.deliveries.pdf import is_pdf
from lienthong.exchange.deliveries.queue import DATABASE, is_lost, work_delivery
from lienthong.exchange.models import Source
from lienthong.exchange.wording import finding_words
from lienthong.findings import Finding

log = logging.getLogger(__name__)

WATCHER = "folder"
TAKING, DONE, REFUSED = "taking", "done", "refused"
SETTLE_SECONDS = 2.0
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", ".swp")
METADATA = ".json"
MOST_NAME, BESIDE = 255, len(".metadata.json")  # bytes of a file's name, and of what is put behind it


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the number of its delivery, if it became one, and what was wrong.

    `is_repeated`: the same bytes came before, and this file changed nothing.
    """

    name: str
    number: str
    is_refused: bool
    findings: tuple[Finding, ...]
    is_repeated: bool = False


@dataclass(slots=True)
class Watch:
    """One folder and the code of the source whose files come there; remembers how each file looked last.

    `language` is that in which it is said what is wrong with a file.
    """

    folder: Path
    source: str
    settle_seconds: float = SETTLE_SECONDS
    language: str = "en"
    seen: dict[str, tuple[tuple[int, int], float]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the folders beside the incoming files; raise NotFound where folder or source is not there."""
        if not self.folder.is_dir():
            raise NotFound(f"{self.folder} is not a folder; make it, then watch it")
        if not Source.objects.filter(code=self.source).exists():
            raise NotFound(f"no sender {self.source} is registered; register it, then watch the folder")
        for name in (TAKING, DONE, REFUSED):
            (self.folder / name).mkdir(exist_ok=True)

    def look(self, *, at: dt.datetime, now: float) -> list[Taken]:
        """Take what is whole, and go on with what an earlier watcher took; `now` is a clock in seconds."""
        for path in list(self._settled(now)):
            with contextlib.suppress(FileNotFoundError):  # another watcher was quicker
                path.rename(self._free(TAKING, path.name))
        with translation.override(self.language):
            taken = [path for path in sorted(self._own(TAKING).iterdir()) if self._is_own(path)]
            found = [self._deliver_one_of_many(path, at=at) for path in taken]
        return [one for one in found if one]

    def _deliver_one_of_many(self, path: Path, *, at: dt.datetime) -> Taken | None:
        """Deliver a taken file; one that fails waits for another look and holds up no other.

        What is wrong with the folder, the sender or the database goes up: it is so for the others as well.
        """
        try:
            return self._deliver(path, at=at)
        except (OSError, LienthongError):
            raise
        except Exception as error:  # whatever it is, the next file is not at fault
            if is_lost(error):
                raise
            log.error("a file in %s waits for another look: %s", self._own(TAKING), type(error).__name__)
            return None

    def _settled(self, now: float) -> Iterator[Path]:
        names = set()
        for path in sorted(self.folder.iterdir()):
            if not path.is_file() or path.name.startswith(".") or path.suffix.lower() in UNFINISHED:
                continue
            names.add(path.name)
            with contextlib.suppress(FileNotFoundError):
                told = path.stat()
                look = (told.st_size, told.st_mtime_ns)
                before, since = self.seen.get(path.name, (None, now))
                if before != look:
                    self.seen[path.name] = (look, now)
                elif now - since >= self.settle_seconds and not self._waits_for_pdf(path):
                    yield path
        self.seen = {name: look for name, look in self.seen.items() if name in names}

    def _waits_for_pdf(self, path: Path) -> bool:
        """Whether a file is metadata of a PDF, which go together: the PDF takes them with it."""
        return path.suffix.lower() == METADATA and _pdf_beside(path) is not None

    def _is_own(self, path: Path) -> bool:
        """Whether a taken file is delivered by itself, and not as the metadata of a PDF."""
        return (path.is_file() or path.is_symlink()) and not self._waits_for_pdf(path)

    def _deliver(self, path: Path, *, at: dt.datetime) -> Taken | None:
        """Deliver a taken file and move it; None where it has to wait for another process."""
        try:
            data = self._content(path)
            client = str(self.folder)[-300:]
            parcel = Parcel(data=data, entrance="folder", client=client, name=path.name, language=self.language)
            receipt = receive_delivery(parcel, source=self.source, by=system_user(WATCHER), at=at)
        except FileNotFoundError:
            return None
        except BadInput as refused:
            return self._move(path, Taken(path.name, "", True, refused.findings))
        work_delivery(receipt.id, at=at)
        row = Delivery.objects.defer("content").get(pk=receipt.id)
        if row.state not in (Delivery.State.SPLIT, Delivery.State.REFUSED):
            return None
        reasons = _refused_of(row)
        is_refused = row.state == Delivery.State.REFUSED or 0 < row.pieces_found == len(reasons)
        findings = (*findings_of(row), *(finding for one in reasons for finding in one))
        return self._move(path, Taken(path.name, row.number, is_refused, findings, receipt.is_repeated))

    def _content(self, path: Path) -> bytes:
        """Return what is delivered of a file; raise BadInput where it can't be, so that it stands in nobody's way."""
        try:
            return self._read(path)
        except FileNotFoundError:
            raise
        except OSError as error:
            told = _("The file can't be read; let the watching program read it, then put it into the folder again.")
            raise BadInput([Finding(path.name, "not-readable", told)]) from error

    def _read(self, path: Path) -> bytes:
        data = _bytes_of(path)
        beside = _metadata_of(path, self.folder)
        return compose(_bytes_of(beside), data, title=path.name) if is_pdf(data) and beside else data

    def _move(self, path: Path, taken: Taken) -> Taken:
        """Write what was wrong beside the place where the file goes, then move it: the file itself comes last."""
        target = self._free(REFUSED if taken.is_refused else DONE, path.name)
        if taken.findings or taken.is_refused:
            told = {"number": taken.number, "findings": [asdict(one) for one in taken.findings]}
            lines = "\n".join(str(one) for one in taken.findings)
            _write(target.with_name(f"{target.name}.reasons.json"), json.dumps(told, ensure_ascii=False, indent=1))
            _write(target.with_name(f"{target.name}.reasons.txt"), f"{taken.number}\n{lines}\n".lstrip("\n"))
        with contextlib.suppress(FileNotFoundError):
            if beside := _metadata_of(path, self.folder):
                beside.rename(target.with_name(f"{target.name}.metadata.json"))
            path.rename(target)
        return taken

    def _free(self, folder: str, name: str) -> Path:
        """Return a path that no file has yet: report.csv, report.2.csv …"""
        own, most = self._own(folder), MOST_NAME if folder == TAKING else MOST_NAME - BESIDE
        path = own / _fitting(name, most=most)
        number = 1
        while os.path.lexists(path):
            number += 1
            path = own / _fitting(name, f".{number}", most=most)
        return path

    def _own(self, name: str) -> Path:
        """Return one of the watcher's folders; raise OSError where a link stands in its place."""
        path = self.folder / name
        if path.is_symlink():
            raise NotADirectoryError(f"{path} is a link; make it a folder")
        return path


def watch(
    one: Watch,
    stop: threading.Event,
    *,
    clock: Callable[[], dt.datetime],
    on_taken: Callable[[Taken], None],
    look_seconds: float = 1.0,
) -> None:
    """Watch a folder until `stop` is set. A lost database is waited for; the files wait in the folder."""
    one.prepare()
    while True:
        try:
            for taken in one.look(at=clock(), now=time.monotonic()):
                on_taken(taken)
        except DATABASE as error:
            log.warning("the watched folder waits for the database: %s", type(error).__name__)
            connection.close()
        except OSError as error:
            log.warning("the watched folder %s can't be read or written: %s", one.folder, error.strerror)
        if stop.wait(look_seconds):
            return


def _refused_of(row: Delivery) -> list[list[Finding]]:
    """Return for each report of a delivery that was refused as it came why that is, of the first hundreds."""
    return [
        [Finding(f"{one.where}/{found.where}", found.code, finding_words(found)) for found in one.findings]
        for one in reports_of(row)
        if one.state == "rejected"
    ]


def _bytes_of(path: Path) -> bytes:
    """Return what a file holds; raise BadInput where it is too large, or is a link or anything else that is no file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _no_file(path) from None
        raise
    with os.fdopen(handle, "rb") as file:
        told = os.fstat(handle)
        if not stat.S_ISREG(told.st_mode):
            raise _no_file(path)
        if told.st_size > (most := most_delivery_bytes()):
            words = _("The file is larger than %(most)d MB") % {"most": most // 1024**2}
            raise BadInput([Finding(path.name, "too-large", words)])
        return file.read(most + 1)


def _no_file(path: Path) -> BadInput:
    return BadInput([Finding(path.name, "no-file", _("This is a link, or no plain file; put the file itself here."))])


def _fitting(name: str, number: str = "", *, most: int) -> str:
    """Return a name with a number, in UTF-8 and of not more bytes than a folder takes."""
    stem, suffix = os.path.splitext(os.fsencode(name).decode(errors="replace"))
    end = f"{number}{suffix}"
    return stem.encode()[: max(most - len(end.encode()), 1)].decode(errors="ignore") + end


def _write(path: Path, text: str) -> None:
    """Write a file anew, never through a link."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _pdf_beside(path: Path) -> Path | None:
    """Return the PDF of the same name."""
    return next((one for one in (path.with_suffix(".pdf"), path.with_suffix(".PDF")) if one.exists()), None)


def _metadata_of(path: Path, folder: Path) -> Path | None:
    """Return the metadata of a taken PDF: taken with it, or still in the folder."""
    if path.suffix.lower() != ".pdf":
        return None
    places = (path.with_suffix(METADATA), folder / f"{path.stem}{METADATA}")
    return next((one for one in places if one.exists()), None)
