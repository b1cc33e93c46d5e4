from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.unit.policy.standing import EVIDENCE, GRANT_ON, IQC, LAND, LEVEL, PROCEDURE, PROVINCE, eqa_round

from lienthong.policy import (
    EqaEvidence,
    Evidence,
    GrantJudgement,
    GrantStatus,
    IqcEvidence,
    LevelEvidence,
    Pack,
    ScopeEvidence,
    Verdict,
    judge_grant,
)

SCOPE = ScopeEvidence(certificate="ML 001", valid_from=date(2025, 1, 1), valid_to=date(2026, 6, 1))


def judge(pack: Pack, evidence: Evidence, *, on: date = GRANT_ON, path: tuple[str, ...] = LAND) -> GrantJudgement:
    procedure = replace(PROCEDURE, region_path=path)
    return judge_grant(procedure=procedure, item="GLU", evidence=evidence, on=on, policy=pack.policy(path, on))


def verdicts(judgement: GrantJudgement) -> dict[str, Verdict]:
    return {rule.rule: rule.verdict for rule in judgement.rules}


def refusing(judgement: GrantJudgement, mark: str = "LAND") -> dict[str, str]:
    (refused,) = (one for one in judgement.refused if one.mark == mark)
    return {rule.rule: rule.verdict.value for rule in refused.rules if rule.verdict is not Verdict.YES}


def test_grant_with_full_evidence_carries_mark_scope_and_period(small: Pack) -> None:
    judgement = judge(small, EVIDENCE)

    assert judgement.status is GrantStatus.GRANTED
    (mark,) = judgement.marks
    assert (mark.mark, mark.scope, mark.legal) == ("LAND", frozenset({"XX"}), True)
    assert mark.evidence_ids == ("round-2025-11-01", "round-2026-02-01")
    assert judgement.valid_from == GRANT_ON
    assert judgement.valid_to == date(2026, 8, 5)  # 184 days after 1 February is 4 August, the last day of the mark
    assert set(verdicts(judgement).values()) == {Verdict.YES}


def test_grant_holds_on_its_last_day_and_lapses_on_valid_to(small: Pack) -> None:
    end = judge(small, EVIDENCE).valid_to
    assert end is not None
    iqc = replace(IQC, period_from=end - timedelta(days=40), period_to=end - timedelta(days=2))
    evidence = replace(EVIDENCE, iqc=iqc)

    assert judge(small, evidence, on=end - timedelta(days=1)).status is GrantStatus.GRANTED
    assert refusing(judge(small, evidence, on=end)) == {"eqa_recent": "no"}


EQA = {
    "no_round": ((), {"eqa_passes": "unknown", "eqa_recent": "unknown"}),
    "one_pass_of_two": ((eqa_round(date(2026, 2, 1)),), {"eqa_passes": "unknown"}),
    "pass_fail_pass": (
        (eqa_round(date(2025, 8, 1)), eqa_round(date(2025, 11, 1), passed=False), eqa_round(date(2026, 2, 1))),
        {},
    ),
    "fail_fail_pass": (
        (
            eqa_round(date(2025, 8, 1), passed=False),
            eqa_round(date(2025, 11, 1), passed=False),
            eqa_round(date(2026, 2, 1)),
        ),
        {"eqa_passes": "no"},
    ),
    "a_fourth_round_back_no_longer_counts": (
        (
            eqa_round(date(2025, 1, 1)),
            eqa_round(date(2025, 8, 1), passed=False),
            eqa_round(date(2025, 11, 1), passed=False),
            eqa_round(date(2026, 2, 1)),
        ),
        {"eqa_passes": "no"},
    ),
    "pass_unknown_pass": (
        (eqa_round(date(2025, 8, 1)), eqa_round(date(2025, 11, 1), passed=None), eqa_round(date(2026, 2, 1))),
        {},
    ),
    "fail_unknown_pass": (
        (
            eqa_round(date(2025, 8, 1), passed=False),
            eqa_round(date(2025, 11, 1), passed=None),
            eqa_round(date(2026, 2, 1)),
        ),
        {"eqa_passes": "unknown"},
    ),
    "passes_too_old": (
        (eqa_round(date(2025, 2, 1)), eqa_round(date(2025, 5, 1))),
        {"eqa_recent": "no"},
    ),
    "interim_failure_does_not_count": (
        (*EVIDENCE.eqa, *(eqa_round(date(2026, 3, day), passed=False, is_final=False) for day in (1, 8))),
        {},
    ),
    "interim_pass_does_not_count": (
        (*EVIDENCE.eqa[1:], eqa_round(date(2025, 11, 1), is_final=False)),
        {"eqa_passes": "unknown"},
    ),
    "round_of_the_future_does_not_count": (
        (*EVIDENCE.eqa, *(eqa_round(date(2026, 4, day), passed=False) for day in (2, 9))),
        {},
    ),
    "round_of_a_lower_organiser_does_not_count": (
        (*EVIDENCE.eqa[1:], eqa_round(date(2025, 12, 1), organiser_level="city")),
        {"eqa_passes": "unknown"},
    ),
    "round_of_another_area_does_not_count": (
        (*EVIDENCE.eqa[1:], eqa_round(date(2025, 12, 1), organiser_regions=("YY",))),
        {"eqa_passes": "unknown"},
    ),
    "provider_without_an_area_counts": ((*EVIDENCE.eqa[1:], eqa_round(date(2025, 12, 1), organiser_regions=())), {}),
}


