"""Transaction Bundles over HTTP, durable when they are answered, beside Medplum's router on its store in memory.

The work is BUN of ../shared/bench: 13 resources, ten of them results. Here a Bundle is checked against R4, kept as
received, tied to a patient, coded, stored as a report with results, sealed and committed; several connections send at
once, from a process of their own. The peer is called in its own process, without HTTP and without a disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.fhir_scene import Client, own_token, served
from bench.province import province
from bench.timing import Table
from bench.works import works

BUNDLES, RESOURCES, CONNECTIONS, PROCESSES = 400, 13, 16, 2
TARGET = 2.0
MEDPLUM = Path(__file__).with_name("medplum")


def measure(table: Table) -> None:
    """Print how long a Bundle takes here, and how that compares."""
    with province(laboratories=50):
        token = own_token("F0000", "S0000")
        texts = [json.dumps(works().bundle(n)) for n in range(3 * BUNDLES)]
        with served(PROCESSES) as port:
            for n in range(0, BUNDLES, BUNDLES // 4):  # by other connections each time, until each process is warm
                _sent(port, token, texts[n : n + BUNDLES // 4])
            ours = [_sent(port, token, texts[BUNDLES : 2 * BUNDLES])]
            peer = _medplum(texts[:BUNDLES])
            ours.append(_sent(port, token, texts[2 * BUNDLES :]))
        _check_stored(3 * BUNDLES)
    mean = sum(ours) / len(ours)
    table.add("FHIR, a transaction Bundle: here, durably", mean)
    print(f"    {1 / mean:,.0f} Bundles/s, {RESOURCES / mean:,.0f} resources/s over {CONNECTIONS} connections")
    if peer is None:
        table.missed.append(
            "FHIR, a transaction Bundle: Medplum was not measured, since Node or its package is missing"
        )
        return
    print(f"    Medplum: {1 / peer:,.0f} Bundles/s, {RESOURCES / peer:,.0f} resources/s")
    table.add("FHIR, a transaction Bundle: Medplum in memory", peer, peer / mean, TARGET)


def _sent(port: int, token: str, texts: list[str]) -> float:
    """Send Bundles from a process of their own; return the seconds a Bundle."""
    command = [sys.executable, "-m", "bench.fhir_bundles", str(port), token]
    done = subprocess.run(command, input="\n".join(texts), text=True, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    return float(done.stdout) / len(texts)


def _send_all(port: int, token: str, texts: list[str]) -> float:
    """Send from several connections, each waiting for its answer; return the seconds that it took."""
    left = iter(texts)
    lock = threading.Lock()

    def work() -> None:
        client = Client(port, token)
        while True:
            with lock:
                text = next(left, None)
            if text is None:
                return
            client.ask("POST", "/fhir", text.encode())

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return time.perf_counter() - begun


def _check_stored(bundles: int) -> None:
    """Stop the bench where not every result of every Bundle was stored."""
    from lienthong.results.models import Resource, Result

    results, observations = Result.objects.count(), Resource.objects.filter(kind="Observation").count()
    if results != 10 * bundles or observations != 10 * bundles:
        sys.exit(f"{10 * bundles} results were sent, {observations} kept as received, {results} stored as results")


def _medplum(texts: list[str]) -> float | None:
    """Return the seconds a Bundle of Medplum's router; None where it can't be had."""
    folder = Path.cwd() / ".data" / "medplum"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "bundles.mjs"):
        (folder / name).write_bytes((MEDPLUM / name).read_bytes())
    bundles = folder / "bundles.ndjson"
    bundles.write_text("\n".join(texts))
    install = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
    try:
        subprocess.run(install, cwd=folder, check=True)  # noqa: S603 — pinned by its lock file
        told = subprocess.run(["node", "bundles.mjs", bundles], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"    Medplum can't be had: {error}")
        return None
    said = json.loads(told.stdout)
    if said["stored"] != RESOURCES * len(texts):
        sys.exit(f"Medplum stored {said['stored']} resources of {RESOURCES * len(texts)}: {said['first']}")
    return float(said["seconds"]) / len(texts)


if __name__ == "__main__":
    print(_send_all(int(sys.argv[1]), sys.argv[2], sys.stdin.read().splitlines()))
