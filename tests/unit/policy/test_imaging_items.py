"""An imaging item is judged as any other, but no rule of quality control is asked of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.policy.standing import AT, ENCOUNTER, EVIDENCE, GRANT_ON, LAND, ORDER, PROCEDURE, RECEIVER, RESULT

from lienthong.policy import GrantStatus, Outcome, Pack, decide, judge_grant, read_pack

QUALITY_CONTROL = {"iqc_coverage", "iqc_open", "iqc_cv", "iqc_bracket", "iqc_state"}
LISTED = """
  US:
    2024-01-01:
      value:
        names: {vi: Siêu âm, zh_hans: 超声, en: Ultrasound}
        group: chemistry
        analytes: [US-ABDOMEN]
        imaging: true
      reference: act
      checked: true
      example: false

regions:
"""


@pytest.fixture
def pack(small_texts: dict[str, str]) -> Pack:
    """The small pack with an ultrasound item."""
    name = next(name for name in small_texts if name.endswith("/items.yaml"))
    made, findings = read_pack(small_texts | {name: small_texts[name].replace("\nregions:\n", LISTED, 1)})
    assert findings == ()
    assert made is not None
    return made


@pytest.mark.parametrize(("item", "asked"), [("GLU", True), ("US", False)])
def test_grant_of_an_imaging_item_asks_for_no_quality_control(pack: Pack, item: str, asked: bool) -> None:
    procedure = replace(PROCEDURE, analyte="US-ABDOMEN" if item == "US" else "GLU")
    evidence = replace(EVIDENCE, iqc=EVIDENCE.iqc if asked else None)

    judgement = judge_grant(
        procedure=procedure, item=item, evidence=evidence, on=GRANT_ON, policy=pack.policy(LAND, GRANT_ON)
    )

    assert judgement.status is GrantStatus.GRANTED
    assert bool({rule.rule for rule in judgement.rules} & QUALITY_CONTROL) == asked


def test_imaging_item_still_needs_its_rounds(pack: Pack) -> None:
    judgement = judge_grant(
        procedure=PROCEDURE,
        item="US",
        evidence=replace(EVIDENCE, eqa=()),
        on=GRANT_ON,
        policy=pack.policy(LAND, GRANT_ON),
    )

    assert judgement.status is GrantStatus.REFUSED


def test_imaging_result_without_quality_control_stands(pack: Pack) -> None:
    result = replace(RESULT, item="US", collected_at=AT - timedelta(hours=6), iqc_state="no_evidence", iqc_held=False)
    policy = pack.policy(RECEIVER.region_path, AT.date())

    decision = decide(
        order=replace(ORDER, items=("US",)), receiver=RECEIVER, encounter=ENCOUNTER, earlier=(result,), policy=policy
    )

    (line,) = decision.lines
    rules = {rule.rule for rule in line.candidates[0].rules}
    assert not rules & QUALITY_CONTROL
    assert line.outcome is Outcome.STANDS


def test_imaging_must_be_said_as_yes_or_no(small_texts: dict[str, str]) -> None:
    name = next(name for name in small_texts if name.endswith("/items.yaml"))
    listed = LISTED.replace("imaging: true", "imaging: sometimes")

    _made, findings = read_pack(small_texts | {name: small_texts[name].replace("\nregions:\n", listed, 1)})

    assert [finding.code for finding in findings] == ["wrong-type"]
