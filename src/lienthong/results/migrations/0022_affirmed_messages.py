"""A person may affirm that what a held message says again holds now."""

from django.db import migrations

_ADD = "ALTER TABLE results_inbox ADD COLUMN affirmed_at timestamptz"
_DROP = "ALTER TABLE results_inbox DROP COLUMN affirmed_at"


class Migration(migrations.Migration):
    dependencies = [("results", "0021_find_local_numbers")]
    operations = [migrations.RunSQL(_ADD, _DROP)]
