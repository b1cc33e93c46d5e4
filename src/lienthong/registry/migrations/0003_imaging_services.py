"""An imaging service is a procedure with a modality and, from a day on, an examiner."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_analyte_charge")]
    operations = [
        migrations.AlterField(
            model_name="analyte",
            name="scale",
            field=models.CharField(
                choices=[
                    ("quantitative", "quantitative"),
                    ("qualitative", "qualitative"),
                    ("narrative", "in words"),
                ],
                max_length=15,
            ),
        ),
        migrations.AddField(
            model_name="procedure",
            name="modality",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="of an imaging service: DICOM's code, US or CT",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="procedureperiod",
            name="examiner",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="who examines and reports, or their group",
                max_length=200,
            ),
        ),
        migrations.AddConstraint(
            model_name="procedure",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "imaging"), ("modality", ""), _connector="OR"),
                name="registry_procedure_modality_of_imaging",
            ),
        ),
    ]
