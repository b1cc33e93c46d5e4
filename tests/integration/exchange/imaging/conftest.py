from __future__ import annotations

import pytest
from tests.integration.exchange.imaging.room import Room, make_room


@pytest.fixture
def room(db: None) -> Room:
    """A hospital with an ultrasound room whose service was reviewed in three years."""
    return make_room()
