"""The same code may mean something else from another analyser or in another specimen."""

from django.db import migrations, models
from django.db.models import Q

OLD = ["source", "local_code", "local_system"]
NEW = [*OLD, "equipment", "specimen"]
IN_FORCE = Q(superseded_at=None, valid_to=None, confirmed_at__isnull=False)
PROPOSED = Q(superseded_at=None, confirmed_at=None)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0008_source_day")]
    operations = [
        migrations.AddField(
            model_name="codemapping",
            name="equipment",
            field=models.CharField(
                blank=True, default="", help_text="OBX-18; empty: any analyser", max_length=60
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="codemapping",
            name="specimen",
            field=models.CharField(blank=True, default="", help_text="kind of specimen; empty: any", max_length=20),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="codemapping", name="exchange_codemapping_one_in_force"),
        migrations.RemoveConstraint(model_name="codemapping", name="exchange_codemapping_one_proposed"),
        migrations.AddConstraint(
            model_name="codemapping",
            constraint=models.UniqueConstraint(
                fields=NEW, condition=IN_FORCE, name="exchange_codemapping_one_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="codemapping",
            constraint=models.UniqueConstraint(
                fields=NEW, condition=PROPOSED, name="exchange_codemapping_one_proposed"
            ),
        ),
    ]
