"""A server on a port, a client on the other side: a token by HTTP, and one assertion used by two at once."""

from __future__ import annotations

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer
from tests.integration.core.token_calls import EC_KEY, claims, hospital_system, signed
from typer.testing import CliRunner

from lienthong.cli import app
from lienthong.cli.token_request import ask_for_token
from lienthong.core import signing_keys
from lienthong.core.models import AccessToken, ClientKey

pytestmark = pytest.mark.django_db(transaction=True)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def test_published_endpoint_gives_a_token_to_the_command(live_server: LiveServer, tmp_path: Path) -> None:
    """As docs/access.md tells: a pair is made, its public half registered, and the command asks for a token."""
    system = hospital_system()
    pem, jwks = tmp_path / "private.pem", tmp_path / "jwks.json"
    made = CliRunner().invoke(app, ["access", "key", str(pem), "--jwks", str(jwks)])
    jwk = json.loads(jwks.read_text())["keys"][0]
    ClientKey.objects.create(system=system, key_id=jwk["kid"], jwk=jwk, valid_from=now())
    with urlopen(f"{live_server.url}/.well-known/smart-configuration") as answer:  # noqa: S310 — our own server
        url = json.load(answer)["token_endpoint"]

    words = ["access", "token", system.client_id, "--key", str(pem), "--url", url, "--scope", "system/*.rs"]
    asked = CliRunner().invoke(app, words)

    assert made.exit_code == 0
    assert pem.stat().st_mode & 0o777 == 0o600
    assert asked.exit_code == 0, asked.output
    assert json.loads(asked.stdout)["scope"] == "system/Observation.rs system/Patient.rs"


def test_command_shows_why_a_token_is_refused(live_server: LiveServer, tmp_path: Path) -> None:
    pem = tmp_path / "private.pem"
    pem.write_bytes(signing_keys.new_private_key())
    words = ["access", "token", "nobody", "--key", str(pem), "--url", f"{live_server.url}/auth/token", "--scope", "a"]

    asked = CliRunner().invoke(app, words)

    assert asked.exit_code == 1
    assert json.loads(asked.stderr)["error"] == "invalid_client"


def test_one_assertion_used_by_two_at_once_gives_one_token(live_server: LiveServer) -> None:
    hospital_system()
    url = f"{live_server.url}/auth/token"
    barrier = threading.Barrier(2)

    def ask(assertion: str) -> int:
        barrier.wait()
        return ask_for_token(url, assertion, "system/Patient.rs")[0]

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            assertion = signed(claims(at=now(), aud=url), key=EC_KEY)
            assert sorted(pool.map(ask, (assertion, assertion))) == [200, 401]

    assert AccessToken.objects.count() == 5
    connection.close()
