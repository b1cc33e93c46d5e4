"""The witnesses of the log: parties who are handed its checkpoints and cosign them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class LogWitness(models.Model):
    """A witness, and the newest checkpoint that it cosigned, with its cosignature.

    `known_size` is what the witness was last heard to know: the next proof begins there. Until `next_attempt_at`
    nothing is handed over; `failures` counts the attempts since the last cosignature.
    """

    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500, help_text="what stands before /add-checkpoint")
    key = models.CharField(max_length=400, unique=True, help_text="name+id+base64, as the witness publishes it")
    added_at = models.DateTimeField()
    known_size = models.BigIntegerField(default=0)
    size = models.BigIntegerField(null=True, blank=True)
    cosigned_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="the checkpoint as the log signed it")
    line = models.TextField(blank=True, help_text="the witness's signature line of that checkpoint")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size=None, cosigned_at=None, note="", line="")
                | Q(size__isnull=False, cosigned_at__isnull=False) & ~Q(note="") & ~Q(line=""),
                name="core_logwitness_cosigned",
            ),
        ]

    def __str__(self) -> str:
        return self.name
