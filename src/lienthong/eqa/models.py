"""Schemes, rounds, samples, participants and their results; assigned values and scores; outside certificates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lienthong.core.names import Named


class Scheme(Named):
    """An EQA scheme of an organiser, with how it is scored and how far a pass reaches."""

    class Reach(models.TextChoices):
        NATION = "nation", _("nation")
        PROVINCE = "province", _("province")
        CITY = "city", _("city")
        JOINT = "joint", _("joint scheme of several regions")

    class Scoring(models.TextChoices):
        Z = "z", _("z score (ISO 13528)")
        PERCENT = "percent", _("percentage of acceptable results")

    code = models.CharField(max_length=40, unique=True)
    organiser = models.CharField(max_length=100)
    reach = models.CharField(max_length=10, choices=Reach)
    regions = models.ManyToManyField("registry.Region", related_name="eqa_schemes")
    is_own = models.BooleanField(help_text="scored here; else its scores arrive by file or certificate")
    verdict_read = models.CharField(max_length=10, choices=Scoring, help_text="the verdict that recognition reads")
    sigma_from_s_star = models.BooleanField(default=False, help_text="σ_pt = s* grades on the curve; only by name")

    def __str__(self) -> str:
        return self.code


class Round(models.Model):
    """One round of a scheme. Interim scores inform; only a final report counts for recognition."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        INTERIM = "interim", _("interim report")
        FINAL = "final", _("final report")

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="rounds")
    code = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status)
    opens_on = models.DateField()
    closes_at = models.DateTimeField()
    final_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="eqa_round_once"),
            models.CheckConstraint(condition=~Q(status="final") | Q(final_on__isnull=False), name="eqa_round_final_on"),
        ]
        ordering = ["-closes_at"]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.code}"


class Sample(models.Model):
    """A proficiency test item of a round."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="samples")
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "code"], name="eqa_sample_once")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Participant(models.Model):
    """A laboratory in a round under its confidential code."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="participants")
    laboratory = models.ForeignKey("registry.Laboratory", on_delete=models.PROTECT, related_name="eqa_participations")
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "laboratory"], name="eqa_participant_laboratory_once"),
            models.UniqueConstraint(fields=["round", "code"], name="eqa_participant_code_once"),
        ]

    def __str__(self) -> str:
        return self.code


class Enrolment(models.Model):
    """A measuring system that a participant enrolled in a round: for each a result is owed for each sample."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="enrolments")
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="eqa_enrolments")
    peer_group = models.CharField(max_length=200, help_text="method and instrument as confirmed for the round")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "procedure"], name="eqa_enrolment_once")]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.procedure_id}"


class SampleResult(models.Model):
    """What an enrolled system returned for a sample, and its scores. No value: not returned, which scores 0."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="results")
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="results")
    value = models.FloatField(null=True, blank=True, help_text="in the analyte's unit")
    reported_value = models.CharField(max_length=40, blank=True)
    reported_unit = models.CharField(max_length=30, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    z = models.FloatField(null=True, blank=True)
    d_percent = models.FloatField(null=True, blank=True)
    is_acceptable = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "sample"], name="eqa_sampleresult_once")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.sample_id}"


class AssignedValue(models.Model):
    """The assigned value of an analyte in a sample for a peer group (empty: all participants)."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="assigned_values")
    analyte = models.ForeignKey("registry.Analyte", on_delete=models.PROTECT)
    peer_group = models.CharField(max_length=200, blank=True)
    x_pt = models.FloatField()
    u_x_pt = models.FloatField()
    sigma_pt = models.FloatField()
    delta_e = models.FloatField(help_text="allowable error at x_pt, in the analyte's unit")
    s_star = models.FloatField()
    participants = models.PositiveIntegerField()
    uncertainty_is_negligible = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "analyte", "peer_group"], name="eqa_assignedvalue_once"),
            models.CheckConstraint(condition=Q(sigma_pt__gt=0), name="eqa_assignedvalue_sigma"),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.analyte_id}"


class ProcedureScore(models.Model):
    """The verdict on a measuring system in a round: the evidence that recognition reads.

    Comes from scoring a round here, from an outside provider's file, or from a certificate that the centre checked.
    """

    class Source(models.TextChoices):
        SCORED = "scored", _("scored here")
        FILE = "file", _("provider's file")
        CERTIFICATE = "certificate", _("certificate")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="scores")
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="eqa_scores")
    source = models.CharField(max_length=15, choices=Source)
    percent = models.FloatField(null=True, blank=True)
    worst_z = models.FloatField(null=True, blank=True)
    z_verdict = models.CharField(max_length=20, blank=True)
    percent_verdict = models.CharField(max_length=20, blank=True)
    passed = models.BooleanField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "procedure"], condition=Q(superseded_at=None), name="eqa_procedurescore_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.procedure_id}"


class Certificate(models.Model):
    """A certificate of an outside provider; it counts once an officer of the centre has checked it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for the centre")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="certificates")
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="eqa_certificates")
    number = models.CharField(max_length=60)
    percent = models.FloatField(null=True, blank=True)
    passed = models.BooleanField()
    document = models.BinaryField(null=True)
    document_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    handed_in_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    checked_by = models.ForeignKey(
        "core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", checked_by=None) | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="eqa_certificate_checked_by",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=models.F("handed_in_by")),
                name="eqa_certificate_second_person",
            ),
        ]

    def __str__(self) -> str:
        return self.number
