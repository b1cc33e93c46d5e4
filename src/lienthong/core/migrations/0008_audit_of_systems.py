"""Finds the history of one connected system, and when it was refused, among the events of all messages."""

from django.db import migrations

CREATE = """
CREATE INDEX core_audit_event_system ON core_audit_event (object_kind, object_key, id)
WHERE object_kind IN ('connected-system', 'access-refusal')
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0007_keys_have_systems")]
    operations = [migrations.RunSQL(CREATE, "DROP INDEX core_audit_event_system")]
