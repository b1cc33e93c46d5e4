"""Notices of changed persons: their kinds, and the indexes by which reuses of a patient's results are found."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("recognition", "0001_start")]
    operations = [
        migrations.AlterField(
            "reusenotice",
            "kind",
            models.CharField(
                max_length=15,
                choices=[
                    ("corrected", "corrected"),
                    ("withdrawn", "withdrawn"),
                    ("bracket_lost", "quality control failed afterwards"),
                    ("other_person", "now another patient’s"),
                    ("same_again", "this patient’s again"),
                    ("person_changed", "the patient’s records were joined or separated"),
                ],
            ),
        ),
        migrations.AlterField(
            "reusenotice",
            "cause_key",
            models.CharField(max_length=60, help_text="the new version, the violation, or the link to a person"),
        ),
        AddIndexConcurrently(
            "ordercheck", models.Index(fields=["patient_record_id"], name="recognition_ordercheck_patient")
        ),
        AddIndexConcurrently(
            "orderline",
            models.Index(
                fields=["result_id"], condition=models.Q(choice="reuse"), name="recognition_orderline_result"
            ),
        ),
    ]
