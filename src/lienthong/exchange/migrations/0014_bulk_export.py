"""Exports of everything at once, and their files."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

STATES = [
    ("waiting", "waits"),
    ("running", "being written"),
    ("complete", "ready"),
    ("failed", "could not be made"),
    ("removed", "removed by the system"),
    ("expired", "files deleted"),
]
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("exchange", "0013_outbound"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="BulkExport",
            fields=[
                ("id", ID),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("client_id", models.CharField(max_length=140)),
                ("client_name", models.CharField(max_length=200)),
                (
                    "facility",
                    models.CharField(max_length=40, help_text="code of the facility that the system speaks for"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reader",
                    models.CharField(
                        blank=True, max_length=60, help_text="sender under whose ids its own resources come"
                    ),
                ),
                (
                    "is_oversight",
                    models.BooleanField(help_text="the region of the facility, without what names a patient"),
                ),
                ("kinds", models.JSONField(help_text="the types of resources")),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("request", models.TextField(help_text="address by which it was asked for")),
                (
                    "told",
                    models.JSONField(default=list, help_text="what of the request was left out: code, message"),
                ),
                ("state", models.CharField(choices=STATES, max_length=10)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                (
                    "doing",
                    models.CharField(blank=True, max_length=40, help_text="the type that is being written"),
                ),
                ("written", models.BigIntegerField(default=0, help_text="resources")),
                (
                    "patients",
                    models.BigIntegerField(
                        default=0, help_text="patient records of which something is in the files"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40, help_text="why it failed")),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("transaction_time", models.DateTimeField(blank=True, null=True)),
                (
                    "horizon",
                    models.BigIntegerField(
                        blank=True, null=True, help_text="first transaction that it may not have seen"
                    ),
                ),
                (
                    "cluster",
                    models.BigIntegerField(blank=True, null=True, help_text="the database server that counts them"),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            name="BulkFile",
            fields=[
                ("id", ID),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=40)),
                ("lines", models.PositiveIntegerField()),
                ("size", models.BigIntegerField(help_text="bytes as NDJSON")),
                ("packed", models.BigIntegerField(help_text="bytes on the disk, by gzip")),
                ("is_message", models.BooleanField(default=False)),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="exchange.bulkexport"
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="bulkexport",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "complete", "failed", "removed", "expired"]),
                name="exchange_bulkexport_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkexport",
            constraint=models.CheckConstraint(
                condition=~Q(state="complete")
                | Q(transaction_time__isnull=False, expires_at__isnull=False, finished_at__isnull=False),
                name="exchange_bulkexport_complete",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkexport",
            index=models.Index(fields=["client_id", "state"], name="exchange_bulkexport_client"),
        ),
        migrations.AddIndex(
            model_name="bulkexport",
            index=models.Index(
                condition=Q(state__in=["waiting", "running"]), fields=["id"], name="exchange_bulkexport_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkexport",
            index=models.Index(fields=["transaction_time"], name="exchange_bulkexport_time"),
        ),
        migrations.AddConstraint(
            model_name="bulkfile",
            constraint=models.UniqueConstraint(fields=["export", "name"], name="exchange_bulkfile_once"),
        ),
    ]
