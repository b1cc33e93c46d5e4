"""One embedded server for the test run; each process has a database of its own on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
os.environ.setdefault("LIENTHONG_DATA", str(ROOT / ".data" / "test"))
os.environ.setdefault("XDG_RUNTIME_DIR", str(ROOT / ".data"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    from django.db import connections

    from lienthong.core.embedded import EmbeddedServer, data_folder

    settings = connections["default"].settings_dict
    if not os.environ.get("DATABASE_URL"):
        server = EmbeddedServer(data_folder(), durable=False)
        server.start()
        settings.update(server.address())
    settings["OPTIONS"] = {}
    settings["TEST"]["NAME"] = f"test_lienthong_{os.getpid()}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that others made; a clone that stands alone has none."""
    if not SHARED_DATA.exists():
        pytest.skip("../shared/data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture
def language() -> Iterator[None]:
    """Leave the active language as it was."""
    from django.utils import translation

    active = translation.get_language()
    yield
    translation.activate(active or "vi")
