from django.db import migrations, models


class Migration(migrations.Migration):
    """A lot has one target on a measuring system that has not ended."""

    dependencies = [
        ("iqc", "0002_kind_of_drafts"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="controltarget",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None), ("valid_to", None)),
                fields=("procedure", "control_lot"),
                name="iqc_controltarget_one_open",
            ),
        ),
    ]
