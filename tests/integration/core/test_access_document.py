"""docs/access.md runs: its commands from top to bottom against a server, and its tables name what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer
from tests.factories.registry import FacilityFactory
from tools import documents

from lienthong.core.access import PLATFORM_SCOPES, RESOURCE_TYPES
from lienthong.core.models import AccessToken, ConnectedSystem

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "access.md"
TOOLS = ("bash", "curl", "openssl", "basenc")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
def test_commands_of_the_page_give_tokens(live_server: LiveServer, tmp_path: Path) -> None:
    FacilityFactory(code="30001")
    blocks = [block.text for block in documents.blocks(PAGE) if block.language == "sh"]
    script = "\n".join(["set -euo pipefail", f'lienthong() {{ "{sys.executable}" -m lienthong "$@"; }}', *blocks])

    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment(live_server.url), capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    by_command, by_curl = json.loads((tmp_path / "answer.json").read_text()), json.loads(ran.stdout.splitlines()[-1])
    assert by_command["scope"] == "system/Patient.rs"
    assert by_curl["scope"] == "system/*.rs"
    assert AccessToken.objects.count() == 2
    assert ConnectedSystem.objects.get().keys.count() == 2


def test_page_names_every_scope() -> None:
    said = PAGE.read_text("utf-8")

    assert [one for one in (*RESOURCE_TYPES, *PLATFORM_SCOPES) if not re.search(rf"`(system/)?{one}", said)] == []


def environment(url: str) -> dict[str, str]:
    """Return what the commands run with: the server's address, and the database that it uses."""
    database = connection.settings_dict
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    address = f"postgresql://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    path = f"{ROOT / 'src'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return {**os.environ, "HOST": url, "DATABASE_URL": address, "PYTHONPATH": path}
