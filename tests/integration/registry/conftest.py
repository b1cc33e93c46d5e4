"""A province that came from tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import translation
from tests.factories.core import SystemUserFactory
from tests.integration.registry import tables

from lienthong.core.imports.run import ImportReport
from lienthong.core.models import User
from lienthong.registry.actions import import_table

AT = dt.datetime(2026, 1, 10, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Read messages in the language in which they are written here."""
    with translation.override("en"):
        yield


@pytest.fixture
def worker(db: None) -> User:
    return SystemUserFactory()


@pytest.fixture
def province(worker: User) -> dict[str, ImportReport]:
    """Every table of the small province, imported."""
    return {
        kind: import_table(kind, text.encode(), f"{kind}.csv", by=worker, at=AT) for kind, text in tables.ALL.items()
    }
