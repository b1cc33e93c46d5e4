"""Results, reports and resources are asked for by the day of their clinical time.

The results of a report share it, so that their entries in the index are few bytes each.
"""

from django.db import migrations, models

_CREATE = "CREATE INDEX results_result_collected ON results_result (collected_at)"
_DROP = "DROP INDEX results_result_collected"


class Migration(migrations.Migration):
    dependencies = [("results", "0022_affirmed_messages")]
    operations = [
        migrations.RunSQL(_CREATE, _DROP),
        migrations.AddIndex("report", models.Index(fields=["collected_at"], name="results_report_collected")),
        migrations.AddIndex("resource", models.Index(fields=["kind", "starts_at"], name="results_resource_begun")),
    ]
