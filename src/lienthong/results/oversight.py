"""What a quality control centre may take of a region: all that its facilities sent, as long as nobody is named.

This is no relation to a patient. Whoever reads by it must leave out what names one before anything is told; nothing but
the export does (`exchange/bulk`), and no page and no search ever gets such a reach.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from lienthong.results.models import Report
from lienthong.results.reach import Reach

OVERSIGHT = "oversight"


@dataclass(frozen=True, slots=True)
class OversightReach(Reach):
    """The facilities of a region, in the name of its centre; no order and no person widens it."""

    facility_ids: frozenset[int] = frozenset()

    @property
    def own_facility_ids(self) -> frozenset[int]:
        return self.facility_ids

    def patient_records(self) -> Q:
        return self._inside()

    def reports(self) -> Q:
        return self._inside()

    def results(self) -> Q:
        return Q(Exists(Report.objects.filter(self._inside(), pk=OuterRef("report_id"))))

    def orders(self) -> Q:
        return self._inside()

    def whole_records(self) -> Q:
        return self._inside()

    def relations(self, record_ids: Collection[int]) -> dict[int, str]:
        return dict.fromkeys(record_ids, OVERSIGHT)

    def _inside(self) -> Q:
        return Q(facility_id__in=self.facility_ids)
