"""By which numbers the tubes of an order are known, and which messages of results wait for an order."""

from __future__ import annotations

from django.db import models


class OrderSpecimen(models.Model):
    """A number that an order gave one of its specimens or tubes: SPM-2, SPM-30, SAC-3.

    Numbers are used again after a time, so that each has the instant for which it was told.
    """

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey("results.Order", on_delete=models.PROTECT, related_name="specimens")
    number = models.CharField(max_length=100)
    named_at = models.DateTimeField(help_text="collection (SPM-17), else request of the order, else receipt")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="results_orderspecimen_once")]
        indexes = [models.Index(fields=["number"], name="results_orderspecimen_find")]

    def __str__(self) -> str:
        return f"specimen of order {self.order_id}"


class HeldForOrder(models.Model):
    """A held message of results that names no patient and is tried again when an order of its specimen changes.

    `waits_for` is the number of a specimen or an order, or the lane of an order of which a message is held.
    """

    id = models.BigAutoField(primary_key=True)
    inbox_id = models.BigIntegerField(db_index=True)
    facility_id = models.BigIntegerField()
    waits_for = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["waits_for", "facility_id", "inbox_id"], name="results_heldfororder_once")
        ]

    def __str__(self) -> str:
        return f"message {self.inbox_id} waits for an order"
