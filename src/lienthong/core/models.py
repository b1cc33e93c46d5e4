"""Users, the audit log, connected systems, witnesses of the log, and the outbox of what happened."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from lienthong.core.access_models import AccessToken, ClientKey, ConnectedSystem, RefusalCount, UsedAssertion
from lienthong.core.timekey import Timekey
from lienthong.core.witness_models import LogWitness

__all__ = [
    "AccessToken",
    "AuditEvent",
    "ClientKey",
    "ConnectedSystem",
    "Happening",
    "LogWitness",
    "RefusalCount",
    "UsedAssertion",
    "User",
]


class User(AbstractUser):
    """A person who signs in, or a named system user in whose name a worker acts."""

    first_name = None  # type: ignore[assignment]  # one field: names are not split in Vietnamese or Chinese
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, default="vi")
    is_system = models.BooleanField(default=False)

    REQUIRED_FIELDS = ["full_name"]

    def get_full_name(self) -> str:
        return self.full_name

    def __str__(self) -> str:
        return self.full_name or self.username


class AuditEvent(models.Model):
    """Who did or read what, when, from where. Labels and keys only; nothing is decided by reading them.

    Partitioned by range of its time-ordered key.
    """

    id = models.BigIntegerField(primary_key=True, db_default=Timekey())
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    actor_label = models.CharField(max_length=300)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=60)
    object_key = models.CharField(max_length=100)
    patient_record_id = models.BigIntegerField(null=True, blank=True)
    facility = models.CharField(max_length=40, blank=True)
    relation = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        managed = False
        db_table = "core_audit_event"
        verbose_name = _("audit event")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.object_kind} {self.object_key}"


class Happening(models.Model):
    """What happened in one app that another must follow: written in the transaction of the act, read by the worker."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    at = models.DateTimeField()
    followed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(followed_at=None), name="core_happening_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