@pytest.mark.parametrize(("rounds", "against"), EQA.values(), ids=EQA.keys())
def test_grant_reads_final_rounds_of_the_marks_organisers(
    small: Pack, rounds: tuple[EqaEvidence, ...], against: dict[str, str]
) -> None:
    judgement = judge(small, replace(EVIDENCE, eqa=rounds))

    assert refusing(judgement) == against if against else judgement.status is GrantStatus.GRANTED


def test_two_rounds_of_one_day_are_read_with_the_failure_last(small: Pack) -> None:
    day = date(2026, 2, 1)
    rounds = (
        eqa_round(day, passed=False, evidence_id="a"),
        eqa_round(day, passed=False, evidence_id="b"),
        *(eqa_round(day, evidence_id=name) for name in ("c", "d")),
    )

    assert refusing(judge(small, replace(EVIDENCE, eqa=rounds))) == {"eqa_passes": "no"}


IQC_FACTS = {
    "no_evidence": (None, {"iqc_coverage": "unknown", "iqc_open": "unknown", "iqc_cv": "unknown"}),
    "just_covered": (replace(IQC, days_covered=18), {}),
    "not_covered": (replace(IQC, days_covered=17), {"iqc_coverage": "no"}),
    "no_day_measured": (replace(IQC, days_measured=0, days_covered=0), {"iqc_coverage": "unknown"}),
    "period_too_short": (replace(IQC, period_from=date(2026, 3, 3)), {"iqc_coverage": "unknown"}),
    "period_too_old": (
        replace(IQC, period_from=date(2026, 1, 1), period_to=date(2026, 3, 1)),
        {"iqc_coverage": "unknown"},
    ),
    "open_for_three_days": (replace(IQC, open_since=date(2026, 3, 29)), {}),
    "open_for_four_days": (replace(IQC, open_since=date(2026, 3, 28)), {"iqc_open": "no"}),
    "cv_at_the_limit": (replace(IQC, cv_percent=3.0), {}),
    "cv_above_the_limit": (replace(IQC, cv_percent=3.1), {"iqc_cv": "no"}),
    "cv_not_known": (replace(IQC, cv_percent=None), {"iqc_cv": "unknown"}),
}


@pytest.mark.parametrize(("iqc", "against"), IQC_FACTS.values(), ids=IQC_FACTS.keys())
def test_grant_reads_coverage_open_violations_and_imprecision(
    small: Pack, iqc: IqcEvidence | None, against: dict[str, str]
) -> None:
    judgement = judge(small, replace(EVIDENCE, iqc=iqc))

    assert refusing(judgement) == against if against else judgement.status is GrantStatus.GRANTED


QUALITY = {
    "level_one": (replace(LEVEL, level=1), None, {}),
    "unranked": (replace(LEVEL, level=0), None, {"level_or_iso15189": "no"}),
    "nothing_published": (None, None, {"level_or_iso15189": "unknown"}),
    "level_of_another_scheme": (replace(LEVEL, scheme="stars"), None, {"level_or_iso15189": "unknown"}),
    "level_on_its_end": (replace(LEVEL, valid_to=GRANT_ON), None, {"level_or_iso15189": "no"}),
    "level_published_tomorrow": (replace(LEVEL, published_on=date(2026, 4, 2)), None, {"level_or_iso15189": "no"}),
    "scope_instead_of_level": (None, SCOPE, {}),
    "scope_instead_of_an_unranked_level": (replace(LEVEL, level=0), SCOPE, {}),
    "scope_has_ended": (None, replace(SCOPE, valid_to=GRANT_ON), {"level_or_iso15189": "unknown"}),
}


