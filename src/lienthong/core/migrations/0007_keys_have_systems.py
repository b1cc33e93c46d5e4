"""A key belongs to its system, which alone says who it is and for which facility it speaks.

Nothing in the platform ever wrote the two columns that go: keys were put into the table by hand.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0006_systems_of_keys")]
    operations = [
        migrations.AlterField(
            model_name="clientkey",
            name="system",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="core.connectedsystem"
            ),
        ),
        # Without a default the columns could not come back.
        migrations.AlterField(
            model_name="clientkey", name="issuer", field=models.CharField(default="", max_length=300)
        ),
        migrations.AlterField(
            model_name="clientkey",
            name="facility",
            field=models.CharField(
                default="", help_text="code of the facility that the system speaks for", max_length=40
            ),
        ),
        migrations.RemoveField(model_name="clientkey", name="issuer"),
        migrations.RemoveField(model_name="clientkey", name="facility"),
        migrations.AddConstraint(
            model_name="clientkey",
            constraint=models.UniqueConstraint(fields=("system", "key_id"), name="core_clientkey_once"),
        ),
        migrations.AddConstraint(
            model_name="clientkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"),
                name="core_clientkey_period",
            ),
        ),
    ]
