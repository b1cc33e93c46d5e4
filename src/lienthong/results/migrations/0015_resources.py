import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("results", "0014_filled_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="Resource",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("source", models.CharField(max_length=60)),
                ("own_id", models.CharField(max_length=64)),
                ("facility_id", models.BigIntegerField(help_text="of the sender")),
                ("version", models.PositiveIntegerField()),
                ("key", models.BigIntegerField(help_text="time-ordered, of this version")),
                ("is_deleted", models.BooleanField(default=False)),
                ("inbox_id", models.BigIntegerField(help_text="the message that brought this version")),
                ("patient_record_id", models.BigIntegerField(null=True)),
                ("starts_at", models.DateTimeField(help_text="beginning of its clinical time", null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("tokens", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ("ranges", models.JSONField(default=dict)),
                ("content", models.TextField()),
            ],
            options={
                "indexes": [models.Index(fields=["patient_record_id", "kind", "starts_at"], name="results_resource_patient"), models.Index(fields=["kind", "key"], name="results_resource_changed"), models.Index(condition=models.Q(("patient_record_id", None)), fields=["inbox_id"], name="results_resource_ownerless"), django.contrib.postgres.indexes.GinIndex(fields=["tokens"], name="results_resource_tokens")],
                "constraints": [models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="results_resource_version")],
            },
        ),
        migrations.CreateModel(
            name="ResourceText",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("parameter", models.CharField(max_length=40)),
                ("folded", models.CharField(max_length=300)),
                ("exact", models.CharField(max_length=300)),
                ("resource", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="results.resource")),
            ],
            options={
                "indexes": [models.Index(fields=["parameter", "folded"], opclasses=["varchar_ops", "varchar_pattern_ops"], name="results_resourcetext_find")],
            },
        ),
        migrations.CreateModel(
            name="ResourceVersion",
            fields=[
                ("id", models.BigIntegerField(help_text="the key that the version had", primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("is_deleted", models.BooleanField(default=False)),
                ("inbox_id", models.BigIntegerField()),
                ("content", models.TextField()),
                ("resource", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="earlier", to="results.resource")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("resource", "version"), name="results_resourceversion_once")],
            },
        ),
    ]
