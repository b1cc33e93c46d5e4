import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0007_certification")]
    operations = [
        migrations.CreateModel(
            name="SourceDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("messages", models.IntegerField(default=0)),
                ("duplicates", models.IntegerField(default=0)),
                ("held", models.IntegerField(default=0)),
                ("rejected", models.IntegerField(default=0)),
                ("results", models.IntegerField(default=0)),
                ("results_unmapped", models.IntegerField(default=0)),
                ("filled", models.IntegerField(default=0, help_text="expected fields that were filled")),
                ("expected", models.IntegerField(default=0, help_text="expected fields")),
                ("missing", models.JSONField(default=dict, help_text="by field, in how many results it is missing")),
                (
                    "delays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, help_text="results by class of delay", size=None
                    ),
                ),
                ("counted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("source", "day"), name="exchange_sourceday_once")],
                "indexes": [models.Index(fields=["day"], name="exchange_sourceday_day")],
            },
        ),
    ]
