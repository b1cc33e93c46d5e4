from django.db import migrations, models

# Null: the message came before comments were kept. A table that is partitioned takes a column without being rewritten.
FORWARD = "ALTER TABLE results_result ADD COLUMN comment text"
BACKWARD = "ALTER TABLE results_result DROP COLUMN comment"
HELP = "notes of the laboratory, a line each; null: the message came before they were kept"


class Migration(migrations.Migration):
    dependencies = [("results", "0010_specimens_of_orders")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddField("report", "comment", models.TextField(null=True, blank=True, help_text=HELP)),
    ]
