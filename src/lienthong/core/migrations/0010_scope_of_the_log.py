"""Take back a scope that opened nothing: the log is read without a token."""

from django.db import migrations

TAKE_BACK = """
UPDATE core_connectedsystem SET scopes = scopes - 'log/read' WHERE scopes ? 'log/read';
UPDATE core_accesstoken SET scopes = scopes - 'log/read' WHERE scopes ? 'log/read';
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0009_audit_of_outlets")]
    operations = [migrations.RunSQL(TAKE_BACK, migrations.RunSQL.noop)]
