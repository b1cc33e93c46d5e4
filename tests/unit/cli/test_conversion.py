from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lienthong.cli.message_stream import Taken, bundles, messages
from lienthong.interop.hl7v2 import decode

ORU = (
    "MSH|^~\\&|LIS|BVDK|LT||20240305103007||ORU^R01^ORU_R01|M{n}|P|2.5.1\r"
    "PID|1||P1^^^BVDK^MR||Nguyen^An\rOBR|1|O1|F1|24323-8^Panel^LN|||20240305080000\r"
    "OBX|1|NM|1-8^A^LN||1.50|mmol/L|||||F|||20240305080000\r"
)
BATCH = f"FHS|^~\\&\rBHS|^~\\&\r{ORU.format(n=1)}{ORU.format(n=2)}BTS|2\rFTS|1\r"


def run(*arguments: str, stdin: bytes = b"") -> tuple[int, list[str], str]:
    done = subprocess.run(
        [sys.executable, "-m", "lienthong", "exchange", "convert", *arguments],
        input=stdin,
        capture_output=True,
        timeout=120,
    )
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_folder_is_converted_one_line_a_message(tmp_path: Path) -> None:
    (tmp_path / "a.hl7").write_bytes(BATCH.encode())
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.HL7").write_bytes(ORU.format(n=3).replace("\r", "\n").encode())
    (tmp_path / "other.txt").write_text("not a message")

    code, lines, told = run(str(tmp_path), "--to", "fhir")

    assert code == 0
    assert [json.loads(line)["identifier"]["value"] for line in lines] == ["M1", "M2", "M3"]
    assert "3 converted, 0 not" in told


def test_unreadable_message_gives_an_outcome_and_the_run_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "mixed.hl7"
    file.write_bytes(b"garbage\r" + ORU.format(n=1).encode() + b"MSH|^^\rPID|1\r" + ORU.format(n=2).encode())

    code, lines, told = run(str(file), "--to", "fhir")

    read = [json.loads(line) for line in lines]
    assert code == 1
    assert [one["resourceType"] for one in read] == ["OperationOutcome", "Bundle", "OperationOutcome", "Bundle"]
    assert read[2]["meta"]["source"] == "mixed.hl7#3"
    assert read[2]["issue"][0]["severity"] == "fatal"
    assert "2 converted, 2 not" in told


def test_way_back_from_lines_and_from_one_file(tmp_path: Path) -> None:
    _, lines, _ = run("-", "--to", "fhir", "--time-zone", "Asia/Ho_Chi_Minh", stdin=BATCH.encode())
    pretty = tmp_path / "pretty.fhir"
    pretty.write_text(json.dumps(json.loads(lines[0]), indent=1))

    code, written, _ = run("-", str(pretty), "--to", "hl7v2", stdin="\n".join(lines).encode())

    assert code == 0
    assert [line.split("|")[9] for line in written if line.startswith("MSH")] == ["M1", "M2", "M1"]
    assert [line.split("|")[5] for line in written if line.startswith("OBX")] == ["1.50", "1.50", "1.5"]
    assert [line.split("|")[14] for line in written if line.startswith("OBX")] == ["20240305080000"] * 3


def test_way_back_tells_what_is_no_bundle_and_goes_on() -> None:
    code, written, told = run("-", "--to", "hl7v2", stdin=b'{"resourceType": "Patient"}\n{"a":\n')

    assert (code, written) == (1, [])
    assert told.count('"resourceType":"OperationOutcome"') == 2


ZONES = [("+07:00", "08:00:00+07:00"), ("-0330", "08:00:00-03:30"), ("Asia/Shanghai", "08:00:00+08:00")]


@pytest.mark.parametrize(("zone", "expected"), ZONES)
def test_time_zone_is_that_of_times_without_an_offset(zone: str, expected: str) -> None:
    _, lines, _ = run("-", "--to", "fhir", "--time-zone", zone, stdin=ORU.encode())

    assert f'"effectiveDateTime":"2024-03-05T{expected}"' in lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere.hl7", "--to", "fhir"),
        ("-", "--to", "csv"),
        ("-",),
        ("-", "--to", "fhir", "--time-zone", "Mars/Olympus"),
        ("-", "--to", "fhir", "--charset", "klingon"),
    ],
)
def test_wrong_command_line_exits_with_2(arguments: tuple[str, ...]) -> None:
    code, lines, _ = run(*arguments)

    assert (code, lines) == (2, [])


