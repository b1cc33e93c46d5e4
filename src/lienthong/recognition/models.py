"""Grants of the right to a mark; checks of orders and what was chosen; notices that a reused result changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lienthong.core.dated import Dated
from lienthong.recognition.querysets import (
    GrantQuerySet,
    OrderCheckQuerySet,
    OrderLineQuerySet,
    ReuseNoticeQuerySet,
)


class Grant(Dated):
    """What the policy made of the evidence for one procedure, one item of its list and one mark.

    A refusal stands once for the item, without a mark, while no mark of it is in force, suspended or revoked.
    """

    class Status(models.TextChoices):
        IN_FORCE = "in_force", _("in force")
        SUSPENDED = "suspended", _("suspended")
        REVOKED = "revoked", _("revoked")
        REFUSED = "refused", _("refused")

    procedure = models.ForeignKey("registry.Procedure", on_delete=models.PROTECT, related_name="grants")
    item = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status)
    mark = models.CharField(max_length=40, blank=True)
    scope = models.JSONField(default=list, help_text="codes of the regions where the mark stands")
    rules = models.JSONField(default=list, help_text="verdict, facts and reference of every rule")
    evidence = models.JSONField(default=list, help_text="the EQA evidence that the mark rests on")
    reason = models.CharField(max_length=500, blank=True, help_text="of the officer who revoked")
    jurisdiction = models.CharField(max_length=10)
    edition = models.CharField(max_length=80, help_text="edition of the policy pack that judged")
    objects = GrantQuerySet.as_manager()

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(status="refused", mark="") | (~Q(status="refused") & ~Q(mark="")),
                name="recognition_grant_mark",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | ~Q(reason=""), name="recognition_grant_revoked_has_reason"
            ),
            models.UniqueConstraint(
                fields=["procedure", "item", "mark", "valid_from"],
                condition=Q(superseded_at=None),
                name="recognition_grant_once",
            ),
        ]
        indexes = [models.Index(fields=["procedure", "item"], name="recognition_grant_find")]

    def __str__(self) -> str:
        return f"{self.procedure_id} {self.item} {self.status}"


class OrderCheck(models.Model):
    """One look at an order: what could be reused, by which edition of the rules, and what was chosen."""

    class Channel(models.TextChoices):
        PAGE = "page", _("order check page")
        CDS_HOOKS = "cds_hooks", _("CDS Hooks")

    number = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Channel)
    patient_record_id = models.BigIntegerField()
    facility = models.ForeignKey("registry.Facility", on_delete=models.PROTECT, related_name="order_checks")
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True)
    user_label = models.CharField(max_length=200, blank=True)
    encounter_class = models.CharField(max_length=20, blank=True)
    purposes = models.JSONField(null=True, help_text="codes of exceptions known to apply; null: unknown")
    at = models.DateTimeField()
    edition = models.CharField(max_length=80)
    interrupt = models.BooleanField(default=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    feedback = models.JSONField(default=list, help_text="what a connected system said became of the card")
    objects = OrderCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["facility", "channel", "number"], name="recognition_ordercheck_once")
        ]
        indexes = [models.Index(fields=["patient_record_id"], name="recognition_ordercheck_patient")]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One item of an order: the decision with every rule's verdict, and the clinician's choice."""

    class Choice(models.TextChoices):
        REUSE = "reuse", _("reuse this result")
        REPEAT = "repeat", _("repeat the test")
        ORDER = "order", _("order the test")

    order_check = models.ForeignKey(OrderCheck, on_delete=models.PROTECT, related_name="lines")
    item = models.CharField(max_length=40)
    draft_id = models.CharField(max_length=100, blank=True, help_text="id of the draft request, from CDS Hooks")
    outcome = models.CharField(max_length=20)
    result_id = models.BigIntegerField(null=True, blank=True)
    result_version = models.IntegerField(null=True, blank=True)
    result_key = models.CharField(max_length=64, blank=True, help_text="the same for all versions of the result")
    procedure_ids = ArrayField(models.BigIntegerField(), default=list, help_text="systems that may have measured it")
    measured_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    candidates = models.JSONField(default=list, help_text="every candidate with gates and rules")
    card_uuid = models.CharField(max_length=60, blank=True)
    choice = models.CharField(max_length=10, choices=Choice, blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    objects = OrderLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_check", "item"], name="recognition_orderline_once"),
            models.CheckConstraint(
                condition=~Q(choice="reuse") | Q(result_id__isnull=False, result_version__isnull=False),
                name="recognition_orderline_reuse_names_result",
            ),
            models.CheckConstraint(
                condition=~Q(choice="repeat") | ~Q(reason_code=""), name="recognition_orderline_repeat_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["result_key"], condition=Q(choice="reuse"), name="recognition_orderline_reused"),
            models.Index(fields=["result_id"], condition=Q(choice="reuse"), name="recognition_orderline_result"),
            models.Index(fields=["card_uuid"], condition=~Q(card_uuid=""), name="recognition_orderline_card"),
        ]

    def __str__(self) -> str:
        return f"{self.order_check_id} {self.item}"


class ReuseNotice(models.Model):
    """Tells who reused a result that it was corrected, withdrawn, lost its IQC bracket, or that its patient changed."""

    class Kind(models.TextChoices):
        CORRECTED = "corrected", _("corrected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        BRACKET_LOST = "bracket_lost", _("quality control failed afterwards")
        OTHER_PERSON = "other_person", _("now another patient’s")
        SAME_AGAIN = "same_again", _("this patient’s again")
        PERSON_CHANGED = "person_changed", _("the patient’s records were joined or separated")

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=15, choices=Kind)
    cause_key = models.CharField(max_length=60, help_text="the new version, the violation, or the link to a person")
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey("core.User", on_delete=models.PROTECT, null=True, blank=True)
    objects = ReuseNoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "kind", "cause_key"], name="recognition_reusenotice_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.kind}"
