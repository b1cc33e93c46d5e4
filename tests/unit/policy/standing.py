"""A grant that is given and a result that stands under the small pack: tests change one fact at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from lienthong.policy import (
    EarlierResult,
    Encounter,
    EqaEvidence,
    Evidence,
    IqcEvidence,
    LevelEvidence,
    MarkHeld,
    Order,
    ProcedureFacts,
    Producer,
    Receiver,
)

LAND, PROVINCE, TOWN = ("XX",), ("XX", "XX-1"), ("XX", "XX-1", "XX-1-A")

# A grant: on 1 April 2026, glucose, two national rounds passed

GRANT_ON = date(2026, 4, 1)
PROCEDURE = ProcedureFacts(procedure_id=1, analyte="GLU", facility="lab", region_path=LAND)
LEVEL = LevelEvidence(scheme="ranks", level=2, published_on=date(2025, 2, 1), valid_from=date(2025, 2, 1))
IQC = IqcEvidence(
    period_from=date(2026, 3, 2),
    period_to=date(2026, 3, 31),
    days_measured=20,
    days_covered=18,
    open_since=None,
    cv_percent=2.9,
)


def eqa_round(finished_on: date, *, passed: bool | None = True, **changes: object) -> EqaEvidence:
    standard = EqaEvidence(
        evidence_id=f"round-{finished_on.isoformat()}",
        organiser="centre",
        organiser_level="nation",
        organiser_regions=("XX",),
        round_code=finished_on.isoformat(),
        year=finished_on.year,
        finished_on=finished_on,
        passed=passed,
        is_final=True,
    )
    return replace(standard, **changes)


EVIDENCE = Evidence(
    eqa=(eqa_round(date(2025, 11, 1)), eqa_round(date(2026, 2, 1))), iqc=IQC, level=LEVEL, iso15189=None
)

# A decision: on 10 February 2026 (glucose: 48 hours), the specimen collected a day before

AT = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
ORDER = Order(items=("GLU",), at=AT)
RECEIVER = Receiver(facility="ward", region_path=PROVINCE, level=2, has_insurance_contract=True)
ENCOUNTER = Encounter(patient_class="inpatient", purposes=frozenset())
PRODUCER = Producer(
    facility="lab",
    region_path=PROVINCE,
    level=3,
    level_on=date(2025, 2, 1),
    covers_by_iso15189=False,
    has_insurance_contract=True,
)
RESULT = EarlierResult(
    result_id=1,
    version=1,
    patient_record_id=1,
    item="GLU",
    status="final",
    collected_at=AT - timedelta(hours=24),
    measured_at=AT - timedelta(hours=22),
    producer=PRODUCER,
    marks=(MarkHeld(mark="PROV", scope=frozenset({"XX-1"}), grant_id=7),),
    iqc_state="in_control",
    iqc_held=False,
)
