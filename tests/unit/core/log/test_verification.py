"""A log in a file is checked without a database, and the first wrong leaf is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tools import log_sample as sample
from typer.testing import CliRunner, Result

from lienthong.cli.log import app
from lienthong.core.log.checkpoints import read
from lienthong.core.log.files import NotALog, key_of, verify_file, writing
from lienthong.core.log.verification import Verified

Lines = list[dict[str, object]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sample.write(tmp_path)
    return tmp_path


def changed(folder: Path, change: Callable[[Lines], object], name: str = "log.ndjson") -> Path:
    """Return a copy of the sample after a change of its lines."""
    lines = [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
    change(lines)
    path = folder / "changed.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def checked(path: Path) -> Verified:
    return verify_file(path, sample.VERIFIER)


def verify(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["verify", *arguments])


def leaf(lines: Lines, position: int) -> dict[str, object]:
    return next(line for line in lines if line.get("position") == position)


def reseal(lines: Lines) -> None:
    """Change a statement and its digest with it, as someone would who knows the form."""
    from lienthong.core.log.files import leaf_line
    from lienthong.core.log.sealing import seal
    from lienthong.core.log.verification import Claim

    claim = Claim(4, seal(b"{}", salt=bytes(16)), bytes(16), b"{}")
    line = leaf_line(claim)
    leaf(lines, 4).update(digest=line.digest, salt=line.salt, statement=line.statement)


def test_sample_has_no_fault(folder: Path) -> None:
    found = checked(folder / "log.ndjson")

    assert (found.leaves, found.statements, found.checkpoints, found.unsigned, found.wrong) == (7, 7, 3, 0, 0)
    assert found.head == read(sample.note(7), sample.VERIFIER)
    assert key_of(folder / "log.ndjson") == sample.VERIFIER


def test_packed_file_is_the_same_log(tmp_path: Path) -> None:
    with writing(tmp_path / "log.ndjson.gz", sample.VERIFIER) as put:
        for line in sample.whole():
            put(line)

    assert checked(tmp_path / "log.ndjson.gz").leaves == 7


def test_file_of_patients_results_is_its_owner_s_alone(folder: Path) -> None:
    assert (folder / "log.ndjson").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (lambda lines: leaf(lines, 4).update(statement="{}"), "content-differs", "leaf 4"),
        (lambda lines: leaf(lines, 4).update(salt="AAAAAAAAAAAAAAAAAAAAAA=="), "content-differs", "leaf 4"),
        (lambda lines: leaf(lines, 4).update(digest=leaf(lines, 5)["digest"]), "content-differs", "leaf 4"),
        (reseal, "root-differs", "leaf 3 to 5"),
        (lambda lines: lines.remove(leaf(lines, 4)), "leaf-missing", "leaf 4"),
        (lambda lines: lines.insert(6, leaf(lines, 4)), "leaf-out-of-order", "leaf 4"),
        (lambda lines: lines.remove(leaf(lines, 6)), "log-cut", "leaf 6"),
        (lambda lines: lines[4].update(note=sample.note(2)), "checkpoint-out-of-place", "checkpoint of 2 leaves"),
        (lambda lines: lines[4].update(note="x"), "checkpoint-not-signed", "checkpoint after 3 leaves"),
        (
            lambda lines: lines[4].update(note=sample.note(3).replace("\n3\n", "\n2\n")),
            "checkpoint-not-signed",
            "checkpoint after 3 leaves",
        ),
    ],
    ids=[
        "statement", "salt", "digest", "statement and digest", "leaf taken out", "leaf twice", "end cut off",
        "old checkpoint", "no checkpoint", "changed checkpoint",
    ],
)  # fmt: skip
def test_change_is_found_and_the_first_wrong_place_named(
    folder: Path, change: Callable[[Lines], object], code: str, where: str
) -> None:
    first = checked(changed(folder, change)).first

    assert first is not None
    assert (first.code, first.where) == (code, where)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda lines: lines[1]["leaf"].update(statement="{}"), "content-differs"),
        (lambda lines: lines[1].update(hashes=lines[1]["hashes"][::-1]), "proof-differs"),
        (lambda lines: lines[1].update(size=6), "proof-differs"),
        (lambda lines: lines[1].update(note=sample.note(6)), "proof-differs"),
        (lambda lines: lines[1]["leaf"].update(position=5), "proof-differs"),
        (lambda lines: lines[1].update(note=""), "checkpoint-not-signed"),
    ],
    ids=["statement", "hashes", "size", "checkpoint", "position", "no checkpoint"],
)
def test_changed_proof_of_one_report_proves_nothing(folder: Path, change: Callable[[Lines], object], code: str) -> None:
    path = changed(folder, change, "report.ndjson")

    assert [one.code for one in checked(path).findings] == [code]


def test_one_report_is_proved_by_itself(folder: Path) -> None:
    found = checked(folder / "report.ndjson")

    assert (found.leaves, found.statements, found.wrong) == (1, 1, 0)


def test_log_without_statements_is_checked_by_its_roots(folder: Path) -> None:
    def strip(lines: Lines) -> None:
        for line in lines:
            line.pop("statement", None)
            line.pop("salt", None)

    found = checked(changed(folder, strip))

    assert (found.leaves, found.statements, found.checkpoints, found.wrong) == (7, 0, 3, 0)


def test_kept_head_finds_that_the_log_was_written_anew(folder: Path) -> None:
    """The whole log was forged and signed anew with the log's own key; only who kept a head can tell."""
    lines = [one for one in sample.whole() if getattr(one, "position", 0) < 4][:5]
    with writing(folder / "forged.ndjson", sample.VERIFIER) as put:
        for line in lines:
            put(line)

    alone = verify(str(folder / "forged.ndjson"), "--key", str(sample.VERIFIER))
    beside = verify(str(folder / "forged.ndjson"), "--head", str(folder / "kept-head.txt"))

    assert alone.exit_code == 0
    assert beside.exit_code == 1
    assert "First wrong: leaf 4: 6 leaves were signed" in beside.stdout


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ":1 must name the log"),
        ('{"kind":"leaf","position":0,"digest":""}\n', ":1 must name"),
        ("x\n", ":1 is no line"),
    ],
)
def test_file_that_is_no_log_is_refused_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text(text)

    with pytest.raises(NotALog, match=place):
        key_of(path)


def test_command_says_what_it_checked_and_exits_with_0(folder: Path) -> None:
    done = verify(str(folder / "log.ndjson"), "--key", str(sample.VERIFIER), "--json")

    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (said["leaves"], said["wrong"], said["first"], said["head"]["size"]) == (7, 0, None, 7)


def test_command_names_the_first_wrong_leaf_and_exits_with_1(folder: Path) -> None:
    path = changed(folder, lambda lines: leaf(lines, 4).update(statement="{}"))

    plain, machine = verify(str(path)), verify(str(path), "--json")

    assert (plain.exit_code, machine.exit_code) == (1, 1)
    assert "First wrong: leaf 4: the statement or its salt is not what was entered" in plain.stdout
    assert json.loads(machine.stdout)["first"]["where"] == "leaf 4"


def test_checking_a_file_starts_no_django(folder: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from lienthong.cli.log.verifying import verify; from pathlib import Path; "
        f"verify(Path({str(folder / 'log.ndjson')!r}), '', [], False); print('django' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "False"
