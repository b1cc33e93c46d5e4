from django.db import migrations

# Lanes are looked at only as long as messages wait in them, and no query asks for a result by its key alone: the rows
# of history need neither index.
FORWARD = """
CREATE INDEX results_inbox_open_lane ON results_inbox (lane, id) WHERE state IN ('received', 'held');
DROP INDEX results_inbox_lane;
DROP INDEX results_result_key;
"""
BACKWARD = """
CREATE INDEX results_result_key ON results_result (key, version);
CREATE INDEX results_inbox_lane ON results_inbox (lane, id);
DROP INDEX results_inbox_open_lane;
"""


class Migration(migrations.Migration):
    dependencies = [("results", "0005_correction_before_its_original")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