def test_stamp_tells_of_the_conversion_and_transaction_has_requests() -> None:
    sent = ORU.replace("OBX|1", "ZZZ|1\rOBX|1").encode()

    _, lines, told = run("-", "--to", "fhir", "--stamp", "--bundle", "transaction", stdin=sent)

    bundle = json.loads(lines[0])
    assert "ZZZ: ZZZ has no place in the Bundle" in told
    assert "OperationOutcome" not in lines[0]
    assert bundle["type"] == "transaction"
    assert all(entry["request"]["method"] == "PUT" for entry in bundle["entry"])
    assert sum(entry["resource"]["resourceType"] == "Provenance" for entry in bundle["entry"]) == 2


def test_conversion_loads_neither_django_nor_a_database_driver(tmp_path: Path) -> None:
    file = tmp_path / "one.hl7"
    file.write_bytes(ORU.encode())
    program = (
        "import sys; from lienthong.cli import main\n"
        f"sys.argv = ['lienthong', 'exchange', 'convert', {str(file)!r}, '--to', 'fhir']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted(name for name in ('django', 'psycopg', 'lienthong.config') if name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    bundle, loaded = done.stdout.splitlines()
    assert json.loads(bundle)["resourceType"] == "Bundle"
    assert loaded == "[]"


def taken(found: Iterator[Taken]) -> list[bytes | str]:
    return [one.fault.code if one.fault else one.data for one in found]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_messages_are_the_same_however_the_stream_is_cut(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lienthong.cli.message_stream._CHUNK", size)
    stream = io.BytesIO(f"\ufeff{BATCH}\x0b{ORU.format(n=3)}\x1c\r".encode())

    found = taken(messages(stream, on_bytes=lambda count: None))

    assert found == [ORU.format(n=number).encode() for number in (1, 2, 3)]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [7, 2**20])
def test_messages_in_utf_16_are_parted_as_text(codec: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lienthong.cli.message_stream._CHUNK", size)
    sent = [ORU.format(n=number).replace("UNICODE UTF-8", "UNICODE UTF-16") for number in (1, 2)]

    found = [one.data for one in messages(io.BytesIO("".join(sent).encode(codec)), on_bytes=lambda _count: None)]

    assert [decoded.text for data in found if (decoded := decode(data)[0])] == sent


def test_line_feed_inside_a_field_does_not_part_a_message() -> None:
    sent = ORU.format(n=1).replace("1.50", "one\ntwo").encode()

    assert taken(messages(io.BytesIO(sent), on_bytes=lambda count: None)) == [sent]


def test_message_that_is_too_long_is_skipped_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lienthong.cli.message_stream._CHUNK", 64)
    long = ORU.format(n=1) + "NTE|1||" + "x" * 5000 + "\r"
    stream = io.BytesIO((ORU.format(n=0) + long + ORU.format(n=2)).encode())

    found = taken(messages(stream, on_bytes=lambda count: None, largest=1000))

    assert found == [ORU.format(n=0).encode(), "too-large", ORU.format(n=2).encode()]


def test_bundle_line_that_is_too_long_is_skipped_with_a_fault() -> None:
    lines: list[Any] = [{"a": 1}, {"b": "x" * 500}, {"c": 1}]
    stream = io.BytesIO("\n".join(json.dumps(line) for line in lines).encode())

    found = taken(bundles(stream, on_bytes=lambda count: None, largest=100))

    assert found == [b'{"a": 1}\n', "too-large", b'{"c": 1}']


class _Endless(io.RawIOBase):
    """Forty megabytes of messages that are made when they are read."""

    def __init__(self) -> None:
        self.left = 40

    def read(self, size: int = -1) -> bytes:
        self.left -= 1
        return ORU.format(n=1).encode() * (2**20 // len(ORU)) if self.left >= 0 else b""


def test_memory_does_not_grow_with_the_stream() -> None:
    tracemalloc.start()

    count = sum(1 for _ in messages(_Endless(), on_bytes=lambda count: None))  # type: ignore[arg-type]

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 100_000
    assert peak < 12 * 2**20


def test_time_does_not_grow_with_the_square_of_what_stands_before_a_message() -> None:
    sent = ORU.format(n=1).encode()

    found = taken(messages(io.BytesIO(b"\x0b" * 1_000_000 + b"x\r" + sent), on_bytes=lambda count: None))

    assert found == [b"x\r", sent]
