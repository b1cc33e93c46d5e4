"""`lienthong exchange convert`: HL7 v2 messages and exports as FHIR R4 Bundles, and back. No database, no Django."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from lienthong.cli.export_files import SUFFIX, exported_messages
from lienthong.cli.message_stream import Taken, bundles, messages
from lienthong.cli.progress import steps
from lienthong.findings import Finding
from lienthong.interop import fhir, hl7v2

_SUFFIXES = {"fhir": (".hl7", SUFFIX), "hl7v2": (".fhir", ".json", ".ndjson")}
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):?([0-5]\d)", re.ASCII)


class Target(StrEnum):
    """What is written."""

    FHIR = "fhir"
    HL7V2 = "hl7v2"


class BundleKind(StrEnum):
    """The type of the Bundles: a message is what HL7's map makes; a transaction is what a FHIR server takes at `/`."""

    MESSAGE = "message"
    TRANSACTION = "transaction"
    COLLECTION = "collection"


@dataclass(slots=True)
class _Run:
    """How one run converts, and how many messages it did."""

    zone: tzinfo | None
    charset: str
    kind: BundleKind
    stamp: datetime | None
    out: BinaryIO
    converted: int = 0
    failed: int = 0
    findings: int = 0

    def to_fhir(self, taken: Taken, source: str) -> None:
        message, findings = (None, (taken.fault,)) if taken.fault else self._parse(taken.data)
        self.write_bundle(message, findings, source)

    def write_bundle(self, message: hl7v2.Message | None, findings: tuple[Finding, ...], source: str) -> None:
        if message is None:
            self._write(_outcome(findings, source))
            self.failed += 1
            return
        done = fhir.to_bundle(
            message, zone=self.zone, bundle_type=self.kind.value, findings=findings, converted_at=self.stamp
        )
        self._write(fhir.dumps(done.bundle))
        self.converted += 1
        self.findings += bool(done.findings)
        if self.kind is BundleKind.TRANSACTION:  # a server would store an OperationOutcome
            for finding in done.findings:
                typer.echo(f"{source}: {finding}", err=True)

    def to_hl7v2(self, taken: Taken, source: str) -> None:
        written = fhir.Written(None, (taken.fault,)) if taken.fault else _written(taken.data)
        if written.message is None:
            typer.echo(_outcome(written.findings, source), err=True)
            self.failed += 1
            return
        self.out.write(hl7v2.write(written.message) + b"\n")
        self.converted += 1

    def _parse(self, data: bytes) -> tuple[hl7v2.Message | None, tuple[Finding, ...]]:
        return hl7v2.parse(data, default_charset=self.charset)

    def _write(self, line: str) -> None:
        self.out.write(line.encode() + b"\n")


def convert(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files or folders; - reads standard input"),
    ],
    to: Annotated[Target, typer.Option(help="fhir: HL7 v2 to FHIR R4 Bundles; hl7v2: the way back")],
    time_zone: Annotated[
        str, typer.Option(help="Zone of times without an offset, as Asia/Ho_Chi_Minh or +07:00, where MSH-7 has none")
    ] = "",
    charset: Annotated[str, typer.Option(help="Character set of messages with a blank MSH-18")] = "utf-8",
    bundle: Annotated[BundleKind, typer.Option(help="Type of the Bundles")] = BundleKind.MESSAGE,
    stamp: Annotated[bool, typer.Option("--stamp", help="Tell in each Bundle when it was converted")] = False,
) -> None:
    """Convert HL7 v2 messages to FHIR R4 Bundles, one a line, or Bundles to HL7 v2.5.1 messages.

    With --to fhir, .xml files are Viet Nam's insurance export or China's reports in CDA: each report makes a Bundle.

    What can't be read gives an OperationOutcome, and the run goes on. Exit codes: 0 all were converted; 1 some were
    not; 2 the command line is wrong.
    """
    if hl7v2.find_codec(charset) is None:
        raise typer.BadParameter(
            "must be a name of HL7 table 0211, or WINDOWS-1258, GBK, GB2312", param_hint="--charset"
        )
    now = datetime.now(UTC) if stamp else None  # noqa: TID251 - the shell reads the clock, without Django here
    run = _Run(_zone(time_zone), charset, bundle, now, typer.get_binary_stream("stdout"))
    if missing := [path for path in paths if str(path) != "-" and not path.exists()]:
        raise typer.BadParameter(f"{missing[0]} is not there; give a file, a folder, or -", param_hint="PATHS")
    files = [file for path in paths for file in _files(path, _SUFFIXES[to.value])]
    with _progress(files) as on_bytes:
        for file in files:
            _convert_file(file, run, to, on_bytes)
    run.out.flush()
    typer.echo(f"{run.converted} converted, {run.failed} not; {run.findings} with findings", err=True)
    if run.failed:
        sys.exit(1)


def _convert_file(file: Path, run: _Run, to: Target, on_bytes: Callable[[int], None]) -> None:
    if to is Target.FHIR and file.suffix.lower() == SUFFIX:
        _convert_export(file, run, on_bytes)
        return
    take = messages if to is Target.FHIR else bundles
    write = run.to_fhir if to is Target.FHIR else run.to_hl7v2
    try:
        with _opened(file) as stream:
            for number, taken in enumerate(take(stream, on_bytes=on_bytes), start=1):
                write(taken, f"{quote(file.name)}#{number}")
    except OSError as error:
        fault = Finding("file", "file-unreadable", f"The file could not be read: {error.strerror or 'unknown cause'}.")
        write(Taken(b"", fault), quote(file.name))


def _convert_export(file: Path, run: _Run, on_bytes: Callable[[int], None]) -> None:
    try:
        data = file.read_bytes()
    except OSError as error:
        told = f"The file could not be read: {error.strerror or 'unknown cause'}."
        run.write_bundle(None, (Finding("file", "file-unreadable", told),), quote(file.name))
        return
    on_bytes(len(data))
    for number, (message, findings) in enumerate(exported_messages(data), start=1):
        run.write_bundle(message, findings, f"{quote(file.name)}#{number}")


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield typer.get_binary_stream("stdin")
        return
    with file.open("rb") as stream:
        yield stream


def _files(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes and file.is_file())


@contextmanager
def _progress(files: list[Path]) -> Iterator[Callable[[int], None]]:
    """Show a bar of kilobytes where a person looks on and the output goes elsewhere."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda count: None
        return
    total = sum(file.stat().st_size for file in files if str(file) != "-")
    with steps() as shown:
        forward = shown.advance("converting (kB)", total // 1000)
        pending = 0

        def on_bytes(count: int) -> None:
            nonlocal pending
            pending += count
            forward(pending // 1000)
            pending %= 1000

        yield on_bytes


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    if match := _OFFSET.fullmatch(name):
        away = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-away if match[1] == "-" else away)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        text = "must be a zone as Asia/Ho_Chi_Minh, or an offset as +07:00"
        raise typer.BadParameter(text, param_hint="--time-zone") from None


def _written(data: bytes) -> fhir.Written:
    try:
        read = fhir.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        fault = Finding("Bundle", "not-json", "The text is not JSON: give a Bundle, or one Bundle a line.")
        return fhir.Written(None, (fault,))
    return fhir.from_bundle(read)


def _outcome(findings: tuple[Finding, ...], source: str) -> str:
    return fhir.dumps({**fhir.operation_outcome(map(fhir.issue_of, findings)), "meta": {"source": source}})
