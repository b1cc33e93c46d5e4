"""Patients are asked for by a number of their sender that the caller does not name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("results", "0020_resource_change")]
    operations = [
        migrations.AddIndex("patientrecord", models.Index(fields=["local_id"], name="results_patientrecord_local"))
    ]
