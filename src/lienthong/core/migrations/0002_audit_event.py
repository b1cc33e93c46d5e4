from django.db import migrations

from lienthong.core import timekey
from lienthong.core.partitions import create_table

COLUMNS = """
  id bigint NOT NULL DEFAULT timekey() PRIMARY KEY,
  at timestamptz NOT NULL,
  actor varchar(150) NOT NULL,
  actor_label varchar(300) NOT NULL,
  action varchar(60) NOT NULL,
  object_kind varchar(60) NOT NULL,
  object_key varchar(100) NOT NULL,
  patient_record_id bigint,
  facility varchar(40) NOT NULL,
  relation varchar(40) NOT NULL,
  detail jsonb NOT NULL
"""
BY_PATIENT = "CREATE INDEX core_audit_event_patient ON core_audit_event (patient_record_id, id) WHERE patient_record_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_start")]
    operations = [
        migrations.RunSQL(timekey.CREATE_SQL, timekey.DROP_SQL),
        create_table("core_audit_event", COLUMNS, indexes=(BY_PATIENT,)),
    ]
