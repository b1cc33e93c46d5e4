"""An embedded server for each process of a test run, stopped at its end, and tests that leave nothing behind."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from hypothesis import settings as of_properties

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
DATA = ROOT / ".data" / "test" / os.environ.get("PYTEST_XDIST_WORKER", "alone")  # each process has its own server
DATA.mkdir(parents=True, exist_ok=True)
os.environ["LIENTHONG_DATA"] = str(DATA)
os.environ.setdefault("XDG_RUNTIME_DIR", str(ROOT / ".data"))
of_properties.register_profile("untimed", parent=of_properties.default, deadline=None)  # a slow machine is no fault
of_properties.load_profile("untimed")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    from django.db import connections

    from lienthong.core.embedded import EmbeddedServer, data_folder

    settings = connections["default"].settings_dict
    server = None if os.environ.get("DATABASE_URL") else EmbeddedServer(data_folder(), durable=False)
    if server:
        server.start()
        settings.update(server.address())
    settings["OPTIONS"] = {}
    settings["TEST"]["NAME"] = f"test_lienthong_{os.getpid()}"
    yield
    if server:
        server.stop()


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
def _commits_are_taken_back(
    request: pytest.FixtureRequest, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Empty after a test that commits what Django does not: the next one may be any other, and finds nothing."""
    yield
    mark = request.node.get_closest_marker("django_db")
    if (mark and mark.kwargs.get("transaction")) or {"transactional_db", "live_server"} & {*request.fixturenames}:
        from tests.factories.tables import empty_unmanaged_tables

        with django_db_blocker.unblock():
            empty_unmanaged_tables()


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
