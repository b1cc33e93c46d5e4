"""The commands of docs/fhir.md get an export from a server, as an engineer types them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from tests.integration.exchange.bulk.conftest import Exporting
from tools import documents

from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.queue import work_exports

pytestmark = pytest.mark.django_db(transaction=True)
GUIDE = Path(__file__).resolve().parents[4] / "docs" / "fhir.md"


def commands() -> list[str]:
    """Return the lines that ask, look, fetch and remove."""
    shown = [block.text for block in documents.blocks(GUIDE) if block.language == "sh" and "export" in block.text]
    return [line for text in shown for line in text.splitlines()]


def run(command: str, server: LiveServer, system: Exporting, folder: Path) -> str:
    keys = [str(one.key) for one in BulkExport.objects.all()]
    typed = command.replace("0b9e0c1e-…", keys[0] if keys else "")
    environment = {"HOST": server.url, "TOKEN": system.system.token, "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(["bash", "-c", typed], env=environment, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl"))), reason="needs bash and curl")
def test_commands_of_the_guide_get_an_export(live_server: LiveServer, hospital: Exporting, tmp_path: Path) -> None:
    ask, look, fetch, remove = commands()

    begun = run(ask, live_server, hospital, tmp_path)
    work_exports(timezone.now)
    done = run(look, live_server, hospital, tmp_path)
    run(fetch, live_server, hospital, tmp_path)
    run(remove, live_server, hospital, tmp_path)

    assert re.search(r"^HTTP/1.1 202.*^Content-Location: http", begun, re.MULTILINE | re.DOTALL)
    manifest = json.loads(done.partition("\n\n")[2] or done.partition("\r\n\r\n")[2])
    [patients] = [one["count"] for one in manifest["output"] if one["type"] == "Patient"]
    lines = (tmp_path / "Patient.1.ndjson").read_text().splitlines()
    assert [json.loads(line)["resourceType"] for line in lines] == ["Patient"] * patients
    assert BulkExport.objects.get().state == "removed"
