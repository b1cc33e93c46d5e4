"""What is done to assessments: levels and scopes are imported as published."""

from __future__ import annotations

import datetime as dt

from lienthong.assessment.imports import IMPORTERS
from lienthong.core.imports.run import ImportReport
from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.registry import actions as registry


def import_table(
    kind: str, data: bytes, name: str, *, good_rows_only: bool = False, by: User, at: dt.datetime
) -> ImportReport:
    """Import published levels ("levels") or scope lines ("scopes"); raise NotAllowed unless by an administrator."""
    if kind not in {importer.kind for importer in IMPORTERS}:
        raise NotFound(f"assessments have no table {kind}")
    return registry.import_table(kind, data, name, good_rows_only=good_rows_only, by=by, at=at)
