"""Reads the numbers of the demonstration back from the database, through the same reads that pages use."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.utils import timezone

from lienthong.cli.demo.eqa_round import ROUND, SCHEME
from lienthong.cli.demo.inputs import Inputs
from lienthong.cli.demo.table import Numbers
from lienthong.core.actions import system_user
from lienthong.eqa import reads as eqa_reads
from lienthong.exchange.reads import inbox_counts
from lienthong.iqc import reads as iqc_reads
from lienthong.recognition import actions as recognition
from lienthong.recognition import reads as recognition_reads
from lienthong.registry import reads as registry_reads
from lienthong.results import reads as results_reads


def read_numbers(inputs: Inputs, *, at: dt.datetime) -> Numbers:
    """Count everything at an instant; the ten sample orders are checked by the action that the page calls."""
    counts = inbox_counts()
    received, reasons = Counter[str](), Counter[str]()
    for one in counts:
        received[one.state] += one.messages
        if one.state in ("held", "rejected"):
            reasons[one.reason] += one.messages
    systems = registry_reads.procedures(on=timezone.localdate(at)).values()
    controlled = [one.id for one in systems if one.analyte.is_quantitative]
    states = Counter(state.state for state in iqc_reads.states(controlled, at=at).values())
    own = next(one for one in eqa_reads.round_summary() if (one.scheme_code, one.code) == (SCHEME, ROUND))
    grants = recognition_reads.grant_summary(at=at)
    orders = inputs.json("orders.json")
    return Numbers(
        received=received,
        reasons=reasons,
        messages_by_reason={(one.state, one.reason): (one.messages, one.results_stored) for one in counts},
        results_stored=sum(one.results_stored for one in counts),
        results_held=sum(one.results_held for one in counts),
        iqc=states,
        eqa_passed=own.passed,
        eqa_failed=own.failed,
        grants=grants.by_status,
        refusals=grants.refused_by_rule,
        orders={order["number"]: _decide(order, at) for order in orders},
        titles={order["number"]: order["title"] for order in orders},
    )


def _decide(order: dict[str, Any], at: dt.datetime) -> dict[str, str]:
    """Check one order and return the outcome of each item."""
    facilities = {one.code: one.id for one in registry_reads.facilities(on=timezone.localdate(at)).values()}
    found = results_reads.find_patients(order["local_id"], facility_ids=facilities.values())
    if not found:
        return dict.fromkeys(order["items"], "patient not found")
    check = recognition.check_order(
        number=order["number"],
        channel="page",
        patient_record_id=found[0].record_id,
        facility_id=facilities[order["facility"]],
        items=order["items"],
        encounter_class=order["encounter_class"],
        purposes=order["purposes"],
        by=system_user("demonstration"),
        user_label="demonstration",
        at=at,
    )
    return {line.item: str(line.outcome) for line in check.lines}
