"""Deliveries with their bytes, and the pieces that they were parted into."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lienthong.registry.reads import Access

# Whose deliveries they are: the people of the laboratory, and those who operate the exchange there.
DELIVERERS = ("technician", "manager", "operator", "administrator")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, access: Access) -> Self:
        """Keep what was delivered for the facilities of a user's laboratories, or that a user operates."""
        return self.filter(source__facility_id__in=access.facilities_as(*DELIVERERS))


class Delivery(models.Model):
    """A file or a push as received. Its bytes are kept once: the same from the same sender is the same delivery.

    A row that is `received` waits to be parted; `pieces_received` of its `pieces_found` are in the inbox, so that who
    goes on after an interruption knows where.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("being checked")
        CHECKED = "checked", _("waits for your word")
        RECEIVED = "received", _("being taken apart")
        SPLIT = "split", _("taken in")
        REFUSED = "refused", _("refused")
        DISCARDED = "discarded", _("not sent")

    class Entrance(models.TextChoices):
        PAGE = "page", _("page")
        PUSH = "push", _("push")
        FOLDER = "folder", _("watched folder")

    number = models.CharField(max_length=40, unique=True)
    source = models.ForeignKey("exchange.Source", on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=20, help_text="message type of its pieces")
    name = models.CharField(max_length=200, blank=True, help_text="of the file")
    entrance = models.CharField(max_length=10, choices=Entrance)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    client = models.CharField(max_length=300, help_text="who delivered it: user name, or the name of the system")
    idempotency_key = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, help_text="in which what is wrong is said")
    state = models.CharField(max_length=10, choices=State)
    findings = models.JSONField(default=list)
    preview = models.JSONField(null=True, blank=True, help_text="what was shown before it was confirmed")
    pieces_found = models.PositiveIntegerField(default=0)
    pieces_received = models.PositiveIntegerField(default=0)
    first_inbox_id = models.BigIntegerField(null=True)
    last_inbox_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        app_label = "exchange"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "digest"], condition=~Q(state="discarded"), name="exchange_delivery_once"
            ),
            models.UniqueConstraint(
                fields=["source", "client", "idempotency_key"],
                condition=~Q(idempotency_key="") & ~Q(state="discarded"),
                name="exchange_delivery_key_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["uploaded", "checked", "received", "split", "refused", "discarded"]),
                name="exchange_delivery_state",
            ),
            models.CheckConstraint(
                condition=Q(pieces_received__lte=models.F("pieces_found")), name="exchange_delivery_pieces"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state__in=["uploaded", "received"]), name="exchange_delivery_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.number


class DeliveryPiece(models.Model):
    """One report of a delivery: its message in the inbox, and where it stood."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="pieces")
    place = models.PositiveIntegerField(help_text="from 0, in the order of the delivery")
    number = models.CharField(max_length=100)
    where = models.TextField(help_text="rows, or the place in the list")
    inbox_id = models.BigIntegerField()

    class Meta:
        app_label = "exchange"
        constraints = [models.UniqueConstraint(fields=["delivery", "place"], name="exchange_deliverypiece_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.place}"
