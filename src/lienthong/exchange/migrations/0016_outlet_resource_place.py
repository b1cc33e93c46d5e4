"""Subscribers follow the changes of resources beside the log; one that stands already begins with the first of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0015_sender_of_files")]
    operations = [
        migrations.AddField("outlet", "resource_place", models.BigIntegerField(db_default=-1, default=-1)),
        migrations.AddConstraint(
            "outlet",
            models.CheckConstraint(
                condition=models.Q(("resource_place__gte", -1)), name="exchange_outlet_resource_place"
            ),
        ),
        migrations.AlterField(
            "dispatch",
            "version",
            models.PositiveIntegerField(help_text="0: the thing has no versions, and each change is told"),
        ),
    ]
