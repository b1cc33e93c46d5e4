"""What is kept to tell people apart: keys to find records again, claimed numbers, merges, and cases for review."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class MatchKey(models.Model):
    """A key under which a record is found again; see `identity.keys`."""

    pk = models.CompositePrimaryKey("key", "record_id")
    key = models.BigIntegerField()
    record = models.ForeignKey(
        "results.PatientRecord",
        on_delete=models.PROTECT,
        related_name="match_keys",
        db_constraint=False,
        db_index=False,
    )

    def __str__(self) -> str:
        return f"key of {self.record_id}"


class NameWord(models.Model):
    """How many records bear a word as family or given name; the empty word counts the records."""

    word = models.CharField(max_length=100, primary_key=True)
    records = models.BigIntegerField()

    def __str__(self) -> str:
        return f"a word of {self.records} records"


class ClaimedNumber(models.Model):
    """A national number or insurance card and the one person whose it is; at any time there is no second one."""

    id = models.BigAutoField(primary_key=True)
    system = models.CharField(max_length=60)
    key = models.CharField(max_length=100, help_text="as compared: of an insurance card the last ten digits")
    person = models.ForeignKey("results.Person", on_delete=models.PROTECT, related_name="numbers")
    merge = models.ForeignKey("results.PersonMerge", on_delete=models.PROTECT, null=True, blank=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "key"], condition=Q(superseded_at=None), name="results_claimednumber_one_person"
            )
        ]

    def __str__(self) -> str:
        return f"number of person {self.person_id}"


class PersonMerge(models.Model):
    """Two persons who were taken to be one: the links and numbers that moved name it, so that it can be undone."""

    id = models.BigAutoField(primary_key=True)
    survivor = models.ForeignKey("results.Person", on_delete=models.PROTECT, related_name="gained")
    absorbed = models.ForeignKey("results.Person", on_delete=models.PROTECT, related_name="lost")
    reason = models.CharField(max_length=40)
    why = models.TextField(blank=True)
    inbox_id = models.BigIntegerField(null=True, blank=True, help_text="the message that asked for it")
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    undone_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="results_personmerge_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="results_personmerge_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} into {self.survivor_id}"


class PriorNumber(models.Model):
    """A local number that its sender gave up for another (ADT^A40): its record is of that record's person since."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    local_system = models.CharField(max_length=100, blank=True)
    local_id = models.CharField(max_length=100)
    record = models.ForeignKey("results.PatientRecord", on_delete=models.PROTECT, related_name="prior_numbers")
    merge = models.ForeignKey(PersonMerge, on_delete=models.PROTECT, null=True, blank=True)
    inbox_id = models.BigIntegerField(null=True, blank=True)
    said_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "local_system", "local_id"],
                condition=Q(superseded_at=None),
                name="results_priornumber_one_record",
            )
        ]

    def __str__(self) -> str:
        return f"prior number of {self.record_id}"


class ReviewCase(models.Model):
    """Two records that a person must compare, or a record and what a message says under its number.

    What is found at the opening is never edited, save that a case no longer holds messages which have gone on; `state`
    is that of the last decision.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SAME = "same", _("same person")
        DIFFERENT = "different", _("different people")
        WITHDRAWN = "withdrawn", _("settled elsewhere")

    class Reason(models.TextChoices):
        NUMBER = "number", _("one number, two people")
        LOCAL_NUMBER = "local-number", _("the sender's number came with someone else")
        SEVERAL = "several", _("numbers of several people")
        SENDER_MERGE = "sender-merge", _("the sender joins two who differ")
        LIKELY = "likely", _("they look like one person")

    id = models.BigAutoField(primary_key=True)
    record = models.ForeignKey("results.PatientRecord", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(
        "results.PatientRecord", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    claimed = models.JSONField(null=True, blank=True, help_text="what a message says, where no record may be written")
    reason = models.CharField(max_length=20, choices=Reason)
    bits = models.FloatField(help_text="sum of the weights of agreement, log2")
    fields = models.JSONField(default=list, help_text="field, level and bits")
    is_holding = models.BooleanField(default=False, help_text="whether messages wait for the decision")
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "other"], condition=Q(state="open"), name="results_reviewcase_once_open"
            ),
            models.CheckConstraint(
                condition=Q(other=None, claimed__isnull=False)
                | Q(other__isnull=False, claimed=None, record__lt=F("other")),
                name="results_reviewcase_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opened_at"], name="results_reviewcase_list"),
            models.Index(fields=["other"], name="results_reviewcase_other"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk} {self.state}"


class ReviewDecision(models.Model):
    """What somebody decided on a case, when and why; the next decision is another row."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(ReviewCase, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=ReviewCase.State)
    why = models.TextField(blank=True)
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    merge = models.ForeignKey(PersonMerge, on_delete=models.PROTECT, null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.decision} on case {self.case_id}"


class HeldForReview(models.Model):
    """A held message that goes through the worker again when its case is decided."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(ReviewCase, on_delete=models.PROTECT, related_name="held")
    inbox_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "inbox_id"], name="results_heldforreview_once")]

    def __str__(self) -> str:
        return f"message {self.inbox_id} waits for case {self.case_id}"
