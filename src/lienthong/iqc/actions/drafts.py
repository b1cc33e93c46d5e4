"""A file that was brought on a page is kept while its owner looks at what it would do."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.iqc.actions.imports import ImportReport, import_runs
from lienthong.iqc.actions.targets import TargetReport, import_targets
from lienthong.iqc.models import ControlFileDraft
from lienthong.iqc.permissions import recordable_laboratories

KEPT = dt.timedelta(days=1)


@transaction.atomic
def keep_draft(data: bytes, name: str, *, by: User, at: dt.datetime, kind: str = "runs") -> int:
    """Keep a file of runs or targets and return its key; drafts forgotten for a day go. Raise NotAllowed."""
    recordable_laboratories(by, at=at)
    ControlFileDraft.objects.filter(at__lt=at - KEPT).delete()
    return ControlFileDraft.objects.create(kind=kind, name=name[:200], content=data, by=by, at=at).pk


@transaction.atomic
def import_draft(draft_id: int, *, by: User, at: dt.datetime, good_rows_only: bool) -> ImportReport:
    """Import a kept file of runs, and drop it if it was stored; raise NotFound, NotAllowed."""
    draft = _own(draft_id, by, kind="runs")
    report = import_runs(bytes(draft.content), draft.name, by=by, at=at, good_rows_only=good_rows_only)
    if report.is_stored or report.is_known_file:
        draft.delete()
    return report


@transaction.atomic
def import_target_draft(draft_id: int, *, by: User, at: dt.datetime, good_rows_only: bool) -> TargetReport:
    """Set the targets of a kept file, and drop it if they were set; raise NotFound, NotAllowed."""
    draft = _own(draft_id, by, kind="targets")
    report = import_targets(bytes(draft.content), draft.name, by=by, at=at, good_rows_only=good_rows_only)
    if report.is_stored:
        draft.delete()
    return report


@transaction.atomic
def drop_draft(draft_id: int, *, by: User, at: dt.datetime, kind: str = "runs") -> None:
    """Drop a kept file; raise NotFound, NotAllowed."""
    recordable_laboratories(by, at=at)
    _own(draft_id, by, kind=kind).delete()


def _own(draft_id: int, by: User, *, kind: str) -> ControlFileDraft:
    own = ControlFileDraft.objects.of_user(by.pk).filter(kind=kind)
    draft = own.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("This file is no longer here; bring it again."))
    return draft
