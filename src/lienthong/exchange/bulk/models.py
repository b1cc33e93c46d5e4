"""Exports: who asked for what, how far it is, as of when it is true, and the files that it has."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ExportQuerySet(models.QuerySet["BulkExport"]):
    def of_client(self, client_id: str) -> Self:
        """Keep what a system asked for and has not removed."""
        return self.filter(client_id=client_id).exclude(state__in=[BulkExport.State.REMOVED, BulkExport.State.EXPIRED])

    def unfinished(self) -> Self:
        return self.filter(state__in=[BulkExport.State.WAITING, BulkExport.State.RUNNING])


class BulkExport(models.Model):
    """One export. The rows are kept when the files are gone: they say what was handed out, and as of when.

    `horizon` and `cluster` tell of which transactions the export knows nothing, so that the next one can begin there.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        RUNNING = "running", _("being written")
        COMPLETE = "complete", _("ready")
        FAILED = "failed", _("could not be made")
        REMOVED = "removed", _("removed by the system")
        EXPIRED = "expired", _("files deleted")

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    client_id = models.CharField(max_length=140)
    client_name = models.CharField(max_length=200)
    facility = models.CharField(max_length=40, help_text="code of the facility that the system speaks for")
    user = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    reader = models.CharField(max_length=60, blank=True, help_text="sender under whose ids its own resources come")
    is_oversight = models.BooleanField(help_text="the region of the facility, without what names a patient")
    kinds = models.JSONField(help_text="the types of resources")
    since = models.DateTimeField(null=True, blank=True)
    request = models.TextField(help_text="address by which it was asked for")
    told = models.JSONField(default=list, help_text="what of the request was left out: code, message")
    state = models.CharField(max_length=10, choices=State)
    attempt = models.PositiveSmallIntegerField(default=0)
    doing = models.CharField(max_length=40, blank=True, help_text="the type that is being written")
    written = models.BigIntegerField(default=0, help_text="resources")
    patients = models.BigIntegerField(default=0, help_text="patient records of which something is in the files")
    reason = models.CharField(max_length=40, blank=True, help_text="why it failed")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    transaction_time = models.DateTimeField(null=True, blank=True)
    horizon = models.BigIntegerField(null=True, blank=True, help_text="first transaction that it may not have seen")
    cluster = models.BigIntegerField(null=True, blank=True, help_text="the database server that counts them")

    objects = ExportQuerySet.as_manager()

    class Meta:
        app_label = "exchange"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "complete", "failed", "removed", "expired"]),
                name="exchange_bulkexport_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete")
                | Q(transaction_time__isnull=False, expires_at__isnull=False, finished_at__isnull=False),
                name="exchange_bulkexport_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["client_id", "state"], name="exchange_bulkexport_client"),
            models.Index(
                fields=["id"], condition=Q(state__in=["waiting", "running"]), name="exchange_bulkexport_waiting"
            ),
            models.Index(fields=["transaction_time"], name="exchange_bulkexport_time"),
        ]

    def __str__(self) -> str:
        return f"export {self.key}"


class BulkFile(models.Model):
    """One file of a complete export: resources of one type, or messages about the export itself."""

    export = models.ForeignKey(BulkExport, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    lines = models.PositiveIntegerField()
    size = models.BigIntegerField(help_text="bytes as NDJSON")
    packed = models.BigIntegerField(help_text="bytes on the disk, by gzip")
    is_message = models.BooleanField(default=False)

    class Meta:
        app_label = "exchange"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["export", "name"], name="exchange_bulkfile_once")]

    def __str__(self) -> str:
        return self.name
