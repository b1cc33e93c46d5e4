"""Archives and devices that speak DICOM are senders; a sender's reports link to its archive."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0011_deliveries")]
    operations = [
        migrations.AlterField(
            model_name="source",
            name="protocol",
            field=models.CharField(
                choices=[("hl7v2", "HL7 v2"), ("astm", "ASTM (LIS2-A2)"), ("dicom", "DICOM")],
                db_default="hl7v2",
                default="hl7v2",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="dicomweb_url",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="of its image archive (PS3.18), without /studies",
                max_length=200,
            ),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(
                condition=models.Q(("protocol", "dicom")),
                fields=("sending_application",),
                name="exchange_source_dicom_once",
            ),
        ),
    ]
