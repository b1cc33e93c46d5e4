from django.db import migrations

from lienthong.core.partitions import create_table

# Each version of each report: its head as it was sealed, and which rows of results_result it names.
VERSION = """
  id bigint NOT NULL PRIMARY KEY,
  report_id bigint NOT NULL,
  version integer NOT NULL CONSTRAINT results_report_version_number CHECK (version >= 0),
  salt bytea NOT NULL CONSTRAINT results_report_version_salt CHECK (octet_length(salt) = 16),
  head text NOT NULL,
  results bigint[] NOT NULL,
  earlier bigint[] NOT NULL
"""
INDEX = "CREATE INDEX results_report_version_report ON results_report_version (report_id, version)"

# Reports that were stored before there was a log are entered by the worker, a few hundred at a time.
BACKLOG = """
CREATE TABLE results_unsealed (next_report bigint NOT NULL, last_report bigint NOT NULL);
INSERT INTO results_unsealed SELECT min(id), max(id) FROM results_report HAVING count(*) > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("results", "0012_result_by_key"), ("core", "0004_log")]
    operations = [
        create_table("results_report_version", VERSION, indexes=(INDEX,)),
        migrations.RunSQL(BACKLOG, "DROP TABLE results_unsealed"),
    ]
