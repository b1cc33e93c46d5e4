"""Control materials, lots and targets; runs and their verdicts; violations, actions and reset events."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lienthong.core.dated import Dated
from lienthong.iqc.querysets import (
    ActionQuerySet,
    DraftQuerySet,
    ResetQuerySet,
    ResultQuerySet,
    RunQuerySet,
    TargetQuerySet,
    ViolationQuerySet,
)


class ControlLot(models.Model):
    """One level of a control material in one lot."""

    material = models.CharField(max_length=100)
    manufacturer = models.CharField(max_length=100, blank=True)
    lot = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField()
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["material", "lot", "level"], name="iqc_controllot_once"),
            models.CheckConstraint(condition=Q(level__gte=1), name="iqc_controllot_level"),
        ]

    def __str__(self) -> str:
        return f"{self.material} {self.lot} level {self.level}"


class ControlTarget(Dated):
    """Mean and SD that a control lot has on a measuring system, in the system's unit."""

    class Source(models.TextChoices):
        LABORATORY = "laboratory", _("own results")
        MANUFACTURER = "manufacturer", _("manufacturer")
        PEERS = "peers", _("peer group")

    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="control_targets")
    control_lot = models.ForeignKey(ControlLot, on_delete=models.PROTECT, related_name="targets")
    mean = models.FloatField()
    sd = models.FloatField()
    unit = models.CharField(max_length=30)
    source = models.CharField(max_length=20, choices=Source)
    objects = TargetQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(condition=Q(sd__gt=0), name="iqc_controltarget_sd"),
            models.UniqueConstraint(
                fields=["procedure", "control_lot"],
                condition=Q(valid_to=None, superseded_at=None),
                name="iqc_controltarget_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id} {self.control_lot_id}"


class ControlRun(models.Model):
    """The controls of one measuring system that were measured together, and what the rules said.

    `measured_at` is the instant of the first control that was known of the run, and stays when a late one joins it.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("in control")
        WARNING = "warning", _("warning")
        REJECTED = "rejected", _("rejected")
        INCOMPLETE = "incomplete", _("levels missing")

    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="control_runs")
    measured_at = models.DateTimeField()
    number = models.CharField(max_length=40, blank=True, help_text="as the laboratory numbers its runs, if it does")
    verdict = models.CharField(max_length=10, choices=Verdict)
    source = models.CharField(max_length=200, blank=True, help_text="file name, or the form")
    recorded_at = models.DateTimeField()
    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["procedure", "measured_at"], name="iqc_controlrun_once")]

    def __str__(self) -> str:
        return f"{self.procedure_id} {self.measured_at:%Y-%m-%d %H:%M}"


class ControlResult(models.Model):
    """One control value. Never deleted: a value with a documented cause is excluded, and stays visible."""

    run = models.ForeignKey(ControlRun, on_delete=models.PROTECT, related_name="results")
    target = models.ForeignKey(ControlTarget, on_delete=models.PROTECT, related_name="results")
    value = models.FloatField()
    z = models.FloatField()
    measured_at = models.DateTimeField()
    operator = models.CharField(max_length=40, blank=True)
    excluded_reason = models.CharField(max_length=300, blank=True)
    objects = ResultQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "target"], name="iqc_controlresult_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.value}"


class Violation(models.Model):
    """A broken control rule: where, by which values, and the bracket of patients' results that it blocks.

    The bracket starts at the last accepted run and ends at the run that cleared it; both ends are open until known.
    A late run, an excluded value or a reset event may show that the rule was not broken: the row then stays, withdrawn.
    """

    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="violations")
    run = models.ForeignKey(ControlRun, on_delete=models.PROTECT, related_name="violations")
    rule = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the completing value")
    members = models.ManyToManyField(ControlResult, related_name="violations")
    is_warning = models.BooleanField(default=False)
    bracket_from = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(ControlRun, on_delete=models.PROTECT, null=True, blank=True, related_name="clears")
    cleared_at = models.DateTimeField(null=True, blank=True, help_text="when the clearing run was measured")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    objects = ViolationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["procedure"],
                condition=Q(is_warning=False, withdrawn_at=None),
                name="iqc_violation_blocking",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "rule", "level"], name="iqc_violation_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(cleared_by=None, cleared_at=None) | Q(cleared_by__isnull=False, cleared_at__isnull=False),
                name="iqc_violation_cleared_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_warning=False) | Q(bracket_from=None), name="iqc_violation_warning_blocks_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.run_id}"


class CorrectiveAction(models.Model):
    """Cause and action; one action may answer several violations (a lamp breaks fourteen analytes).

    It was done at `done_at` and recorded at `at`. Once the cause is removed, sequence rules count anew.
    """

    class Cause(models.TextChoices):
        REAGENT = "reagent", _("Reagent")
        CALIBRATION = "calibration", _("Calibration")
        CONTROL_MATERIAL = "control_material", _("Control material")
        INSTRUMENT = "instrument", _("Instrument")
        OPERATION = "operation", _("Operation")
        NOT_FOUND = "not_found", _("Not found yet")

    violations = models.ManyToManyField(Violation, related_name="actions")
    cause = models.CharField(max_length=20, choices=Cause)
    action = models.TextField()
    done_at = models.DateTimeField()
    by = models.ForeignKey("core.User", on_delete=models.PROTECT)
    at = models.DateTimeField()
    objects = ActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(action=""), name="iqc_correctiveaction_says_what"),
            models.CheckConstraint(condition=Q(done_at__lte=F("at")), name="iqc_correctiveaction_done_before_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.at:%Y-%m-%d %H:%M}"


class ResetEvent(models.Model):
    """Calibration, a new lot or maintenance: from here sequence rules count anew."""

    class Kind(models.TextChoices):
        CALIBRATION = "calibration", _("calibration")
        REAGENT_LOT = "reagent_lot", _("new reagent lot")
        CONTROL_LOT = "control_lot", _("new control lot")
        MAINTENANCE = "maintenance", _("maintenance")

    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="reset_events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    objects = ResetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["procedure", "kind", "at"], name="iqc_resetevent_once")]
        ordering = [F("at").asc()]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class ControlFile(models.Model):
    """A file of control runs that was imported; the same bytes again change nothing."""

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    laboratory = models.ForeignKey("registry.Laboratory", on_delete=models.PROTECT, null=True, blank=True)
    rows = models.PositiveIntegerField()
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest"], name="iqc_controlfile_once")]

    def __str__(self) -> str:
        return self.name


class ControlFileDraft(models.Model):
    """A file that was brought and checked but not yet imported: kept until its owner decides."""

    class Kind(models.TextChoices):
        RUNS = "runs", _("control runs")
        TARGETS = "targets", _("control targets")

    kind = models.CharField(max_length=10, choices=Kind, db_default=Kind.RUNS)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["runs", "targets"]), name="iqc_controlfiledraft_kind")
        ]

    def __str__(self) -> str:
        return self.name
