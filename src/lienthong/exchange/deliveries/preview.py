"""What a delivery would do, row by row, tried by a worker's own steps and undone again.

Of a large delivery the first reports are tried only: the form of all is checked, and a preview must not hold locks that
workers wait for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from lienthong.core.actions import system_user
from lienthong.exchange.deliveries import json_push, result_forms
from lienthong.exchange.deliveries.arrivals import arrival_of
from lienthong.exchange.deliveries.models import Delivery
from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.deliveries.places import place_in_file
from lienthong.exchange.deliveries.report_form import decode_report
from lienthong.exchange.deliveries.report_reading import RESULT
from lienthong.exchange.processing.pipeline import process_taken
from lienthong.exchange.processing.rehearsal import REHEARSER
from lienthong.results import actions as results
from lienthong.results.actions import Outcome
from lienthong.results.reads import versions_of_messages, waiting_messages

MOST_TRIED = 300
HOLDING = frozenset({"code-unknown", "unit", "quantity"})
Effects = Mapping[int, Mapping[str, int]]


def preview_of(row: Delivery, split: Split, *, at: dt.datetime) -> dict[str, Any]:
    """Return what would become of the reports: `reports` with the rows and the effect on each result, `tried` of all.

    An effect is new, changed, unchanged or held; of a report that would not be stored at all, held or refused with its
    reason.
    """
    tried = split.pieces[:MOST_TRIED]
    outcomes, versions = _try(row, tried, at=at) if tried else ([], {})
    reports = [
        _report(piece, row.kind, outcome, versions.get(outcome.inbox_id, {}))
        for piece, outcome in zip(tried, outcomes, strict=True)
    ]
    return {"tried": len(tried), "reports": reports}


def _try(row: Delivery, pieces: Sequence[Piece], *, at: dt.datetime) -> tuple[list[Outcome], Effects]:
    by = system_user(REHEARSER)
    arrivals = [arrival_of(piece, place, row) for place, piece in enumerate(pieces)]
    with transaction.atomic():
        ids = results.receive(arrivals, by=by, at=at)
        refused = {
            inbox_id: Outcome(inbox_id=inbox_id, state=one.state, reason=one.reason, findings=one.findings)
            for inbox_id, one in zip(ids, arrivals, strict=True)
            if one.state != "received"
        }
        taken = waiting_messages([one for one in ids if one not in refused])
        done = {one.inbox_id: one for one in process_taken(taken, by=by, at=at)} | refused
        versions = versions_of_messages(ids)
        transaction.set_rollback(True)
    behind = {one: Outcome(inbox_id=one, state="held", reason="behind-held") for one in ids if one not in done}
    return [(done | behind)[one] for one in ids], versions


def _report(piece: Piece, kind: str, outcome: Outcome, versions: Mapping[str, int]) -> dict[str, Any]:
    return {
        "number": piece.number,
        "where": place_in_file("", piece.where, kind),
        "state": outcome.state,
        "reason": outcome.reason,
        "stored": outcome.results_stored,
        "held": outcome.results_held,
        "rows": _rows(piece, kind, outcome, versions),
        "findings": [
            [place_in_file(one.where, piece.where, kind), one.code, one.message.replace("\0", "")]
            for one in outcome.findings
        ],
    }


def _rows(piece: Piece, kind: str, outcome: Outcome, versions: Mapping[str, int]) -> list[list[str]]:
    """Return place, code and effect of each result, where the kind tells the place of a result."""
    if kind not in (result_forms.MESSAGE_TYPE, json_push.MESSAGE_TYPE):
        return []
    held = {one.where.partition("-")[0] for one in outcome.findings if one.code in HOLDING}
    rows = []
    for number, result in enumerate(decode_report(piece.raw).results, start=1):
        place = f"{RESULT}({number})"
        version = versions.get(result.loinc or result.code) or versions.get(result.code)
        if version:
            effect = "new" if version == 1 else "changed"
        else:
            effect = "held" if place in held or outcome.state == "held" else "unchanged"
        rows.append([place_in_file(place, piece.where, kind), result.code, effect])
    return rows
