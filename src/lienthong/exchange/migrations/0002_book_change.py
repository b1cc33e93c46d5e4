from django.db import migrations

# What messages are read with. Workers keep it between batches for as long as no row is added here.
TABLES = (
    *("exchange_source", "exchange_codemapping", "registry_region", "registry_regionparent", "registry_facility"),
    *("registry_facilityclass", "registry_laboratory", "registry_analyte", "registry_procedure"),
    "registry_procedureperiod",
)
# Rows are added, and none is counted up: two who change terms at once do not wait for each other, and the number of
# rows that can be seen grows exactly when a change can be seen.
MADE = """
CREATE TABLE exchange_bookchange (id bigserial PRIMARY KEY);
CREATE FUNCTION exchange_book_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO exchange_bookchange DEFAULT VALUES;
  RETURN NULL;
END $$;
"""
DROPPED = "DROP FUNCTION exchange_book_changed() CASCADE; DROP TABLE exchange_bookchange;"


def trigger(table: str) -> str:
    return (
        f"CREATE TRIGGER exchange_book_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION exchange_book_changed()"
    )


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_start"), ("registry", "0001_start")]
    operations = [
        migrations.RunSQL(MADE, DROPPED),
        migrations.RunSQL([trigger(table) for table in TABLES], migrations.RunSQL.noop),
    ]
