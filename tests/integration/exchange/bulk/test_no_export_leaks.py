"""What every kind of caller gets by `$export`: the files hold what it may read, and nobody else gets them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django import Settings
from tests.integration.exchange.bulk.conftest import ASYNC
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import Json
from tests.integration.exchange.fhir.foreign import Foreign, make_foreign
from tests.integration.exchange.fhir.leaking import READERS, callers, named, refusal

from lienthong.exchange.bulk.making import make_export
from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.queue import work_exports


@pytest.fixture
def committed(committed_scene: Scene, settings: Settings, tmp_path: Path) -> Foreign:
    """What a foreign facility holds, and who asks for it, committed: an export has a transaction of its own."""
    settings.EXPORT_FOLDER = str(tmp_path / "exports")
    return make_foreign(committed_scene)


def exported(row: BulkExport, folder: Path) -> Json:
    """Make an export here, as its process does, and return all that its files hold."""
    folder.mkdir()
    make_export(row, folder, at=timezone.now(), on_progress=lambda kind, written: None)
    lines = [line for one in sorted(folder.iterdir()) for line in gzip.decompress(one.read_bytes()).splitlines()]
    return {"lines": [json.loads(one) for one in lines]}


def test_export_of_each_caller_holds_what_it_may_read_and_all_of_it(committed: Foreign, tmp_path: Path) -> None:
    kinds = sorted({one.kind for one in committed.held.values()})
    asked = f"$export?_type={','.join(kinds)}"

    for caller, system in callers(committed, "s").items():
        begun = system.get(asked, **ASYNC)
        if caller not in READERS:
            assert begun.status_code == refusal(caller), caller
            continue
        row = BulkExport.objects.get(key=begun.headers["Content-Location"].rpartition("/")[2])
        held = exported(row, tmp_path / caller)
        assert named(held, committed) == committed.readable(caller), caller
        assert caller in ("owner", "open", "answered") or "zz-v2" not in json.dumps(held)


def test_export_is_of_the_system_that_asked_for_it(committed: Foreign) -> None:
    begun = committed.systems["owner"].get("$export?_type=Patient", **ASYNC)
    work_exports(timezone.now)
    status = urlsplit(begun.headers["Content-Location"]).path.removeprefix("/fhir/")
    [file] = committed.systems["owner"].get(status).json()["output"]
    address = urlsplit(file["url"]).path.removeprefix("/fhir/")

    for caller, system in callers(committed, "r").items():
        expected = 200 if caller == "owner" else 404 if caller in (*READERS, "type", "right") else 401
        assert [system.get(one).status_code for one in (status, address)] == [expected] * 2, caller
