"""The scene of what goes out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.outbound.scene import Clock, Scene, make_scene


@pytest.fixture
def orders(db: None) -> Scene:
    """A hospital that orders, and a laboratory elsewhere."""
    return make_scene()


@pytest.fixture
def committed_orders(transactional_db: None) -> Iterator[Scene]:
    """The same, committed, for senders with connections of their own."""
    empty_unmanaged_tables()
    yield make_scene()
    empty_unmanaged_tables()


@pytest.fixture
def clock() -> Clock:
    return Clock()
