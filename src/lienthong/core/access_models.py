"""Connected systems, the keys they sign with, the tokens they were given, and how often who was refused."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class ConnectedSystem(models.Model):
    """A system that calls the platform's interfaces: it speaks for one facility and may do what its scopes say."""

    client_id = models.CharField(max_length=140, unique=True)
    name = models.CharField(max_length=200)
    facility = models.CharField(max_length=40, help_text="code of the facility that the system speaks for")
    contact = models.CharField(max_length=200, blank=True)
    scopes = models.JSONField(default=list)
    sources = models.JSONField(default=list, help_text="codes of the senders it may deliver for; empty: all of these")
    user = models.OneToOneField("core.User", on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)
    last_token_at = models.DateTimeField(null=True, blank=True)
    last_refused_at = models.DateTimeField(null=True, blank=True)
    last_refusal = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.client_id


class ClientKey(models.Model):
    """A public key with which a connected system signs (RFC 7517), and from when to when it holds."""

    system = models.ForeignKey(ConnectedSystem, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=100)
    jwk = models.JSONField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "key_id"], name="core_clientkey_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="core_clientkey_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.key_id}"


class UsedAssertion(models.Model):
    """An assertion that was accepted once and is refused from then on (RFC 7519, jti)."""

    issuer = models.CharField(max_length=300)
    token_id = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "token_id"], name="core_usedassertion_once")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.token_id}"


class AccessToken(models.Model):
    """A token as it was issued. The token itself is not kept, only its SHA-256."""

    digest = models.CharField(max_length=64, unique=True)
    system = models.ForeignKey(ConnectedSystem, on_delete=models.CASCADE, related_name="tokens")
    key_id = models.CharField(max_length=100, help_text="of the key that signed for it")
    scopes = models.JSONField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk} of {self.system_id}"


class RefusalCount(models.Model):
    """How often someone was refused in a minute; `bucket` is a digest of the address, or of address and client."""

    bucket = models.CharField(max_length=64)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "minute"], name="core_refusalcount_once")]

    def __str__(self) -> str:
        return f"{self.count} at {self.minute:%H:%M}"
