"""A sender that delivers files, pushes reports or writes by FHIR has no listener."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0014_bulk_export")]
    operations = [
        migrations.AlterField(
            model_name="source",
            name="protocol",
            field=models.CharField(
                choices=[
                    ("hl7v2", "HL7 v2"),
                    ("astm", "ASTM (LIS2-A2)"),
                    ("dicom", "DICOM"),
                    ("files", "files, JSON or FHIR"),
                ],
                db_default="hl7v2",
                default="hl7v2",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("source", "exchange_source_analyzer_known"),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("protocol__in", ["hl7v2", "files"]),
                    models.Q(("sending_application", ""), _negated=True),
                    ("peer_address__isnull", False),
                    ("listening_port__isnull", False),
                    _connector="OR",
                ),
                name="exchange_source_analyzer_known",
            ),
        ),
    ]
