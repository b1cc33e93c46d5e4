"""Files that were brought and wait for their owner's word."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.iqc.models import ControlFileDraft

_PAGES = {"runs": "iqc:import-file", "targets": "iqc:import-targets-file"}


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    kind: str
    name: str
    at: dt.datetime

    @property
    def url(self) -> str:
        """Where its owner looks at it."""
        return reverse(_PAGES[self.kind], args=[self.id])


def waiting_drafts(user: User, *, kind: str = "") -> list[Draft]:
    """Return a user's own files, or those of a kind, newest first."""
    rows = ControlFileDraft.objects.of_user(user.pk).order_by("-at")
    rows = rows.filter(kind=kind) if kind else rows
    return [Draft(*row) for row in rows.values_list("id", "kind", "name", "at")]


def draft_content(draft_id: int, user: User, *, kind: str) -> tuple[str, bytes]:
    """Return name and bytes of a user's own file of a kind, runs or targets; raise NotFound."""
    row = ControlFileDraft.objects.of_user(user.pk).filter(pk=draft_id, kind=kind).first()
    if row is None:
        raise NotFound(_("This file is no longer here; bring it again."))
    return row.name, bytes(row.content)
