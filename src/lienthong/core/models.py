"""Users, the audit log, keys of connected systems, and the outbox of what happened."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from lienthong.core.timekey import Timekey


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


class ClientKey(models.Model):
    """The public key with which a connected system signs its requests (RFC 7517)."""

    issuer = models.CharField(max_length=300)
    key_id = models.CharField(max_length=100)
    facility = models.CharField(max_length=40, help_text="code of the facility that the system speaks for")
    jwk = models.JSONField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "key_id"], name="core_clientkey_once")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.key_id}"


class UsedAssertion(models.Model):
    """An assertion that was accepted once and is refused from then on (RFC 7519, jti)."""

    issuer = models.CharField(max_length=300)
    token_id = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "token_id"], name="core_usedassertion_once")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.token_id}"


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