@pytest.mark.parametrize(("level", "scope", "against"), QUALITY.values(), ids=QUALITY.keys())
def test_grant_reads_level_or_accreditation(
    small: Pack, level: LevelEvidence | None, scope: ScopeEvidence | None, against: dict[str, str]
) -> None:
    judgement = judge(small, replace(EVIDENCE, level=level, iso15189=scope))

    assert refusing(judgement) == against if against else judgement.status is GrantStatus.GRANTED


def test_grant_on_a_scope_ends_with_the_scope(small: Pack) -> None:
    assert judge(small, replace(EVIDENCE, level=None, iso15189=SCOPE)).valid_to == date(2026, 6, 1)


def test_item_off_the_list_is_refused(small: Pack) -> None:
    policy = small.policy(LAND, GRANT_ON)

    judgement = judge_grant(procedure=PROCEDURE, item="NA", evidence=EVIDENCE, on=GRANT_ON, policy=policy)

    assert refusing(judgement) == {"item_listed": "no"}


def test_each_mark_is_judged_by_its_issuers_rules(small: Pack) -> None:
    judgement = judge(small, EVIDENCE, path=PROVINCE)

    assert [mark.mark for mark in judgement.marks] == ["LAND"]
    assert refusing(judgement, "PROV") == {"eqa_consecutive_years": "unknown"}


YEARS = {
    "three_years": ({2023: True, 2024: True, 2025: True}, None),
    "with_this_year": ({2024: True, 2025: True, 2026: True}, None),
    "a_failure_four_years_back": ({2023: False, 2024: True, 2025: True, 2026: True}, None),
    "a_failed_year": ({2023: True, 2024: False, 2025: True}, "no"),
    "this_year_failed": ({2023: True, 2024: True, 2025: True, 2026: False}, "no"),
    "a_year_without_a_round": ({2023: True, 2025: True}, "unknown"),
}


@pytest.mark.parametrize(("years", "against"), YEARS.values(), ids=YEARS.keys())
def test_province_asks_for_three_years_running(small: Pack, years: dict[int, bool], against: str | None) -> None:
    dated = [eqa_round(date(year, 3, 15), passed=passed) for year, passed in years.items()]
    lately = [eqa_round(date(2025, 10, day)) for day in (10, 20)]

    judgement = judge(small, replace(EVIDENCE, eqa=(*dated, *lately)), path=PROVINCE)

    rules = [rule for mark in (*judgement.marks, *judgement.refused) if mark.mark == "PROV" for rule in mark.rules]
    (verdict,) = (rule.verdict for rule in rules if rule.rule == "eqa_consecutive_years")
    assert verdict == (against or "yes")


def test_joint_scheme_gives_the_set_of_its_regions(small: Pack) -> None:
    regions = ("XX-1", "YY-4")
    rounds = tuple(
        eqa_round(day, organiser_level="joint", organiser_regions=regions)
        for day in (date(2025, 11, 1), date(2026, 2, 1))
    )

    judgement = judge(small, replace(EVIDENCE, eqa=rounds), path=PROVINCE)

    assert [(mark.mark, mark.scope) for mark in judgement.marks] == [("JOINT", frozenset(regions))]


def test_grant_where_no_mark_is_defined_is_refused_by_name(packs: dict[str, Pack]) -> None:
    path = ("VN", "VN-HP")
    policy = packs["vn"].policy(path, GRANT_ON)

    judgement = judge_grant(
        procedure=replace(PROCEDURE, region_path=path), item="GLU", evidence=EVIDENCE, on=GRANT_ON, policy=policy
    )

    assert judgement.status is GrantStatus.REFUSED
    assert verdicts(judgement) == {"mark_defined": Verdict.NO}


def test_judge_grant_with_the_policy_of_another_day_is_the_callers_mistake(small: Pack) -> None:
    with pytest.raises(ValueError, match="the policy is of"):
        judge_grant(
            procedure=PROCEDURE, item="GLU", evidence=EVIDENCE, on=GRANT_ON, policy=small.policy(LAND, date(2026, 4, 2))
        )
