"""How grants, checks and notices are read inside the app."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.expressions import RawSQL

from lienthong.core.dated import DatedQuerySet

if TYPE_CHECKING:
    from lienthong.recognition import models as recognition  # noqa: F401
    from lienthong.registry.reads import Access

MARKED = ("in_force", "suspended", "revoked")
QUALITY_ROLES = ("manager", "officer")


class GrantQuerySet(DatedQuerySet["recognition.Grant"]):
    def in_force(self) -> Self:
        return self.filter(status="in_force")

    def visible_to(self, access: Access) -> Self:
        """Keep the rights, refusals too, of the laboratories that a manager or officer answers for."""
        return self.filter(procedure__laboratory_id__in=access.laboratories_as(*QUALITY_ROLES))

    def public(self) -> Self:
        """Keep what the register shows to everyone: rights that were once given. A refusal is the laboratory's own."""
        return self.filter(status__in=MARKED)

    def of_items(self, items: Collection[str]) -> Self:
        return self.filter(item__in=items)

    def of_procedures(self, procedure_ids: Collection[int]) -> Self:
        """Keep the rights of some systems; however many there are, they are one parameter."""
        return self.filter(procedure_id__in=RawSQL("SELECT unnest(%s::bigint[])", [list(procedure_ids)]))

    def of_laboratory(self, laboratory_id: int) -> Self:
        return self.filter(procedure__laboratory_id=laboratory_id)

    def reaching(self, region: str) -> Self:
        return self.filter(scope__contains=[region])

    def sorted_by_item(self, codes: list[str]) -> Self:
        """Sort by the place of the item in a list that the caller has put in the reader's order."""
        places = [When(item=code, then=Value(place)) for place, code in enumerate(codes)]
        place = Case(*places, default=Value(len(places)), output_field=IntegerField())
        return self.annotate(place=place).order_by("place", "item", "procedure__laboratory__code", "mark", "id")

    def known_procedures(self) -> list[int]:
        """Return the keys of the procedures of which something is known now."""
        return list(self.known_at(None).order_by().values_list("procedure_id", flat=True).distinct())

    def counted_by_status(self) -> dict[str, int]:
        rows = self.order_by().values_list("status").annotate(number=Count("id"))
        return dict(rows)


class OrderCheckQuerySet(models.QuerySet["recognition.OrderCheck"]):
    def of_facilities(self, facility_ids: Collection[int]) -> Self:
        return self.filter(facility_id__in=facility_ids)


class OrderLineQuerySet(models.QuerySet["recognition.OrderLine"]):
    def reusing_versions_before(self, key: str, version: int) -> Self:
        return self.filter(choice="reuse", result_key=key, result_version__lt=version)

    def reusing_results_of(self, procedure_ids: Collection[int]) -> Self:
        return self.filter(choice="reuse", procedure_ids__overlap=list(procedure_ids), measured_at__isnull=False)

    def reusing_for(self, patient_record_ids: Collection[int]) -> Self:
        """Keep the reuses for patients, by the records that were ordered for."""
        return self.filter(choice="reuse", order_check__patient_record_id__in=list(patient_record_ids))

    def reusing_results(self, result_ids: Collection[int]) -> Self:
        return self.filter(choice="reuse", result_id__in=list(result_ids))

    def of_card(self, card_uuid: str) -> Self:
        return self.filter(card_uuid=card_uuid).exclude(card_uuid="")


class ReuseNoticeQuerySet(models.QuerySet["recognition.ReuseNotice"]):
    def of_facilities(self, facility_ids: Collection[int]) -> Self:
        return self.filter(line__order_check__facility_id__in=facility_ids)

    def about_persons(self) -> Self:
        """Keep what tells that a reuse and its patient came apart, came together again, or moved together."""
        return self.filter(kind__in=("other_person", "same_again", "person_changed"))

    def unread_first(self) -> Self:
        """Sort what is unread first; of that, what is true of the patient only comes behind what a result lost."""
        is_unread = Q(read_at=None)
        places = [When(is_unread & ~Q(kind="person_changed"), then=Value(0)), When(is_unread, then=Value(1))]
        unread = Case(*places, default=Value(2), output_field=IntegerField())
        return self.annotate(place=unread).order_by("place", "-told_at", "-id")
