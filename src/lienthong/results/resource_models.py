"""FHIR resources as their senders gave them: the latest version of each, those before it, and the texts to search."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class Resource(models.Model):
    """The latest version of a resource. `content` is the JSON as received, without what the server says of it (meta).

    `id` is its name here, made of its kind, its sender and the sender's own id, so that two senders may use one id.
    `tokens` are what it is found by (see `resources/tokens.py`), `ranges` its further times and its amounts by search
    parameter.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=60)
    own_id = models.CharField(max_length=64)
    facility_id = models.BigIntegerField(help_text="of the sender")
    version = models.PositiveIntegerField()
    key = models.BigIntegerField(help_text="time-ordered, of this version")
    is_deleted = models.BooleanField(default=False)
    inbox_id = models.BigIntegerField(help_text="the message that brought this version")
    patient_record_id = models.BigIntegerField(null=True)
    starts_at = models.DateTimeField(null=True, help_text="beginning of its clinical time")
    ends_at = models.DateTimeField(null=True)
    tokens = ArrayField(models.BigIntegerField(), default=list)
    ranges = models.JSONField(default=dict)
    content = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="results_resource_version"),
        ]
        indexes = [
            models.Index(fields=["patient_record_id", "kind", "starts_at"], name="results_resource_patient"),
            models.Index(fields=["kind", "starts_at"], name="results_resource_begun"),
            models.Index(fields=["kind", "key"], name="results_resource_changed"),
            models.Index(fields=["inbox_id"], condition=Q(patient_record_id=None), name="results_resource_ownerless"),
            models.Index(fields=["inbox_id"], condition=Q(kind="ServiceRequest"), name="results_resource_request"),
            GinIndex(fields=["tokens"], name="results_resource_tokens"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.pk}"


class ResourceVersion(models.Model):
    """A version that another has replaced, as received; a deletion has no content."""

    id = models.BigIntegerField(primary_key=True, help_text="the key that the version had")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="earlier")
    version = models.PositiveIntegerField()
    is_deleted = models.BooleanField(default=False)
    inbox_id = models.BigIntegerField()
    content = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "version"], name="results_resourceversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} version {self.version}"


class ResourceChange(models.Model):
    """That a resource, or a row that is shown as one, was written; see `resources/changes.py`.

    `place` is its place among all changes, given after its commit; none yet while that waits.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, help_text="the id it is found by: its name, or that of a row")
    place = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(place=None), name="results_resourcechange_waiting")]

    def __str__(self) -> str:
        return f"{self.kind}/{self.subject}"


class ResourceText(models.Model):
    """A text by which a resource is found (search parameters of type string), folded: no case, no marks."""

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="texts")
    parameter = models.CharField(max_length=40)
    folded = models.CharField(max_length=300)
    exact = models.CharField(max_length=300)

    class Meta:
        indexes = [
            models.Index(
                fields=["parameter", "folded"],
                opclasses=["varchar_ops", "varchar_pattern_ops"],
                name="results_resourcetext_find",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} of {self.resource_id}"
