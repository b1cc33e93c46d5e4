"""Half past midnight in Vietnam is still the day before in UTC; what is dated is dated by the day there."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.registry import RegionFactory, RegionParentFactory
from tests.integration.exchange.conftest import Scene

from lienthong.exchange.processing.desk import Desk

pytestmark = pytest.mark.django_db

EVENING = dt.datetime(2026, 11, 20, 16, 30, tzinfo=dt.UTC)
AFTER_MIDNIGHT = dt.datetime(2026, 11, 20, 17, 30, tzinfo=dt.UTC)
DAY, NEXT = dt.date(2026, 11, 20), dt.date(2026, 11, 21)
hours = pytest.mark.parametrize(
    ("at", "day"),
    [
        pytest.param(EVENING, DAY, id="23:30"),
        pytest.param(AFTER_MIDNIGHT, NEXT, id="00:30"),
    ],
)


@hours
def test_desk_reads_the_tree_of_regions_of_the_local_day(scene: Scene, at: dt.datetime, day: dt.date) -> None:
    region = scene.laboratory.facility.region
    RegionParentFactory(region=region, parent=RegionFactory(code="VN-JOINED"), valid_from=NEXT)
    desk = Desk()

    desk.prepare([], at=at)

    path = desk.sources["SX"].region_path
    assert path == ((region.code,) if day == DAY else ("VN-JOINED", region.code))
