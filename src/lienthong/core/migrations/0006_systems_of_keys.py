"""Each issuer whose keys were registered becomes a connected system that may call CDS Hooks, as it could before."""

from django.db import migrations

LONGEST = 140


def make_systems(apps, schema_editor):
    key, system = apps.get_model("core", "ClientKey"), apps.get_model("core", "ConnectedSystem")
    user = apps.get_model("core", "User")
    for issuer in key.objects.order_by("issuer").values_list("issuer", flat=True).distinct():
        if len(issuer) > LONGEST:
            raise ValueError(f"the issuer of a key has more than {LONGEST} characters; register it by a shorter name")
        mine = key.objects.filter(issuer=issuer)
        newest = mine.order_by("-valid_from", "-pk")[0]
        acting, _created = user.objects.get_or_create(
            username=f"client:{issuer}", defaults={"full_name": issuer, "is_system": True, "password": "!"}
        )
        told = {
            "name": issuer,
            "facility": newest.facility,
            "scopes": ["cds-hooks/call"],
            "user": acting,
            "registered_at": mine.order_by("valid_from")[0].valid_from,
        }
        made, _created = system.objects.get_or_create(client_id=issuer, defaults=told)
        mine.update(system=made)


def name_issuers(apps, schema_editor):
    """Put back the issuer and the facility of each key; the systems stay until their table goes."""
    for one in apps.get_model("core", "ClientKey").objects.select_related("system"):
        type(one).objects.filter(pk=one.pk).update(issuer=one.system.client_id, facility=one.system.facility)


class Migration(migrations.Migration):
    dependencies = [("core", "0005_connected_systems")]
    operations = [migrations.RunPython(make_systems, name_issuers)]
