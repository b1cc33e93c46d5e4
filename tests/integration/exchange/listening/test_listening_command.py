"""`lienthong exchange listen` and `send` as they are run: several processes, TLS by settings, an orderly end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from tests.factories.exchange import GLU, OBR, PID, astm_message, message
from tests.integration.exchange.analyzer import ACK, NAK, analyzer
from tests.integration.exchange.cluster import wait_until
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.own_certificates import Authority
from tests.integration.exchange.running import HOST

from lienthong.exchange.listening.client import send_messages
from lienthong.exchange.models import Source
from lienthong.results.models import InboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


def environment(**settings: str) -> dict[str, str]:
    at = connections["default"].settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "lienthong.config.settings", **settings}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "lienthong", "exchange", *arguments]


@contextlib.contextmanager
def listening_by_command(folder: Path, *options: str, **settings: str) -> Iterator[list[int]]:
    """Run the command; yield its ports; it must end well when it is told to."""
    told = folder / "ports"
    arguments = command("listen", "--port", "0", "--port-file", str(told), *options)
    process = subprocess.Popen(arguments, env=environment(**settings), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: told.exists() and bool(told.read_text()))
        yield [int(port) for port in told.read_text().split()]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def test_several_processes_share_a_port(committed_scene: Scene, tmp_path: Path) -> None:
    messages = [message(PID, OBR.replace("SX1", f"N{n}"), GLU, control_id=f"M{n}") for n in range(40)]

    with listening_by_command(tmp_path, "--processes", "2") as ports:
        wait_until(lambda: _accepts(ports[0]))
        sent = send_messages(messages, HOST, ports[0], connections=8)

    assert sent.by_code == {"AA": 40}
    assert InboxMessage.objects.count() == 40


def test_tls_is_set_by_the_environment_and_used_by_send(committed_scene: Scene, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.listener()
    own, own_key = authority.certificate("lis.sx.example")
    (tmp_path / "one.hl7").write_bytes(message())
    demand = command("require-certificate", "SX", "lis.sx.example")
    settings = {
        "LIENTHONG_MLLP_TLS_CERT": str(certificate),
        "LIENTHONG_MLLP_TLS_KEY": str(key),
        "LIENTHONG_MLLP_CLIENT_CA": str(authority.file),
        "LIENTHONG_MLLP_TLS_ONLY": "1",
    }

    assert subprocess.run(demand, env=environment(), stdout=subprocess.DEVNULL).returncode == 0
    with listening_by_command(tmp_path, "--tls-port", "0", **settings) as ports:
        files = ("--tls-ca", str(authority.file), "--tls-cert", str(own), "--tls-key", str(own_key))
        send = command("send", str(tmp_path / "one.hl7"), "--port", str(ports[0]), "--tls", *files)
        done = subprocess.run(send, env=environment(), capture_output=True, text=True)

    assert Source.objects.get(code="SX").certificate == "lis.sx.example"
    assert (len(ports), done.returncode, done.stdout.split()) == (1, 0, ["AA", "1"])


@pytest.mark.parametrize(
    ("options", "settings", "kept"),
    [
        pytest.param((), {}, 1, id="as it is"),
        pytest.param(("--stranger-mb", "0"), {}, 0, id="by option"),
        pytest.param((), {"LIENTHONG_MLLP_STRANGER_MB": "0.001"}, 0, id="by setting"),
    ],
)
def test_what_is_kept_of_strangers_is_set(
    committed_scene: Scene, tmp_path: Path, options: tuple[str, ...], settings: dict[str, str], kept: int
) -> None:
    with listening_by_command(tmp_path, *options, **settings) as ports:
        sent = send_messages([message(facility="NOBODY")], HOST, ports[0])

    assert sent.by_code == {"AE": 1}
    assert InboxMessage.objects.count() == kept


@pytest.mark.parametrize(
    ("options", "settings", "answer"),
    [
        pytest.param((), {"LIENTHONG_MLLP_STRANGER_MB": "0"}, ACK, id="as it is"),
        pytest.param(("--astm-stranger-mb", "0"), {}, NAK, id="by option"),
        pytest.param((), {"LIENTHONG_ASTM_STRANGER_MB": "0.001"}, NAK, id="by setting"),
    ],
)
@pytest.mark.parametrize("processes", ["1", "2"])
def test_what_is_kept_of_unknown_analyzers_is_set(
    processes: str,
    committed_scene: Scene,
    tmp_path: Path,
    options: tuple[str, ...],
    settings: dict[str, str],
    answer: bytes,
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = int(taken.getsockname()[1])
    options = ("--astm-port", str(port), "--processes", processes, *options)

    with listening_by_command(tmp_path, *options, **settings):
        wait_until(lambda: _accepts(port))
        with analyzer(port) as one:
            answers = one.deliver(astm_message("O|1|SP1"))

    assert answers[-1] == answer
    assert InboxMessage.objects.count() == (1 if answer == ACK else 0)


def test_tls_only_without_a_certificate_is_refused() -> None:
    done = subprocess.run(command("listen", "--tls-only"), env=environment(), capture_output=True)

    assert done.returncode == 2


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
