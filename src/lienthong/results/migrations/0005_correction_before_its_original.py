from django.db import migrations

# A correction whose original was never received is its second version: the first has a place to come to.
FORWARD = """
ALTER TABLE results_result DROP CONSTRAINT results_result_first_replaces_nothing;
ALTER TABLE results_result ADD CONSTRAINT results_result_first_replaces_nothing CHECK (
  CASE WHEN version = 1 THEN replaces IS NULL
       ELSE replaces IS NOT NULL OR (version = 2 AND status IN ('corrected', 'withdrawn')) END
);
"""
BACKWARD = """
ALTER TABLE results_result DROP CONSTRAINT results_result_first_replaces_nothing;
ALTER TABLE results_result ADD CONSTRAINT results_result_first_replaces_nothing
  CHECK ((version = 1) = (replaces IS NULL));
"""


class Migration(migrations.Migration):
    dependencies = [("results", "0004_result_observed_at")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
