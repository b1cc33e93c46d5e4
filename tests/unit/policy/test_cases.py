"""The cases of `cases/`: facts, day, expected decision and the reference that asks for it, held against the packs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from lienthong.policy import (
    EarlierResult,
    Encounter,
    EqaEvidence,
    Evidence,
    IqcEvidence,
    LevelEvidence,
    MarkHeld,
    Order,
    Pack,
    ProcedureFacts,
    Producer,
    Receiver,
    RuleVerdict,
    ScopeEvidence,
    Verdict,
    decide,
    judge_grant,
)

Facts = Mapping[str, Any]
CASES = Path(__file__).parent / "cases"


def cases_in(name: str) -> list[Any]:
    """Return each case over its file's standing facts, under its name."""
    held = yaml.load((CASES / name).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    common = {key: value for key, value in held.items() if key not in {"standing", "cases"}}
    return [
        pytest.param({**common, **case, "facts": {**held["standing"], **case.get("given", {})}}, id=case["name"])
        for case in held["cases"]
    ]


def instant(written: Any) -> datetime | None:
    """YAML reads an instant with an offset as one with that zone."""
    return written if isinstance(written, datetime) else None


@pytest.mark.parametrize("case", [*cases_in("decisions_vn.yaml"), *cases_in("decisions_cn.yaml")])
def test_decision_case(packs: dict[str, Pack], case: Facts) -> None:
    facts, expected = case["facts"], case["expect"]
    region, at = tuple(case["region"]), facts["at"]
    purposes = facts["encounter"]["purposes"]
    policy = packs[case["pack"]].policy(region, at.date())

    decision = decide(
        order=Order(items=(facts["item"],), at=at),
        receiver=Receiver(facility="ours", region_path=region, **facts["receiver"]),
        encounter=Encounter(
            patient_class=facts["encounter"]["patient_class"],
            purposes=None if purposes is None else frozenset(purposes),
        ),
        earlier=(earlier_result(facts, region),),
        policy=policy,
    )

    (line,) = decision.lines
    (candidate,) = line.candidates
    assert line.outcome == expected["outcome"]
    assert names(candidate.rules, Verdict.NO) == expected.get("fails", [])
    assert names(candidate.rules, Verdict.UNKNOWN) == expected.get("open", [])
    if "until" in expected:
        assert line.until == instant(expected["until"])
    cites(candidate.rules, case)
    assert decision.interrupt == (line.outcome == "stands")


def earlier_result(facts: Facts, region: tuple[str, ...]) -> EarlierResult:
    return EarlierResult(
        result_id=1,
        version=1,
        patient_record_id=1,
        item=facts["item"],
        status=facts["status"],
        collected_at=instant(facts["collected_at"]),
        measured_at=instant(facts["collected_at"]),
        producer=Producer(facility="theirs", region_path=region, **facts["producer"]),
        marks=tuple(MarkHeld(mark, frozenset(scope), 1) for mark, scope in facts["marks"].items()),
        iqc_state=facts["iqc_state"],
        iqc_held=facts["iqc_held"],
        outcome=facts.get("outcome"),
    )


@pytest.mark.parametrize("case", cases_in("grants.yaml"))
def test_grant_case(packs: dict[str, Pack], case: Facts) -> None:
    facts, expected = case["facts"], case["expect"]
    region, on = tuple(case["region"]), facts["day"]
    procedure = ProcedureFacts(procedure_id=1, analyte=facts["analyte"], facility="ours", region_path=region)

    judgement = judge_grant(
        procedure=procedure,
        item=facts["analyte"],
        evidence=evidence(case),
        on=on,
        policy=packs[case["pack"]].policy(region, on),
    )

    refusing = [rule for mark in judgement.refused for rule in mark.rules]
    assert {mark.mark: mark.valid_to for mark in judgement.marks} == expected["marks"]
    assert judgement.status == ("granted" if expected["marks"] else "refused")
    assert sorted(set(names(refusing, Verdict.NO))) == expected.get("fails", [])
    assert sorted(set(names(refusing, Verdict.UNKNOWN))) == expected.get("open", [])
    cites([*(rule for mark in judgement.marks for rule in mark.rules), *refusing], case)


def evidence(case: Facts) -> Evidence:
    facts = case["facts"]
    iqc, level, scope = facts["iqc"], facts["level"], facts["iso15189"]
    return Evidence(
        eqa=tuple(eqa_round(*written) for written in case["eqa"]),
        iqc=IqcEvidence(
            period_from=iqc["from"],
            period_to=iqc["to"],
            days_measured=iqc["measured"],
            days_covered=iqc["covered"],
            open_since=iqc["open_since"],
            cv_percent=iqc["cv"],
        ),
        level=LevelEvidence(published_on=level["valid_from"], **level) if level else None,
        iso15189=ScopeEvidence(**scope) if scope else None,
    )


def eqa_round(organiser_level: str, finished_on: date, verdict: str) -> EqaEvidence:
    return EqaEvidence(
        evidence_id=finished_on.isoformat(),
        organiser="centre",
        organiser_level=organiser_level,
        organiser_regions=(),
        round_code=finished_on.isoformat(),
        year=finished_on.year,
        finished_on=finished_on,
        passed=verdict == "pass",
        is_final=True,
    )


def names(rules: Any, verdict: Verdict) -> list[str]:
    return [rule.rule for rule in rules if rule.verdict is verdict]


def cites(rules: Any, case: Facts) -> None:
    """The rule that the case is about rests on the reference that the case names."""
    about: list[RuleVerdict] = [rule for rule in rules if rule.rule == case["rule"]]
    assert about
    assert case["reference"] in {rule.reference for rule in about}


def test_there_are_cases_enough_of_both_packs() -> None:
    assert len(cases_in("decisions_vn.yaml")) + len(cases_in("decisions_cn.yaml")) >= 25
