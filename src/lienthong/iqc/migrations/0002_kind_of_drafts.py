from django.db import migrations, models


class Migration(migrations.Migration):
    """A file that waits for its owner's word holds runs, as all did so far, or targets."""

    dependencies = [
        ("iqc", "0001_start"),
    ]

    operations = [
        migrations.AddField(
            model_name="controlfiledraft",
            name="kind",
            field=models.CharField(
                choices=[("runs", "control runs"), ("targets", "control targets")], db_default="runs", max_length=10
            ),
        ),
        migrations.AddConstraint(
            model_name="controlfiledraft",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["runs", "targets"])), name="iqc_controlfiledraft_kind"
            ),
        ),
    ]
