"""Give the records that are stored already their keys, and their persons the numbers that are theirs."""

from django.db import migrations

from lienthong.results.identity import match_keys, read_number

BATCH = 2000


def fill(apps, schema_editor):
    record, key = apps.get_model("results", "PatientRecord"), apps.get_model("results", "MatchKey")
    claimed, link = apps.get_model("results", "ClaimedNumber"), apps.get_model("results", "PersonLink")
    rows = record.objects.prefetch_related("identifiers").order_by("pk")
    for row in rows.iterator(chunk_size=BATCH):
        pairs = [(one, read_number(one.system, one.value)) for one in row.identifiers.all()]
        numbers = [number for _, number in pairs if number]
        names = [name for name in (row.full_name, row.other_name) if name]
        keys = match_keys(names=names, birth_date=row.birth_date, numbers=numbers, phone=row.phone, address=row.address)
        key.objects.bulk_create((key(key=one, record_id=row.pk) for one in keys), ignore_conflicts=True)
        current = link.objects.filter(record=row, superseded_at=None).first()
        for identifier, number in pairs:
            if number is None or current is None:
                continue
            holder = claimed.objects.filter(system=number.system, key=number.key, superseded_at=None).first()
            is_doubtful = number.problem_with(birth_date=row.birth_date, sex=row.sex)
            if is_doubtful or (holder and holder.person_id != current.person_id):
                identifier.standing = "doubted"
                identifier.save(update_fields=["standing"])
            elif holder is None:
                claimed.objects.create(
                    system=number.system, key=number.key, person_id=current.person_id, recorded_at=current.recorded_at
                )


class Migration(migrations.Migration):
    dependencies = [("results", "0007_identity")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
