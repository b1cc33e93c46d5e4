from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("results", "0017_imaging")]
    operations = [
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["resource_id"],
                condition=~models.Q(resource_id=None),
                name="results_report_resource",
            ),
        ),
    ]
