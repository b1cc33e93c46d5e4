from django.db import migrations

# OBX-14 tells results of one code apart that were observed at several times.
FORWARD = "ALTER TABLE results_result ADD COLUMN observed_at timestamptz"
BACKWARD = "ALTER TABLE results_result DROP COLUMN observed_at"


class Migration(migrations.Migration):
    dependencies = [("results", "0003_order")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
