"""Finds the history of one outlet among the events of all messages."""

from django.db import migrations

CREATE = """
CREATE INDEX core_audit_event_outlet ON core_audit_event (object_kind, object_key, id) WHERE object_kind = 'outlet'
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0008_audit_of_systems")]
    operations = [migrations.RunSQL(CREATE, "DROP INDEX core_audit_event_outlet")]
