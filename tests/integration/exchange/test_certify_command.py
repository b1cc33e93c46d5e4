"""`lienthong exchange certify`: opening, cases as files, the verdicts, the signed report and its check."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest
from tests.integration.exchange.conftest import Scene
from typer.testing import CliRunner, Result

from lienthong.cli.exchange import app
from lienthong.core.secrets import public_key, signing_key
from lienthong.errors import NotFound
from lienthong.exchange.certification import signing
from lienthong.exchange.certification.cases import cases
from lienthong.exchange.certification.models import Certification
from lienthong.interop import hl7v2


def certify(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["certify", *arguments])


@pytest.fixture(autouse=True)
def _database_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lienthong.cli.certify.start", lambda **_options: None)


@pytest.mark.django_db
def test_run_is_opened_replayed_from_its_files_and_signed(scene: Scene, tmp_path: Path) -> None:
    opened = certify("--source", "SX", "--open", "--cases", str(tmp_path / "cases"))
    files = sorted((tmp_path / "cases").glob("*.hl7"))
    scene.process(*[one for file in files for one in hl7v2.split_batch(file.read_bytes())[0]])
    judged = certify("--source", "SX", "--json")
    closed = certify("--source", "SX", "--close")
    run = Certification.objects.get()
    (tmp_path / "run.jws").write_text(run.signed)
    (tmp_path / "key.pem").write_text(public_key())
    checked = certify("--verify", str(tmp_path / "run.jws"), "--public-key", str(tmp_path / "key.pem"))

    assert opened.exit_code == 1
    assert f"0 of {len(cases())} cases passed" in opened.stdout
    assert {one["verdict"] for one in json.loads(judged.stdout)} == {"passed"}
    assert (judged.exit_code, closed.exit_code, checked.exit_code) == (0, 0, 0)
    assert run.has_passed
    assert json.loads(checked.stdout)["sub"] == "SX"


def test_signature_that_was_changed_is_told_and_exits_with_1(tmp_path: Path) -> None:
    signed = tmp_path / "run.jws"
    signed.write_text(signing.sign({"sub": "SX"})[:-8] + "AAAAAAAA")

    checked = certify("--verify", str(signed))

    assert checked.exit_code == 1
    assert "not a report that this key signed" in checked.output


def test_signature_of_something_else_is_no_report(tmp_path: Path) -> None:
    signed = tmp_path / "other.jws"
    signed.write_text(jwt.encode({"sub": "SX", "kind": "session"}, signing_key(), algorithm="EdDSA"))

    assert certify("--verify", str(signed)).exit_code == 1


@pytest.mark.django_db
def test_sender_without_an_open_run_is_told_what_to_do(scene: Scene) -> None:
    found = certify("--source", "SX")

    assert isinstance(found.exception, NotFound)
    assert "--open" in str(found.exception)


def test_command_without_a_sender_is_wrong() -> None:
    assert certify().exit_code == 2
