"""`lienthong log verify --witness`: who cosigned the heads that were kept, and what is no cosignature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from tools import log_sample
from typer.testing import CliRunner

from lienthong.cli.log import app
from lienthong.core.log.cosignatures import witness_key
from lienthong.errors import LienthongError

OTHER = witness_key("other.example", log_sample.KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log_sample.write(tmp_path)
    return tmp_path


def verify(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["verify", str(folder / "log.ndjson"), *words])


def test_witness_that_cosigned_is_named_with_the_time(folder: Path) -> None:
    done = verify(folder, "--head", str(folder / "cosigned-head.txt"), "--witness", str(log_sample.WITNESS))

    assert done.exit_code == 0
    assert "cosigned-head.txt: cosigned by witness.example/moh at 2026-11-20T05:00:30+00:00" in done.stdout


def test_witness_that_did_not_cosign_is_named_too(folder: Path) -> None:
    heads = ("--head", str(folder / "cosigned-head.txt"), "--head", str(folder / "kept-head.txt"))
    done = verify(folder, *heads, "--witness", str(log_sample.WITNESS), "--witness", str(OTHER), "--json")

    assert done.exit_code == 0
    assert [
        (one["head"], one["witness"], bool(one["cosigned_at"])) for one in json.loads(done.stdout)["witnesses"]
    ] == [
        ("cosigned-head.txt", "witness.example/moh", True),
        ("kept-head.txt", "witness.example/moh", False),
        ("cosigned-head.txt", "other.example", False),
        ("kept-head.txt", "other.example", False),
    ]


def test_wrong_cosignature_is_a_finding(folder: Path) -> None:
    line = log_sample.cosigned(6).removeprefix(log_sample.note(6))
    (folder / "moved.txt").write_text(log_sample.note(3) + line, "utf-8")

    done = verify(folder, "--head", str(folder / "moved.txt"), "--witness", str(log_sample.WITNESS))

    assert done.exit_code == 1
    assert "First wrong: moved.txt: " in done.stdout
    assert "[cosignature-wrong]" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--witness", str(log_sample.WITNESS)),
        ("--head", "HEAD", "--witness", "hello"),
        ("--head", "HEAD", "--witness", str(log_sample.VERIFIER)),
        ("--head", "nowhere.txt", "--witness", str(log_sample.WITNESS)),
    ],
    ids=["no head", "no key", "key of a log", "no file"],
)
def test_what_can_t_be_used_is_refused(folder: Path, words: tuple[str, ...]) -> None:
    given = [str(folder / "cosigned-head.txt") if one == "HEAD" else one for one in words]

    done = verify(folder, *given)

    assert isinstance(done.exception, LienthongError)
