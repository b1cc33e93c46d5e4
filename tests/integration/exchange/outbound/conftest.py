"""The scene of what goes out."""

from __future__ import annotations

import pytest
from tests.integration.exchange.outbound.scene import Clock, Scene, make_scene


@pytest.fixture
def orders(db: None) -> Scene:
    """A hospital that orders, and a laboratory elsewhere."""
    return make_scene()


@pytest.fixture
def committed_orders(transactional_db: None) -> Scene:
    """The same, committed, for senders with connections of their own."""
    return make_scene()


@pytest.fixture
def clock() -> Clock:
    return Clock()
