from django.db import migrations, models

# Null: it came as something else than a FHIR resource.
FORWARD = """
ALTER TABLE results_result ADD COLUMN resource_id uuid;
CREATE INDEX results_result_resource ON results_result (resource_id) WHERE resource_id IS NOT NULL;
"""
BACKWARD = """
DROP INDEX results_result_resource;
ALTER TABLE results_result DROP COLUMN resource_id;
"""
HELP = "the FHIR resource that it came as"


class Migration(migrations.Migration):
    dependencies = [("results", "0015_resources")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddField("report", "resource_id", models.UUIDField(null=True, blank=True, help_text=HELP)),
    ]
