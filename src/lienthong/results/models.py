"""The inbox, patient records and the persons they are linked to, orders, reports, and each version of each result."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lienthong.core.timekey import Timekey
from lienthong.results.identity_models import (
    ClaimedNumber,
    HeldForReview,
    MatchKey,
    NameWord,
    PersonMerge,
    PriorNumber,
    ReviewCase,
    ReviewDecision,
)
from lienthong.results.imaging_models import ImagingObject, ReportDocument
from lienthong.results.order_models import HeldForOrder, OrderSpecimen
from lienthong.results.resource_models import Resource, ResourceChange, ResourceText, ResourceVersion

__all__ = [
    "ClaimedNumber",
    "HeldForOrder",
    "HeldForReview",
    "HeldResult",
    "ImagingObject",
    "InboxMessage",
    "MatchKey",
    "NameWord",
    "OrderSpecimen",
    "PatientIdentifier",
    "PatientRecord",
    "Person",
    "PersonLink",
    "PersonMerge",
    "PriorNumber",
    "Report",
    "ReportDocument",
    "Resource",
    "ResourceChange",
    "ResourceText",
    "ResourceVersion",
    "Result",
    "ReviewCase",
    "ReviewDecision",
]

COMMENT = "notes of the laboratory, a line each; null: the message came before they were kept"


class InboxMessage(models.Model):
    """A message as received. Written before the sender is answered; nothing is dropped.

    Partitioned by range of its time-ordered key.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        STORED = "stored", _("stored")
        DUPLICATE = "duplicate", _("changed nothing")
        CONTROL = "control", _("quality control")
        HELD = "held", _("held")
        REJECTED = "rejected", _("not accepted")
        TRAINING = "training", _("training")

    id = models.BigIntegerField(primary_key=True, db_default=Timekey())
    source = models.CharField(max_length=60, help_text="code of the sender; empty: not known")
    sender = models.CharField(max_length=200, help_text="MSH-3 and MSH-4 as sent")
    lane = models.CharField(max_length=200, help_text="source and report: order of effect is kept within it")
    control_id = models.CharField(max_length=200)
    message_type = models.CharField(max_length=40)
    raw = models.BinaryField()
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=40, blank=True)
    findings = models.JSONField(default=list)
    results_stored = models.IntegerField(default=0)
    results_held = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    processed_at = models.DateTimeField(null=True)
    affirmed_at = models.DateTimeField(null=True, help_text="a person found out that what it says again holds now")

    class Meta:
        managed = False
        db_table = "results_inbox"

    def __str__(self) -> str:
        return f"{self.source} {self.control_id} {self.state}"


class Person(models.Model):
    """One human being, as far as is known: nothing but the end of links from senders' records."""

    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"person {self.pk}"


class PatientRecord(models.Model):
    """A patient as one sender knows him or her. Results hang here and never move; links to persons do."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="patient_records")
    local_system = models.CharField(max_length=100, blank=True, help_text="assigning authority of the local number")
    local_id = models.CharField(max_length=100)
    full_name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, blank=True, help_text="name without case and marks, for searching")
    other_name = models.CharField(max_length=200, blank=True, db_default="", help_text="the name in another script")
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True, db_default="")
    address = models.CharField(max_length=300, blank=True, db_default="")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "local_system", "local_id"], name="results_patientrecord_once")
        ]
        indexes = [models.Index(fields=["local_id"], name="results_patientrecord_local")]

    def __str__(self) -> str:
        return f"patient record {self.pk}"


class PatientIdentifier(models.Model):
    """A number by which the sender's record names its patient: national identity, insurance card, local number."""

    class Standing(models.TextChoices):
        PLAIN = "", _("as sent")
        DOUBTED = "doubted", _("in doubt")
        HELD = "held", _("another person's, to be decided")
        FOREIGN = "foreign", _("another person's")

    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=60)
    value = models.CharField(max_length=100)
    standing = models.CharField(max_length=10, choices=Standing, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "system", "value"], name="results_patientidentifier_once")
        ]
        indexes = [models.Index(fields=["system", "value"], name="results_patientidentifier_find")]

    def __str__(self) -> str:
        return f"identifier of {self.record_id}"


