"""Every number that a sender gave up has a record of its own: those that were never seen get one, of the same person."""

from django.db import migrations

_MAKE = """
WITH made AS (
  INSERT INTO results_patientrecord (source, facility_id, local_system, local_id, full_name, name_key, other_name,
    birth_date, sex, phone, address, updated_at)
  SELECT n.source, r.facility_id, n.local_system, n.local_id, r.full_name, r.name_key, r.other_name, r.birth_date,
    r.sex, r.phone, r.address, n.said_at
  FROM results_priornumber n JOIN results_patientrecord r ON r.id = n.record_id WHERE n.superseded_at IS NULL
  ON CONFLICT DO NOTHING RETURNING id, source, local_system, local_id
)
INSERT INTO results_personlink (record_id, person_id, reason, recorded_at)
SELECT made.id, l.person_id, 'sender', n.recorded_at FROM made
JOIN results_priornumber n ON n.source = made.source AND n.local_system = made.local_system
  AND n.local_id = made.local_id AND n.superseded_at IS NULL
JOIN results_personlink l ON l.record_id = n.record_id AND l.superseded_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("results", "0018_report_of_resource")]
    operations = [migrations.RunSQL(_MAKE, migrations.RunSQL.noop)]
