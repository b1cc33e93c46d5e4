"""Files that were brought and wait for their owner's word."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.iqc.models import ControlFileDraft


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    name: str
    at: dt.datetime


def waiting_drafts(user: User) -> list[Draft]:
    """Return a user's own files, newest first."""
    rows = ControlFileDraft.objects.of_user(user.pk).order_by("-at")
    return [Draft(*row) for row in rows.values_list("id", "name", "at")]


def draft_content(draft_id: int, user: User) -> tuple[str, bytes]:
    """Return name and bytes of a user's own file; raise NotFound."""
    row = ControlFileDraft.objects.of_user(user.pk).filter(pk=draft_id).first()
    if row is None:
        raise NotFound(_("This file is no longer here; bring it again."))
    return row.name, bytes(row.content)
