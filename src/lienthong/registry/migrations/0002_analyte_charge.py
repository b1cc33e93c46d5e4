"""Ions have a charge, by which milliequivalents become millimoles; analytes have the other names that senders use."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_start")]
    operations = [
        migrations.AddField(
            model_name="analyte",
            name="charge",
            field=models.PositiveSmallIntegerField(blank=True, help_text="of the ion, without its sign", null=True),
        ),
        migrations.AddField(
            model_name="analyte",
            name="synonyms",
            field=models.CharField(
                blank=True, default="", help_text="other names of this installation, separated by ;", max_length=500
            ),
        ),
    ]
