from django.db import migrations

# Workers keep mappings of control materials between batches as they keep those of codes.
TRIGGER = """
CREATE TRIGGER exchange_book_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON exchange_controlmapping
FOR EACH STATEMENT EXECUTE FUNCTION exchange_book_changed()
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0004_control_mappings")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER exchange_book_changed ON exchange_controlmapping")]
