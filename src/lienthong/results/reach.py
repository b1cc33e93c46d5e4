"""What the system of a facility may read: its own facility's, what answers its orders, and whom it treats now.

The rule is that of the portal (role and relation), without what only a person can give. The role is the scope of the
system's token, which is asked where it calls. The relations, each within one country:

- *same facility*: a record of the facility, with its reports, results and orders.
- *order*: a report of elsewhere that answers an order of the facility (the placer's number and the patient agree), with
  its results. It stays readable: it was made for the facility.
- *order*, while it is open: a patient for whom the facility has an order that is neither completed nor cancelled, and
  of which it was told within the last thirty days. As for a clinician with an order, all records of the person are
  open then: what is recognised as well as what is only for reference.

The other way round, a laboratory's system reads the orders that its facility's reports answer. Emergency access needs a
person with a reason and is not for systems. There is no record of consents yet; where there is one, it is a relation
more, here.

The functions give conditions (`Q`) for the rows of `results`, for searches inside this app. They ask row by row
(EXISTS), so that a search by patient never gathers all that a hospital may read; `relations` says by which
relation records were read, for the audit log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, Value
from django.utils import timezone

from lienthong.core.bulk import fetch_prepared
from lienthong.registry import reads as registry
from lienthong.results.models import Order, OrderVersion, PatientRecord, Report

_OWN_RECORDS = "SELECT id FROM results_patientrecord WHERE id = ANY(%s) AND facility_id = %s"
ORDER_LASTS = dt.timedelta(days=30)
OPEN = (
    OrderVersion.Status.REQUESTED,
    OrderVersion.Status.ACCEPTED,
    OrderVersion.Status.ON_HOLD,
    OrderVersion.Status.REPORTED,
)
SAME_FACILITY, ORDER = "same-facility", "order"


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be read in the name of a facility at an instant."""

    facility_id: int
    facility_code: str
    country_ids: frozenset[int]
    ordered_since: dt.datetime

    @property
    def own_facility_ids(self) -> frozenset[int]:
        """The facilities of whose senders everything may be read."""
        return frozenset({self.facility_id})

    def patient_records(self) -> Q:
        """Rows of PatientRecord that may be read: the person's name, numbers and dates."""
        in_report = Report.objects.filter(self._answering(), patient_record_id=OuterRef("pk"))
        return self.whole_records() | (self._in_country() & Q(Exists(in_report)))

    def reports(self) -> Q:
        """Rows of Report that may be read."""
        whole = PatientRecord.objects.filter(self.whole_records(), pk=OuterRef("patient_record_id"))
        return Q(Exists(whole)) | (self._in_country() & self._answering())

    def answers(self) -> Q:
        """Rows of Report that answer an order of the facility."""
        return self._in_country() & self._answering()

    def results(self) -> Q:
        """Rows of Result that may be read."""
        whole = PatientRecord.objects.filter(self.whole_records(), pk=OuterRef("patient_record_id"))
        answering = Report.objects.filter(self._in_country() & self._answering(), pk=OuterRef("report_id"))
        return Q(Exists(whole)) | Q(Exists(answering))

    def orders(self) -> Q:
        """Rows of Order that may be read: the facility's own, and those that its reports answer."""
        mine = Report.objects.filter(
            facility_id=self.facility_id,
            placer_number=OuterRef("placer_number"),
            patient_record__links__superseded_at=None,
            patient_record__links__person__links__superseded_at=None,
            patient_record__links__person__links__record_id=OuterRef("patient_record_id"),
        )
        return Q(facility_id=self.facility_id) | (self._in_country() & ~Q(placer_number="") & Q(Exists(mine)))

    def relations(self, record_ids: Collection[int]) -> dict[int, str]:
        """Return for each of these records that may be read the relation that allows it, for the audit log."""
        own = self.own_records(record_ids)
        found = dict.fromkeys(own, SAME_FACILITY)
        if others := set(record_ids) - own:
            rows = PatientRecord.objects.filter(self.patient_records(), pk__in=others)
            found |= dict.fromkeys(rows.values_list("pk", flat=True), ORDER)
        return found

    def own_records(self, record_ids: Collection[int]) -> frozenset[int]:
        """Return those of these records that are of the facility itself: what most of its systems ask for."""
        rows = fetch_prepared(_OWN_RECORDS, [[*record_ids], self.facility_id]) if record_ids else []
        return frozenset(row[0] for row in rows)

    def whole_records(self) -> Q:
        """Records of which everything may be read."""
        open_orders = Order.objects.filter(
            facility_id=self.facility_id,
            versions__is_current=True,
            versions__status__in=OPEN,
            versions__recorded_at__gte=self.ordered_since,
            patient_record__links__superseded_at=None,
            patient_record__links__person__links__superseded_at=None,
            patient_record__links__person__links__record_id=OuterRef("pk"),
        )
        return Q(facility_id=self.facility_id) | (self._in_country() & Q(Exists(open_orders)))

    def _answering(self) -> Q:
        """Reports that answer an order of the facility, as `orders.joining` joins them across facilities."""
        answered = Order.objects.filter(
            facility_id=self.facility_id,
            placer_number=OuterRef("placer_number"),
            patient_record__links__superseded_at=None,
            patient_record__links__person__links__superseded_at=None,
            patient_record__links__person__links__record_id=OuterRef("patient_record_id"),
        )
        return ~Q(placer_number="") & Q(Exists(answered))

    def _in_country(self) -> Q:
        return Q(_AnyOf(F("facility_id"), Value(sorted(self.country_ids), output_field=ArrayField(BigIntegerField()))))


class _AnyOf(Func):
    """A column that has one of many values, which go as one array: a country has thousands of facilities."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def reach_of_facility(facility: registry.FacilityFacts, *, at: dt.datetime) -> Reach:
    """Return what the systems of a facility may read at an instant."""
    country = registry.facilities_in_country_of(facility, on=timezone.localdate(at))
    return reach_of_place(facility, country_ids=country, at=at)


def reach_of_place(facility: registry.FacilityFacts, *, country_ids: frozenset[int], at: dt.datetime) -> Reach:
    """Return the same where the facilities of the country are known."""
    return Reach(facility.id, facility.code, country_ids | {facility.id}, at - ORDER_LASTS)