class PersonLink(models.Model):
    """Which person a record is taken to be, from when to when, and why."""

    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links")
    reason = models.CharField(max_length=40)
    merge = models.ForeignKey("results.PersonMerge", on_delete=models.PROTECT, null=True, blank=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(superseded_at=None), name="results_personlink_one_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id} to {self.person_id}"


class Report(models.Model):
    """A report under the number its laboratory gave it."""

    class Status(models.TextChoices):
        PRELIMINARY = "preliminary", _("preliminary")
        FINAL = "final", _("final")
        CORRECTED = "corrected", _("corrected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=100, help_text="filler order number, OBR-3")
    placer_number = models.CharField(max_length=100, blank=True)
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="reports")
    patient_record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="reports")
    service = models.CharField(max_length=200, blank=True)
    requester = models.CharField(max_length=200, blank=True)
    specimen = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=12, choices=Status)
    collected_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(null=True, blank=True, help_text=COMMENT)
    version = models.PositiveIntegerField(default=1)
    inbox_id = models.BigIntegerField(help_text="the latest message that changed it")
    resource_id = models.UUIDField(null=True, blank=True, help_text="the FHIR resource that it came as")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="results_report_once")]
        indexes = [
            models.Index(fields=["placer_number"], name="results_report_placer"),
            models.Index(fields=["facility", "number"], name="results_report_number"),
            models.Index(fields=["collected_at"], name="results_report_collected"),
            models.Index(fields=["resource_id"], condition=~Q(resource_id=None), name="results_report_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"


class Result(models.Model):
    """One version of one result. Written by COPY; a changed content is a new version that names what it replaces.

    Partitioned by range of its time-ordered key; the primary key in the database is (patient record, id). Rows name
    the procedure, analyte, report and message by key without foreign keys: the writer checks them.
    """

    class Status(models.TextChoices):
        PRELIMINARY = "preliminary", _("preliminary")
        FINAL = "final", _("final")
        CORRECTED = "corrected", _("corrected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.BigIntegerField(primary_key=True)
    patient_record_id = models.BigIntegerField()
    report_id = models.BigIntegerField()
    inbox_id = models.BigIntegerField()
    key = models.CharField(max_length=64, help_text="digest of source, filler order, code, sub-id and specimen")
    version = models.IntegerField()
    replaces = models.BigIntegerField(null=True)
    is_current = models.BooleanField()
    procedure_id = models.BigIntegerField(null=True)
    analyte_id = models.BigIntegerField()
    local_code = models.TextField()
    local_name = models.TextField()
    status = models.CharField(max_length=12, choices=Status)
    reported_value = models.TextField(help_text="as received; 1.50 stays 1.50")
    reported_unit = models.TextField()
    comparator = models.CharField(max_length=2)
    value = models.DecimalField(max_digits=24, decimal_places=10, null=True, help_text="in the analyte's unit")
    outcome = models.CharField(max_length=15, help_text="positive, negative, indeterminate or empty")
    reference_range = models.TextField(help_text="of the producing laboratory, as received")
    reference_low = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    reference_high = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    flags = models.TextField()
    collected_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    marks = models.JSONField(default=list, help_text="marks of the grants in force at the policy's instant")
    comment = models.TextField(null=True, help_text=COMMENT)
    resource_id = models.UUIDField(null=True, help_text="the FHIR resource that it came as")
    filled_in = models.TextField(help_text="what the message did not tell and the registry did, parted by blanks")

    class Meta:
        managed = False
        db_table = "results_result"

    def __str__(self) -> str:
        return f"result {self.pk} version {self.version}"


class HeldResult(models.Model):
    """A result of a message whose code, unit or specimen has no mapping yet; the rest of the message is stored."""

    id = models.BigAutoField(primary_key=True)
    inbox_id = models.BigIntegerField(db_index=True)
    source = models.CharField(max_length=60)
    position = models.CharField(max_length=40, help_text="OBX-3[2]")
    local_code = models.CharField(max_length=60)
    local_system = models.CharField(max_length=60, blank=True)
    local_name = models.CharField(max_length=200, blank=True)
    loinc = models.CharField(max_length=10, blank=True, help_text="sent beside the local code")
    unit = models.CharField(max_length=60, blank=True)
    specimen = models.CharField(max_length=60, blank=True)
    number = models.DecimalField(max_digits=24, decimal_places=10, null=True, blank=True)
    asked_on = models.DateField(help_text="the day for which a mapping is looked for")
    reason = models.CharField(max_length=40)
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox_id", "position"], name="results_heldresult_once")]
        indexes = [
            models.Index(
                fields=["source", "local_code"], condition=Q(released_at=None), name="results_heldresult_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.local_code}"


class Order(models.Model):
    """An order under the number its placer gave it, or the filler's where the placer gave none.

    What it asks for and how far it is stands in its versions. A number that is learned later is filled in; none is
    ever changed.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    placer_number = models.CharField(max_length=100, blank=True, help_text="ORC-2")
    filler_number = models.CharField(max_length=100, blank=True, help_text="ORC-3 as first told")
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="orders")
    patient_record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="orders")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(placer_number="", filler_number=""), name="results_order_numbered"),
            models.UniqueConstraint(
                fields=["source", "placer_number"], condition=~Q(placer_number=""), name="results_order_once"
            ),
            models.UniqueConstraint(
                fields=["source", "filler_number"], condition=Q(placer_number=""), name="results_order_once_by_filler"
            ),
        ]
        indexes = [
            models.Index(fields=["placer_number"], name="results_order_placer"),
            models.Index(fields=["source", "filler_number"], name="results_order_filler"),
        ]

    def __str__(self) -> str:
        return f"order {self.pk} of {self.source}"


class OrderVersion(models.Model):
    """One state of an order: what it asks for, how far it is, and which message or report made it so."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        ACCEPTED = "accepted", _("accepted")
        ON_HOLD = "on-hold", _("on hold")
        REPORTED = "reported", _("partly reported")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")
        REPLACED = "replaced", _("replaced")

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField()
    inbox_id = models.BigIntegerField(help_text="the latest order message that it follows")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    control = models.CharField(max_length=10, blank=True, help_text="ORC-1; empty: a report made the version")
    status = models.CharField(max_length=10, choices=Status)
    filler_number = models.CharField(max_length=100, blank=True)
    group_number = models.CharField(max_length=100, blank=True)
    service_code = models.CharField(max_length=60, blank=True)
    service_system = models.CharField(max_length=60, blank=True)
    service = models.CharField(max_length=200, blank=True)
    specimen = models.CharField(max_length=60, blank=True)
    priority = models.CharField(max_length=20, blank=True)
    requester = models.CharField(max_length=200, blank=True)
    diagnoses = models.JSONField(default=list, help_text="code, system and text of each")
    requested_at = models.DateTimeField(null=True, blank=True)
    wanted_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="results_orderversion_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(is_current=True), name="results_orderversion_one_current"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="results_orderversion_number"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["requested", "accepted", "on-hold", "reported", "completed", "cancelled", "replaced"]
                ),
                name="results_orderversion_status",
            ),
        ]
        indexes = [models.Index(fields=["inbox_id"], name="results_orderversion_message")]

    def __str__(self) -> str:
        return f"order {self.order_id} version {self.version}"
