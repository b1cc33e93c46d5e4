"""Outlets, to which changes go out, and their dispatches."""

import django.db.models.deletion
from django.db import migrations, models

import lienthong.core.timekey


class Migration(migrations.Migration):
    dependencies = [("exchange", "0012_dicom_source")]
    operations = [
        migrations.CreateModel(
            name="Outlet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "channel",
                    models.CharField(
                        choices=[("hl7v2", "HL7 v2 (MLLP)"), ("rest-hook", "FHIR Subscription")], max_length=20
                    ),
                ),
                (
                    "client",
                    models.CharField(blank=True, help_text="client_id of the system that made it", max_length=140),
                ),
                ("settings", models.JSONField(default=dict, help_text="the channel's own")),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "sending"), ("paused", "paused"), ("off", "ended")],
                        db_default="active",
                        default="active",
                        max_length=10,
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("refused_in_a_row", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("last_error_code", models.CharField(blank=True, max_length=60)),
                (
                    "last_error",
                    models.CharField(blank=True, help_text="without any patient's values", max_length=500),
                ),
                ("last_error_at", models.DateTimeField(blank=True, null=True)),
                ("last_delivered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outlets", to="registry.facility"
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["hl7v2", "rest-hook"])), name="exchange_outlet_channel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "paused", "off"])), name="exchange_outlet_state"
                    ),
                    models.CheckConstraint(condition=models.Q(("position__gte", -1)), name="exchange_outlet_position"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="exchange_outlet_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failing_since", None), ("failures", 0)),
                            models.Q(("failing_since__isnull", False), ("failures__gte", 1)),
                            _connector="OR",
                        ),
                        name="exchange_outlet_failing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        db_default=lienthong.core.timekey.Timekey(), primary_key=True, serialize=False
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("kind", models.CharField(help_text="report, or a FHIR type", max_length=40)),
                ("subject", models.CharField(help_text="its id here", max_length=100)),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("delivered", "delivered"),
                            ("dead", "not delivered"),
                            ("superseded", "replaced by a newer version"),
                            ("withheld", "no longer to be read by the receiver"),
                            ("closed", "closed by a person"),
                        ],
                        db_default="waiting",
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "refusals",
                    models.PositiveIntegerField(db_default=0, default=0, help_text="since it was queued or sent again"),
                ),
                ("queued_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("last_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("last_error_code", models.CharField(blank=True, db_default="", max_length=60)),
                (
                    "last_error",
                    models.CharField(
                        blank=True, db_default="", help_text="without any patient's values", max_length=500
                    ),
                ),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outlet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="exchange.outlet",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["outlet", "position", "id"],
                        name="exchange_dispatch_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state", "dead")),
                        fields=["outlet", "position"],
                        name="exchange_dispatch_dead",
                    ),
                    models.Index(fields=["outlet", "kind", "subject"], name="exchange_dispatch_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("outlet", "position", "kind", "subject"), name="exchange_dispatch_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["waiting", "delivered", "dead", "superseded", "withheld", "closed"],
                            )
                        ),
                        name="exchange_dispatch_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("delivered_at__isnull", False), ("state", "delivered")),
                            models.Q(models.Q(("state", "delivered"), _negated=True), ("delivered_at", None)),
                            _connector="OR",
                        ),
                        name="exchange_dispatch_delivered",
                    ),
                ],
            },
        ),
    ]
