"""A PostgreSQL of the test's own, with crash safety on, and the laboratory SX in it: it can be killed and started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from tests.factories.servers import discard

from lienthong.core.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60
PREPARE = """
import django; django.setup()
from lienthong.cli.start import bring_up_to_date
bring_up_to_date()
from tests.integration.exchange.conftest import make_scene
make_scene()
from lienthong.registry.models import Region
from tests.factories.registry import RegionFactory, RegionParentFactory
nation = RegionFactory(code="VN")
for region in Region.objects.exclude(pk=nation.pk):
    RegionParentFactory(region=region, parent=nation)
"""
# Makes processes that have Django loaded already: a killed listener or worker is there again within a moment.
NURSERY = """
import os, signal, sys, threading
import django; django.setup()
from lienthong.exchange.listening.listener import Conduct, run_listener
from lienthong.exchange.processing.worker import run_worker
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    kind, port, patience = line.split()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        if kind == "listener":
            run_listener("127.0.0.1", int(port), stop=stop, conduct=Conduct(give_up_seconds=float(patience)))
        else:
            run_worker(stop, idle_seconds=0.02)
        os._exit(0)
    print(child, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The server, its address for processes, and plain questions to it."""

    server: EmbeddedServer

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        return {
            **os.environ,
            "DATABASE_URL": self.server.url(),
            "DJANGO_SETTINGS_MODULE": "lienthong.config.settings",
            "PYTHONPATH": path,
        }

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query, on a connection of its own; what it writes is committed."""
        with psycopg.connect(self.server.url(), autocommit=True, application_name="test") as connection:
            cursor = connection.execute(query, parameters)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def crash(self) -> None:
        """Kill the server and all its processes at once, as a power failure would."""
        postmaster = int((self.server.cluster / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)
        victims = [*_children(postmaster), postmaster]
        for process in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not any(_is_running(one) for one in victims))
        (self.server.cluster / "postmaster.pid").unlink()  # a dead one that init has not fetched yet would look alive


@contextlib.contextmanager
def own_cluster() -> Iterator[Cluster]:
    """Make a cluster and its scene; remove both afterwards."""
    (ROOT / ".data").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="cluster-", dir=ROOT / ".data"))
    folder.chmod(0o755)
    cluster = Cluster(EmbeddedServer(folder))
    try:
        cluster.server.start()
        subprocess.run([sys.executable, "-c", PREPARE], env=cluster.environment, check=True, cwd=ROOT)
        yield cluster
    finally:
        discard(cluster.server)
        shutil.rmtree(folder, ignore_errors=True)


class Nursery:
    """Starts listeners and workers as processes of their own, and kills them."""

    def __init__(self, cluster: Cluster) -> None:
        self.log = (cluster.server.folder / "processes.log").open("w")
        self.mother = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            env=cluster.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.children: set[int] = set()

    def start(self, kind: str, port: int = 0, *, patience: float = 30.0) -> int:
        """Start one; a listener answers after so many seconds where the database takes nothing."""
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        self.mother.stdin.write(f"{kind} {port} {patience}\n")
        self.mother.stdin.flush()
        child = int(self.mother.stdout.readline())
        self.children.add(child)
        return child

    def end(self, child: int, number: int = signal.SIGKILL) -> None:
        """Send a signal and wait until the process is gone."""
        os.kill(child, number)
        wait_until(lambda: not _is_running(child))
        self.children.discard(child)

    def close(self) -> None:
        for child in list(self.children):
            with contextlib.suppress(ProcessLookupError):
                self.end(child)
        self.mother.communicate()
        self.log.close()


@contextlib.contextmanager
def nursery(cluster: Cluster) -> Iterator[Nursery]:
    """Have processes until the block ends; then all are gone."""
    one = Nursery(cluster)
    try:
        yield one
    finally:
        one.close()


def wait_until(is_so: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Wait for a condition; AssertionError where it does not come about in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"it did not happen within {seconds:g} s"
        time.sleep(0.01)


def resident_bytes(process: int) -> int:
    """Return how much memory a process holds now (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def _children(parent: int) -> list[int]:
    return [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/stat")
        if (text := _read(path)) and int(text.rsplit(")", 1)[1].split()[1]) == parent
    ]


def _is_running(process: int) -> bool:
    text = _read(Path(f"/proc/{process}/stat"))
    return bool(text) and text.rsplit(")", 1)[1].split()[0] not in "ZX"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
