"""Connected systems, the tokens they are given, and how often who was refused."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_log")]
    operations = [
        # It goes first, so that on the way back it returns last, when issuers have been filled in again.
        migrations.RemoveConstraint(model_name="clientkey", name="core_clientkey_once"),
        migrations.CreateModel(
            name="ConnectedSystem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_id", models.CharField(max_length=140, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("facility", models.CharField(help_text="code of the facility that the system speaks for", max_length=40)),
                ("contact", models.CharField(blank=True, max_length=200)),
                ("scopes", models.JSONField(default=list)),
                (
                    "sources",
                    models.JSONField(
                        default=list, help_text="codes of the senders it may deliver for; empty: all of these"
                    ),
                ),
                ("registered_at", models.DateTimeField()),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                ("last_token_at", models.DateTimeField(blank=True, null=True)),
                ("last_refused_at", models.DateTimeField(blank=True, null=True)),
                ("last_refusal", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("key_id", models.CharField(help_text="of the key that signed for it", max_length=100)),
                ("scopes", models.JSONField()),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="core.connectedsystem",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RefusalCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bucket", models.CharField(max_length=64)),
                ("minute", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bucket", "minute"), name="core_refusalcount_once"),
                ],
            },
        ),
        migrations.AddField(
            model_name="clientkey",
            name="system",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="keys",
                to="core.connectedsystem",
            ),
        ),
    ]
