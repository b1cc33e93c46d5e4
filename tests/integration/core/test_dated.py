"""Facts with two times, on the region tree that Hải Dương's merger changed."""

from __future__ import annotations

import datetime as dt

import pytest

from lienthong.core.dated import end_period
from lienthong.registry.models import Region, RegionParent
from lienthong.registry.tree import region_ids_below, region_path

pytestmark = pytest.mark.django_db

LEARNED = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
MERGED = dt.date(2025, 7, 1)


@pytest.fixture
def tree() -> dict[str, Region]:
    regions = {
        code: Region.objects.create(code=code, name_en=code, time_zone="Asia/Ho_Chi_Minh")
        for code in ("VN", "VN-HD", "VN-HP", "VN-HD-01")
    }
    for child, parent in (("VN-HD", "VN"), ("VN-HP", "VN"), ("VN-HD-01", "VN-HD")):
        RegionParent.objects.create(
            region=regions[child], parent=regions[parent], valid_from=dt.date(1997, 1, 1), recorded_at=LEARNED
        )
    return regions


def test_region_path_on_two_days_follows_the_merger(tree: dict[str, Region]) -> None:
    at = dt.datetime(2025, 7, 2, tzinfo=dt.UTC)
    end_period(RegionParent.objects.get(region=tree["VN-HD"]), on=MERGED, at=at)
    RegionParent.objects.create(region=tree["VN-HD"], parent=tree["VN-HP"], valid_from=MERGED, recorded_at=at)

    before = region_path(tree["VN-HD-01"].pk, on=dt.date(2025, 6, 30))
    after = region_path(tree["VN-HD-01"].pk, on=MERGED)

    assert before == ("VN", "VN-HD", "VN-HD-01")
    assert after == ("VN", "VN-HP", "VN-HD", "VN-HD-01")
    assert tree["VN-HD-01"].pk in region_ids_below(tree["VN-HP"].pk, on=MERGED)
    assert tree["VN-HD-01"].pk not in region_ids_below(tree["VN-HP"].pk, on=dt.date(2025, 6, 30))


def test_ended_period_as_known_before_is_still_open(tree: dict[str, Region]) -> None:
    at = dt.datetime(2025, 7, 2, tzinfo=dt.UTC)
    end_period(RegionParent.objects.get(region=tree["VN-HD"]), on=MERGED, at=at)
    asked = dt.date(2025, 8, 1)

    known_now = RegionParent.objects.held(asked).filter(region=tree["VN-HD"])
    known_then = RegionParent.objects.held(asked, known_at=at - dt.timedelta(days=1)).filter(region=tree["VN-HD"])

    assert not known_now.exists()
    assert known_then.count() == 1
