from django.db import migrations

# Names of what the message did not tell, parted by blanks. A constant default is kept beside the table, so that no
# partition is rewritten.
FORWARD = "ALTER TABLE results_result ADD COLUMN filled_in text NOT NULL DEFAULT ''"
BACKWARD = "ALTER TABLE results_result DROP COLUMN filled_in"


class Migration(migrations.Migration):
    dependencies = [("results", "0013_report_versions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
