from django.db import migrations

# The notices of a reuse, and whoever asks for one result, know its key alone. Keys grow with time, so that an entry is
# always the last of its index.
FORWARD = "CREATE INDEX results_result_id ON results_result (id)"
BACKWARD = "DROP INDEX results_result_id"


class Migration(migrations.Migration):
    dependencies = [("results", "0011_comments")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
