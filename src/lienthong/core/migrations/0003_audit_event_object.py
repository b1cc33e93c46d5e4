"""Finds the history of one registered thing among the events of all messages."""

from django.db import migrations

CREATE = """
CREATE INDEX core_audit_event_object ON core_audit_event (object_kind, object_key, id)
WHERE object_kind IN ('source', 'code-mapping', 'certification')
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_event")]
    operations = [migrations.RunSQL(CREATE, "DROP INDEX core_audit_event_object")]
