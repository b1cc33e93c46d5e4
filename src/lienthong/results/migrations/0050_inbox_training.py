"""A message of training is kept and judged, and nothing of it is stored on a patient."""

from django.db import migrations

STATES = "'received', 'stored', 'duplicate', 'control', 'held', 'rejected'"
SET = """
ALTER TABLE results_inbox DROP CONSTRAINT results_inbox_state;
ALTER TABLE results_inbox ADD CONSTRAINT results_inbox_state CHECK (state IN ({states})) NOT VALID;
ALTER TABLE results_inbox VALIDATE CONSTRAINT results_inbox_state;
"""
CREATE = "CREATE INDEX results_inbox_training ON results_inbox (source, id) WHERE state = 'training'"


class Migration(migrations.Migration):
    dependencies = [("results", "0031_keys_and_numbers")]
    operations = [
        migrations.RunSQL(SET.format(states=f"{STATES}, 'training'"), SET.format(states=STATES)),
        migrations.RunSQL(CREATE, "DROP INDEX results_inbox_training"),
    ]
