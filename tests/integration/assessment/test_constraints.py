"""What the database itself does not take."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.factories.registry import AnalyteFactory, FacilityFactory, LaboratoryFactory

from lienthong.assessment.models import AccreditedScope, PublishedLevel

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 1, 5)
AT = dt.datetime(2026, 1, 6, tzinfo=dt.UTC)


def test_two_current_levels_of_a_scheme_from_one_day_are_refused() -> None:
    facility = FacilityFactory()
    level = {"scheme": "vn-2429", "decision": "12", "published_on": DAY, "valid_from": DAY, "recorded_at": AT}
    PublishedLevel.objects.create(facility=facility, level=1, superseded_at=AT, **level)
    PublishedLevel.objects.create(facility=facility, level=2, **level)

    with pytest.raises(IntegrityError, match="assessment_publishedlevel_once"), transaction.atomic():
        PublishedLevel.objects.create(facility=facility, level=3, **level)


def test_two_current_lines_of_a_certificate_from_one_day_are_refused() -> None:
    line = {"laboratory": LaboratoryFactory(), "analyte": AnalyteFactory(), "certificate": "VILAS Med 001"}
    AccreditedScope.objects.create(**line, body="BoA", valid_from=DAY, recorded_at=AT)

    with pytest.raises(IntegrityError, match="assessment_accreditedscope_once"), transaction.atomic():
        AccreditedScope.objects.create(**line, body="BoA", valid_from=DAY, recorded_at=AT)


def test_level_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(IntegrityError, match="assessment_publishedlevel_period"), transaction.atomic():
        PublishedLevel.objects.create(
            facility=FacilityFactory(),
            scheme="vn-2429",
            level=1,
            decision="12",
            published_on=DAY,
            valid_from=DAY,
            valid_to=DAY,
            recorded_at=AT,
        )
