"""Outlets, to which changes go out, and dispatches, each a thing that one of them is to be told."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lienthong.core.timekey import Timekey
from lienthong.registry.reads import Access

ADMINISTRATORS = ("administrator",)


class OutletQuerySet(models.QuerySet["Outlet"]):
    def visible_to(self, access: Access) -> Self:
        """Keep the outlets of the facilities that a user administers."""
        return self.filter(facility_id__in=access.facilities_as(*ADMINISTRATORS))


class Outlet(models.Model):
    """A receiver: what its facility may read goes to it, in the order of the log.

    `position` is the place in the log up to which dispatches were made, `resource_place` that among the changes of
    resources, which only some channels follow. An outlet whose receiver can't be reached waits
    as a whole until `next_attempt_at`; `failures` counts the attempts since it was last reached, `failing_since` is the
    first of them. `refused_in_a_row` counts the dispatches that it refused since it last took one.
    """

    class Channel(models.TextChoices):
        HL7V2 = "hl7v2", "HL7 v2 (MLLP)"
        REST_HOOK = "rest-hook", "FHIR Subscription"

    class State(models.TextChoices):
        ACTIVE = "active", _("sending")
        PAUSED = "paused", _("paused")
        OFF = "off", _("ended")

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=20, choices=Channel)
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="outlets")
    client = models.CharField(max_length=140, blank=True, help_text="client_id of the system that made it")
    settings = models.JSONField(default=dict, help_text="the channel's own")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE, db_default=State.ACTIVE)
    position = models.BigIntegerField()
    resource_place = models.BigIntegerField(default=-1, db_default=-1)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    refused_in_a_row = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error = models.CharField(max_length=500, blank=True, help_text="without any patient's values")
    last_error_at = models.DateTimeField(null=True, blank=True)
    last_delivered_at = models.DateTimeField(null=True, blank=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        app_label = "exchange"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=["hl7v2", "rest-hook"]), name="exchange_outlet_channel"),
            models.CheckConstraint(condition=Q(state__in=["active", "paused", "off"]), name="exchange_outlet_state"),
            models.CheckConstraint(condition=Q(position__gte=-1), name="exchange_outlet_position"),
            models.CheckConstraint(condition=Q(resource_place__gte=-1), name="exchange_outlet_resource_place"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="exchange_outlet_period"
            ),
            models.CheckConstraint(
                condition=Q(failing_since=None, failures=0) | Q(failing_since__isnull=False, failures__gte=1),
                name="exchange_outlet_failing",
            ),
        ]

    def __str__(self) -> str:
        return self.code


FOLLOWING = (Outlet.Channel.REST_HOOK,)  # the channels that follow the changes of resources


class Dispatch(models.Model):
    """One thing that an outlet is to be told: a version of a report, or of a resource made of it.

    Its time-ordered key is what the receiver tells a repetition by; unlike a counter it is not given twice where the
    database was restored to an earlier state. A subject is told as it is when it is sent: `version` is the one that
    made it go out, and once it is delivered, the one that was told.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("not delivered")
        SUPERSEDED = "superseded", _("replaced by a newer version")
        WITHHELD = "withheld", _("no longer to be read by the receiver")
        CLOSED = "closed", _("closed by a person")

    id = models.BigIntegerField(primary_key=True, db_default=Timekey())
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="dispatches")
    position = models.BigIntegerField()
    kind = models.CharField(max_length=40, help_text="report, or a FHIR type")
    subject = models.CharField(max_length=100, help_text="its id here")
    version = models.PositiveIntegerField(help_text="0: the thing has no versions, and each change is told")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    refusals = models.PositiveIntegerField(default=0, db_default=0, help_text="since it was queued or sent again")
    queued_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=60, blank=True, db_default="")
    last_error = models.CharField(max_length=500, blank=True, db_default="", help_text="without any patient's values")
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "exchange"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["outlet", "position", "kind", "subject"], name="exchange_dispatch_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "dead", "superseded", "withheld", "closed"]),
                name="exchange_dispatch_state",
            ),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at=None)),
                name="exchange_dispatch_delivered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["outlet", "position", "id"], condition=Q(state="waiting"), name="exchange_dispatch_waiting"
            ),
            models.Index(fields=["outlet", "position"], condition=Q(state="dead"), name="exchange_dispatch_dead"),
            models.Index(fields=["outlet", "kind", "subject"], name="exchange_dispatch_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.outlet_id} {self.position} {self.kind}"
