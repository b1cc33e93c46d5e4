"""What stands beside the results of a report: its files and pointers, and the DICOM objects of its study."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReportDocument(models.Model):
    """A version of something that came with a report. The newest of a key holds.

    A file is not copied: `inbox_id` and `place` say where in the message it stands, `digest` that it is still the same.
    """

    class Kind(models.TextChoices):
        FILE = "file", _("file")
        POINTER = "pointer", _("pointer to a file elsewhere")
        STUDY = "study", _("number of the study")
        TEXT = "text", _("text of the report")

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey("results.Report", on_delete=models.PROTECT, related_name="documents")
    inbox_id = models.BigIntegerField()
    key = models.CharField(max_length=64, help_text="digest of code, system and sub-id")
    place = models.CharField(max_length=40, help_text="OBX(3)")
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    media_type = models.CharField(max_length=60, blank=True, help_text="by the bytes themselves")
    size = models.PositiveIntegerField(default=0, help_text="bytes")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the content")
    pointer = models.TextField(blank=True, help_text="as sent")
    study_uid = models.CharField(max_length=64, blank=True)
    is_withdrawn = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "key", "inbox_id", "place"], name="results_reportdocument_once"),
        ]
        indexes = [
            models.Index(fields=["study_uid"], condition=~Q(study_uid=""), name="results_reportdocument_study"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of report {self.report_id}"


class ImagingObject(models.Model):
    """A DICOM object that a sender stored: an image, or a selection of images. Its bytes are a file named by `digest`.

    Numbers and identifiers are those of its header, as sent. They name no patient: an object belongs to a patient only
    by the report that it is tied to, and waits until there is one that agrees.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("image")
        SELECTION = "selection", _("selection of key images")

    class Waiting(models.TextChoices):
        NO_REPORT = "no-report", _("No report of this order or study has come yet")
        NO_NUMBER = "no-number", _("The image names neither order nor patient")
        OTHER_PATIENT = "other-patient", _("The report of this order is for a patient of another number or birth date")
        SEVERAL_REPORTS = "several-reports", _("Several reports agree with it")

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    sop_class_uid = models.CharField(max_length=64)
    sop_instance_uid = models.CharField(max_length=64)
    series_uid = models.CharField(max_length=64)
    study_uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16, blank=True)
    accession_number = models.CharField(max_length=64, blank=True)
    patient_id = models.CharField(max_length=100, blank=True, help_text="(0010,0020) as sent")
    birth_date = models.DateField(null=True, blank=True, help_text="(0010,0030) as sent")
    title = models.CharField(max_length=200, blank=True, help_text="of a selection why, of an image its series")
    description = models.TextField(blank=True)
    selected = models.JSONField(default=list, help_text="of a selection, the instances that it names")
    is_burned_in = models.BooleanField(null=True, blank=True, help_text="(0028,0301); null: not told")
    taken_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    size = models.BigIntegerField(help_text="bytes")
    received_at = models.DateTimeField()
    report = models.ForeignKey(
        "results.Report", on_delete=models.PROTECT, null=True, blank=True, related_name="imaging_objects"
    )
    tied_at = models.DateTimeField(null=True, blank=True)
    waits_for = models.CharField(max_length=20, choices=Waiting, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "sop_instance_uid"], name="results_imagingobject_once"),
            models.CheckConstraint(
                condition=Q(report=None, tied_at=None) & ~Q(waits_for="")
                | Q(report__isnull=False, tied_at__isnull=False, waits_for=""),
                name="results_imagingobject_tied_or_waits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["facility", "accession_number"],
                condition=Q(report=None),
                name="results_imagingobject_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of {self.source}"
