"""One embedded server for the test run; each process has a database of its own on it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django

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
    del settings["OPTIONS"]["pool"]
    settings["TEST"]["NAME"] = f"test_lienthong_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """End what threads of the tests left connected before the test database is dropped."""
    from django.db import connections

    yield
    database = connections["default"].settings_dict["NAME"]
    with django_db_blocker.unblock(), connections["default"]._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data that others made; a clone that stands alone has none."""
    if not SHARED_DATA.exists():
        pytest.skip("../shared/data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _log_outlives_commands() -> Iterator[None]:
    """A command that is run in a test sets logging up with the stream of its run, which is closed behind it."""
    yield
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and getattr(handler.stream, "closed", False):
            handler.stream = sys.__stderr__  # setStream would flush what is closed


@pytest.fixture
def language() -> Iterator[None]:
    """Leave the active language as it was."""
    from django.utils import translation

    active = translation.get_language()
    yield
    translation.activate(active or "vi")
