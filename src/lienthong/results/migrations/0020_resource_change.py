"""What was written of resources, in an order for those who follow it. Places begin behind those of the log's leaves."""

from django.db import migrations, models

FORWARD = f"CREATE SEQUENCE results_resourcechange_place START {2**62} MINVALUE {2**62}"
BACKWARD = "DROP SEQUENCE results_resourcechange_place"


class Migration(migrations.Migration):
    dependencies = [("results", "0019_records_of_prior_numbers")]
    operations = [
        migrations.CreateModel(
            name="ResourceChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                (
                    "subject",
                    models.CharField(help_text="the id it is found by: its name, or that of a row", max_length=100),
                ),
                ("place", models.BigIntegerField(null=True, unique=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["id"], condition=models.Q(("place", None)), name="results_resourcechange_waiting"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex(
            "resource",
            models.Index(
                fields=["inbox_id"],
                condition=models.Q(("kind", "ServiceRequest")),
                name="results_resource_request",
            ),
        ),
    ]
