"""What recognition may ask of assessments: published levels and ISO 15189 scopes as they held on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from lienthong.assessment.models import AccreditedScope, PublishedLevel
from lienthong.policy import LevelEvidence, ScopeEvidence


def levels(
    facility_ids: Collection[int], *, on: dt.date, known_at: dt.datetime | None = None, scheme: str | None = None
) -> dict[int, LevelEvidence]:
    """Return the published level of each facility that has one, of a scheme or, without one, of the latest scheme."""
    rows = PublishedLevel.objects.held(on, known_at=known_at).filter(facility_id__in=facility_ids)
    if scheme is not None:
        rows = rows.filter(scheme=scheme)
    return {
        row.facility_id: LevelEvidence(
            scheme=row.scheme,
            level=row.level,
            published_on=row.published_on,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows.order_by("valid_from", "id")
    }


def scopes(
    laboratory_ids: Collection[int], *, on: dt.date, known_at: dt.datetime | None = None
) -> dict[tuple[int, int], ScopeEvidence]:
    """Return the scope line of each laboratory and analyte that has one; of several the one that lasts longest."""
    rows = AccreditedScope.objects.held(on, known_at=known_at).filter(laboratory_id__in=laboratory_ids)
    return {
        (row.laboratory_id, row.analyte_id): ScopeEvidence(
            certificate=row.certificate, valid_from=row.valid_from, valid_to=row.valid_to
        )
        for row in sorted(rows, key=lambda row: (row.valid_to or dt.date.max, row.pk))
    }
