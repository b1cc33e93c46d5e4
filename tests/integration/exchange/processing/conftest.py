"""The scene of the tests of tubes."""

from __future__ import annotations

import pytest
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.tubes import Ward, make_ward


@pytest.fixture
def ward(scene: Scene) -> Ward:
    """The hospital SX with its analyser BS, whose code GLU is mapped."""
    return make_ward(scene)
