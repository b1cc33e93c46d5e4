"""From control runs, an EQA round and a published level to a reused result, and back to the one who reused it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tests.factories.core import SystemUserFactory
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.recognition import procedure_in, prove, publish_level
from tests.factories.registry import BEGAN
from tests.factories.results import store_one_report
from tests.integration.recognition.conftest import NOW, TODAY, Ward, check

from lienthong.core.happenings import follow
from lienthong.core.models import User
from lienthong.iqc import actions as iqc
from lienthong.recognition import actions, reads
from lienthong.recognition.actions import Choice
from lienthong.registry.models import Procedure, Region
from lienthong.results import actions as results

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
LEVELS = {1: 4.0, 2: 8.0}


@pytest.fixture
def system(db: None) -> User:
    return SystemUserFactory(username="system-all")


@pytest.fixture
def procedure(region: Region, system: User) -> Procedure:
    """Glucose at a hospital with contract and level, controlled each morning for thirty days, with a passed round."""
    made = procedure_in(region, laboratory__facility__has_insurance_contract=True)
    prove(made, on=dt.date(2026, 11, 1))
    for level, mean in LEVELS.items():
        lot = ControlLotFactory(level=level)
        ControlTargetFactory(procedure=made, control_lot=lot, mean=mean, valid_from=BEGAN)
    for ago in range(30, -1, -1):
        run(made, at=NOW - ago * DAY - 2 * HOUR, shift=0.02 if ago % 2 else -0.02, by=system)
    return made


def run(procedure: Procedure, *, at: dt.datetime, shift: float, by: User) -> str:
    values = {level: mean + shift for level, mean in LEVELS.items()}
    return iqc.record_run(procedure.pk, values, measured_at=at, by=by, at=at + HOUR / 4).verdict


def send(ward: Ward, procedure: Procedure, *, measured: dt.datetime, value: str, status: str, by: User) -> None:
    """A report from the laboratory's system with one glucose."""
    draft = results.ResultDraft(
        code_system="L",
        local_code="GLU",
        local_name="Glucose",
        sub_id="",
        specimen="serum",
        procedure_id=procedure.pk,
        analyte_id=procedure.analyte_id,
        status=status,
        reported_value=value,
        reported_unit="mmol/L",
        comparator="",
        value=Decimal(value),
        outcome="",
        reference_range="",
        reference_low=None,
        reference_high=None,
        flags="",
        collected_at=measured - HOUR / 2,
        measured_at=measured,
        released_at=measured,
    )
    report = results.ReportDraft(
        source="LIS",
        facility_id=procedure.laboratory.facility_id,
        number="26-77",
        status=status,
        collected_at=measured - HOUR / 2,
        results=(draft,),
    )
    at = measured + HOUR / 4
    store_one_report(report, patient_record_id=ward.record.pk, inbox_id=int(value[-1]), by=by, at=at)


def test_proof_becomes_a_right_and_a_reuse_whose_end_is_told(procedure: Procedure, ward: Ward, system: User) -> None:
    publish_level(ward.record.facility, 2)
    follow(actions.followers(), at=NOW)
    send(ward, procedure, measured=NOW + HOUR, value="5.1", status="final", by=system)

    checked = check(ward, system, at=NOW + 2 * HOUR)
    signed = actions.sign_order(check_id=checked.id, choices={"GLU": Choice("reuse")}, by=system, at=NOW + 2 * HOUR)
    verdict = run(procedure, at=NOW + 3 * HOUR, shift=0.5, by=system)
    follow(actions.followers(), at=NOW + 4 * HOUR)
    again = check(ward, system, number="26-2", at=NOW + 4 * HOUR)
    send(ward, procedure, measured=NOW + HOUR, value="6.2", status="corrected", by=system)
    follow(actions.followers(), at=NOW + 5 * HOUR)

    (line,), (held,) = signed.lines, again.lines
    assert reads.recognised(procedure.pk, "GLU", TODAY).is_recognised
    assert (line.outcome.value, line.choice, line.result_version) == ("stands", "reuse", 1)
    assert verdict == "rejected"
    assert held.outcome.value == "does_not_stand"
    assert {rule.rule for rule in held.candidates[0].rules if rule.verdict.value == "no"} == {"iqc_bracket"}
    told = {(one.kind, one.result_version) for one in reads.notices_for([ward.record.facility_id])}
    assert told == {("bracket_lost", 1), ("corrected", 1)}


def test_violation_that_stays_open_suspends_the_right_from_then_on(procedure: Procedure, system: User) -> None:
    follow(actions.followers(), at=NOW)
    run(procedure, at=NOW + 3 * HOUR, shift=0.5, by=system)
    follow(actions.followers(), at=NOW + 4 * HOUR)
    still = reads.recognised(procedure.pk, "GLU", TODAY).is_recognised

    actions.recompute_grants([procedure.pk], by=system, at=NOW + 4 * DAY)

    assert still  # a failed run holds results back; the right looks at what stays open
    assert reads.recognised(procedure.pk, "GLU", TODAY + 3 * DAY).is_recognised
    (suspended,) = reads.recognised(procedure.pk, "GLU", TODAY + 4 * DAY).rights
    assert suspended.status == "suspended"
    assert {rule.rule for rule in suspended.rules if rule.verdict.value == "no"} == {"iqc_open", "iqc_coverage"}
