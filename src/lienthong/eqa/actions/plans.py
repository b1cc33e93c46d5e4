"""A round's plan from a file: the round, its samples, and who takes part with which measuring systems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.core.tabular import Row, read_table
from lienthong.eqa.actions.schemes import create_round, enrol
from lienthong.eqa.columns import PLAN
from lienthong.eqa.imports import ImportOutcome, refused
from lienthong.eqa.permissions import day_of
from lienthong.errors import BadInput, Conflict
from lienthong.findings import Finding
from lienthong.registry.reads import ProcedureFacts, procedures

ROUND_COLUMNS = ("opens_on", "closes_at", "samples")


def import_plan(data: bytes, name: str, *, by: User, at: dt.datetime) -> ImportOutcome:
    """Create the rounds that a file names and enrol its measuring systems; the same file again changes nothing.

    One row is one measuring system; what belongs to the round is the same in each of its rows. Samples are separated
    by spaces, commas or semicolons. Nothing is stored where anything is wrong.
    """
    rows, findings = read_table(data, name, PLAN, zone=timezone.get_current_timezone())
    facts = {one.code: one for one in procedures(on=day_of(at)).values()} if rows else {}
    by_round: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        findings += _faults(row, facts)
        by_round.setdefault((row.text("scheme"), row.text("round")), []).append(row)
    findings += [finding for part in by_round.values() for finding in _differing(part)]
    if findings:
        return refused(findings, rows=len(rows))
    try:
        with transaction.atomic():
            stored = sum(_store(part, facts, by=by, at=at) for part in by_round.values())
    except (BadInput, Conflict) as error:
        return refused(_as_findings(error, name), rows=len(rows))
    return ImportOutcome(
        rows=len(rows), stored=stored, changed=0, unchanged=len(rows) - stored, findings=(), is_written=True
    )


def _faults(row: Row, facts: Mapping[str, ProcedureFacts]) -> list[Finding]:
    found = facts.get(row.text("procedure"))
    if found is None:
        return [row.finding("procedure", "unknown-procedure", _("no procedure of this code is in use"))]
    if not found.analyte.is_quantitative:
        message = _("this procedure is qualitative; a round here is scored by numbers")
        return [row.finding("procedure", "qualitative", message)]
    return []


def _differing(rows: Sequence[Row]) -> list[Finding]:
    message = _("this differs from the first row of the round; a round has one plan")
    return [
        row.finding(key, "rows-differ", message)
        for row in rows[1:]
        for key in ROUND_COLUMNS
        if row.values[key] != rows[0].values[key]
    ]


def _store(rows: Sequence[Row], facts: Mapping[str, ProcedureFacts], *, by: User, at: dt.datetime) -> int:
    first = rows[0]
    opens_on, closes_at = first.day("opens_on"), first.moment("closes_at")
    assert opens_on is not None  # noqa: S101 — a required column
    assert closes_at is not None  # noqa: S101 — a required column
    round_id = create_round(
        scheme_code=first.text("scheme"),
        code=first.text("round"),
        sample_codes=first.text("samples").replace(",", " ").replace(";", " ").split(),
        opens_on=opens_on,
        closes_at=closes_at,
        by=by,
        at=at,
    )
    parts: dict[tuple[int, str], dict[int, str]] = {}
    for row in rows:
        found = facts[row.text("procedure")]
        parts.setdefault((found.laboratory_id, row.text("participant")), {})[found.id] = row.text("peer_group")
    return sum(
        enrol(
            round_id=round_id,
            laboratory_id=laboratory_id,
            participant_code=code,
            procedure_ids=list(groups),
            peer_groups=groups,
            by=by,
            at=at,
        )
        for (laboratory_id, code), groups in parts.items()
    )


def _as_findings(error: BadInput | Conflict, name: str) -> tuple[Finding, ...]:
    return error.findings if isinstance(error, BadInput) else (Finding(name, error.code, str(error)),)
