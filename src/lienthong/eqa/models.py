"""Schemes, rounds, samples, participants and their results; assigned values and scores; outside certificates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lienthong.core.names import Named
from lienthong.eqa.querysets import (
    CertificateQuerySet,
    RecordedQuerySet,
    RoundQuerySet,
    SchemeQuerySet,
    ScoreQuerySet,
)


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
    boundary_counts = models.BooleanField(default=True, help_text="a result exactly on the limit is acceptable")
    two_warnings_fail = models.BooleanField(
        default=False, help_text="a warning signal in two successive rounds is read as an action signal"
    )
    objects = SchemeQuerySet.as_manager()

    class Meta(Named.Meta):
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Round(models.Model):
    """One round of a scheme. Interim scores inform; only a final report counts for recognition.

    The policy's edition, pass line and least peer group are those it was scored by.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        INTERIM = "interim", _("interim report")
        FINAL = "final", _("final report")

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="rounds")
    code = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(help_text="of the scheme")
    status = models.CharField(max_length=10, choices=Status)
    opens_on = models.DateField()
    closes_at = models.DateTimeField()
    final_on = models.DateField(null=True, blank=True)
    policy_edition = models.CharField(max_length=200, blank=True)
    pass_percent = models.FloatField(null=True, blank=True)
    min_peer_group = models.PositiveSmallIntegerField(null=True, blank=True)
    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="eqa_round_once"),
            models.CheckConstraint(condition=~Q(status="final") | Q(final_on__isnull=False), name="eqa_round_final_on"),
        ]
        ordering = ["-closes_at", "code"]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.code}"


class RoundStep(models.Model):
    """A step that a round took, and who took it. Never edited."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="steps")
    status = models.CharField(max_length=10, choices=Round.Status)
    at = models.DateTimeField()
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.round_id} {self.status}"


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


class AssignedValue(models.Model):
    """The assigned value of an analyte in a sample for a peer group (empty: all participants), as it was scored."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="assigned_values")
    analyte = models.ForeignKey("registry.Analyte", on_delete=models.PROTECT, related_name="+")
    peer_group = models.CharField(max_length=200, blank=True)
    x_pt = models.FloatField()
    u_x_pt = models.FloatField()
    sigma_pt = models.FloatField()
    delta_e = models.FloatField(null=True, blank=True, help_text="allowable error at x_pt, in the analyte's unit")
    s_star = models.FloatField()
    participants = models.PositiveIntegerField()
    uncertainty_is_negligible = models.BooleanField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    objects = RecordedQuerySet["AssignedValue"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "analyte", "peer_group"],
                condition=Q(superseded_at=None),
                name="eqa_assignedvalue_once",
            ),
            models.CheckConstraint(condition=Q(sigma_pt__gt=0), name="eqa_assignedvalue_sigma"),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.analyte_id}"


class SampleResult(models.Model):
    """What an enrolled system returned for a sample, and its scores. No row: not returned, which scores 0.

    A changed result is a new row; the old one stays. `z` is z′ where the uncertainty of what the result was judged
    against is not negligible.
    """

    class Suspicion(models.TextChoices):
        DECIMAL = "decimal", _("decimal point")
        UNIT = "unit", _("unit")
        SWAPPED = "swapped", _("samples swapped")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="results")
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="results")
    value = models.FloatField(help_text="in the analyte's unit")
    reported_value = models.CharField(max_length=40)
    reported_unit = models.CharField(max_length=30)
    returned_at = models.DateTimeField()
    source = models.CharField(max_length=200, blank=True, help_text="file name, or the form")
    judged_against = models.ForeignKey(AssignedValue, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    z = models.FloatField(null=True, blank=True)
    d_percent = models.FloatField(null=True, blank=True)
    is_acceptable = models.BooleanField(null=True, blank=True)
    suspicion = models.CharField(max_length=10, choices=Suspicion, blank=True, help_text="looks like a blunder")
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    objects = RecordedQuerySet["SampleResult"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "sample"], condition=Q(superseded_at=None), name="eqa_sampleresult_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.sample_id}"


class Certificate(models.Model):
    """A certificate of an outside provider; it counts once an officer of the centre has checked it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for the centre")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    laboratory = models.ForeignKey("registry.Laboratory", on_delete=models.PROTECT, related_name="eqa_certificates")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="certificates")
    round_code = models.CharField(max_length=40)
    finished_on = models.DateField()
    number = models.CharField(max_length=60)
    document = models.BinaryField()
    document_name = models.CharField(max_length=200)
    document_sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    handed_in_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    checked_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "scheme", "number"], condition=~Q(status="refused"), name="eqa_certificate_once"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", checked_by=None, checked_at=None)
                | Q(status__in=["accepted", "refused"], checked_by__isnull=False, checked_at__isnull=False),
                name="eqa_certificate_checked_by",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=models.F("handed_in_by")),
                name="eqa_certificate_second_person",
            ),
            models.CheckConstraint(condition=~Q(status="refused", reason=""), name="eqa_certificate_refusal_reason"),
        ]
        ordering = ["-handed_in_at"]

    def __str__(self) -> str:
        return self.number


class CertificateLine(models.Model):
    """What a certificate says of one procedure."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="lines")
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="+")
    percent = models.FloatField(null=True, blank=True)
    passed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["certificate", "procedure"], name="eqa_certificateline_once")]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.procedure_id}"


class ProcedureScore(models.Model):
    """The verdict on a measuring system in a round: the evidence that recognition reads.

    Comes from scoring a round here, from an outside provider's file, or from a certificate that the centre checked.
    `passed` is the verdict that the scheme names; null: nothing could be evaluated.
    """

    class Source(models.TextChoices):
        SCORED = "scored", _("scored here")
        FILE = "file", _("provider's file")
        CERTIFICATE = "certificate", _("certificate")

    class Verdict(models.TextChoices):
        SATISFACTORY = "satisfactory", _("satisfactory")
        QUESTIONABLE = "questionable", _("questionable")
        UNSATISFACTORY = "unsatisfactory", _("unsatisfactory")
        NOT_RETURNED = "not_returned", _("not returned")
        NOT_EVALUATED = "not_evaluated", _("not evaluated")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="scores")
    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="eqa_scores")
    source = models.CharField(max_length=15, choices=Source)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, null=True, blank=True, related_name="scores")
    percent = models.FloatField(null=True, blank=True)
    worst_z = models.FloatField(null=True, blank=True)
    z_verdict = models.CharField(max_length=20, choices=Verdict, blank=True)
    percent_verdict = models.CharField(max_length=20, choices=Verdict, blank=True)
    passed = models.BooleanField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "procedure"], condition=Q(superseded_at=None), name="eqa_procedurescore_current"
            ),
            models.CheckConstraint(
                condition=Q(source="scored") | Q(passed__isnull=False), name="eqa_procedurescore_passed"
            ),
            models.CheckConstraint(
                condition=Q(source="certificate", certificate__isnull=False)
                | (~Q(source="certificate") & Q(certificate=None)),
                name="eqa_procedurescore_certificate",
            ),
        ]
        indexes = [models.Index(fields=["procedure", "round"], name="eqa_procedurescore_by_proc")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.procedure_id}"
