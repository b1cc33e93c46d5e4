"""What a policy reads from a pack: by day, by region, by item and group."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lienthong.policy import Pack, ParameterMissing

LAND, PROVINCE, TOWN = ("XX",), ("XX", "XX-1"), ("XX", "XX-1", "XX-1-A")


# A value changes on a day, and null ends it


@pytest.mark.parametrize(
    ("on", "hours"),
    [
        (date(2024, 1, 1), 24),
        (date(2025, 12, 31), 24),
        (date(2026, 1, 1), 48),
        (date(2026, 5, 31), 48),
        (date(2026, 6, 1), 12),  # the item's own window has ended: its group's holds
    ],
)
def test_window_changes_on_the_day_of_its_entry(small: Pack, on: date, hours: int) -> None:
    window = small.policy(LAND, on).window("GLU")

    assert window is not None
    assert window.hours == hours


def test_window_before_its_first_day_is_silent(small: Pack) -> None:
    assert small.policy(LAND, date(2023, 12, 31)).window("GLU") is None


def test_item_that_has_left_the_list_is_not_found(small: Pack) -> None:
    assert small.policy(LAND, date(2025, 6, 30)).item("NA").code == "NA"
    assert small.policy(LAND, date(2025, 7, 1)).find_item("NA") is None


def test_items_are_those_of_the_day(small: Pack) -> None:
    assert {item.code for item in small.policy(LAND, date(2024, 6, 1)).items} == {"GLU", "NA"}
    assert {item.code for item in small.policy(LAND, date(2026, 6, 1)).items} == {"GLU", "CBC"}


def test_items_of_analyte_are_found_by_any_analyte(small: Pack) -> None:
    policy = small.policy(LAND, date(2026, 1, 1))

    assert [item.code for item in policy.items_of_analyte("PLT")] == ["CBC"]
    assert policy.items_of_analyte("TSH") == ()


# A region's value goes before its parent's


@pytest.mark.parametrize(
    ("path", "on", "hours"),
    [
        (LAND, date(2026, 3, 1), 48),
        (PROVINCE, date(2026, 2, 28), 48),
        (PROVINCE, date(2026, 3, 1), 6),
        (TOWN, date(2026, 3, 1), 6),
        (PROVINCE, date(2026, 5, 1), 48),
    ],
    ids=["nation", "before_the_provinces_own", "provinces_own", "below_the_province", "province_has_ended_its_own"],
)
def test_window_of_a_region_goes_before_the_nations(small: Pack, path: tuple[str, ...], on: date, hours: int) -> None:
    window = small.policy(path, on).window("GLU")

    assert window is not None
    assert window.hours == hours


def test_explicit_null_of_a_region_hides_the_nations_value(small: Pack) -> None:
    assert small.policy(PROVINCE, date(2026, 4, 1)).window("GLU") is None
    assert small.policy(LAND, date(2026, 4, 1)).window("GLU") is not None


def test_item_that_a_town_has_taken_off_is_still_the_nations(small: Pack) -> None:
    assert small.policy(TOWN, date(2026, 8, 1)).find_item("GLU") is None
    assert small.policy(PROVINCE, date(2026, 8, 1)).find_item("GLU") is not None


def test_window_left_to_the_clinician_has_no_hours(small: Pack) -> None:
    window = small.policy(LAND, date(2026, 9, 1)).window("CBC")

    assert window is not None
    assert window.clinician_judges
    assert window.hours is None


def test_issued_by_reads_the_issuers_own_rules(small: Pack) -> None:
    policy = small.policy(TOWN, date(2026, 1, 1))

    assert policy.requirement("evidence.eqa_consecutive_years") is not None
    assert policy.issued_by("XX").requirement("evidence.eqa_consecutive_years") is None
    with pytest.raises(ValueError, match="not on the path"):
        policy.issued_by("XX-2")


# What isn't there


def test_parameter_missing_names_parameter_region_and_day(small: Pack) -> None:
    policy = small.policy(PROVINCE, date(2023, 5, 4))

    with pytest.raises(ParameterMissing, match=r"eqa\.verdict has no value in XX-1 on 2023-05-04"):
        policy.parameter("eqa.verdict")
    with pytest.raises(ParameterMissing, match=r"items\.GLU"):
        policy.item("GLU")
    with pytest.raises(ParameterMissing, match=r"limits\.TSH"):
        policy.limit("TSH")
    with pytest.raises(ParameterMissing, match=r"references\.nowhere"):
        policy.reference("nowhere")


def test_parameter_of_an_unknown_file_is_the_callers_mistake(small: Pack) -> None:
    with pytest.raises(ValueError, match="names no parameter"):
        small.policy(LAND, date(2026, 1, 1)).parameter("epa.verdict")


def test_policy_of_another_nation_is_the_callers_mistake(small: Pack) -> None:
    with pytest.raises(ValueError, match="must start at XX"):
        small.policy(("YY",), date(2026, 1, 1))


# Typed faces


def test_iqc_and_eqa_carry_the_packs_numbers(small: Pack) -> None:
    policy = small.policy(LAND, date(2026, 1, 1))

    assert policy.iqc.warning_rules == ("1_2s",)
    assert policy.iqc.reject_rules == ("1_3s", "R_4s")
    assert (policy.iqc.run_gap_minutes, policy.iqc.max_hours_between_runs) == (45, 24)
    assert policy.iqc.no_evidence == "unknown"
    assert small.policy(TOWN, date(2026, 1, 1)).iqc.no_evidence == "refuse"
    assert (policy.eqa.sigma_pt_divisor, policy.eqa.pass_percent, policy.eqa.min_peer_group) == (3, 80, 6)
    assert policy.eqa.verdict == "z"
    assert policy.mark_judged_at == "collection"


def test_fee_is_a_decimal_of_the_item_or_its_group(small: Pack) -> None:
    policy = small.policy(LAND, date(2024, 6, 1))
    fees = [policy.fee(code) for code in ("GLU", "NA", "CBC")]

    assert [fee.amount if fee else None for fee in fees] == [Decimal("3.1"), Decimal("2.5"), None]
    assert fees[0] is not None
    assert fees[0].currency == "EUR"


@pytest.mark.parametrize(
    ("analyte", "target", "allowable"),
    [
        ("GLU", 2.0, 0.25),
        ("GLU", 3.0, 0.25),
        ("GLU", 10.0, 0.7),
        ("NA", 140.0, 4.0),
        ("UREA", 5.0, 0.7),
        ("UREA", 20.0, 1.8),
    ],
)
def test_limit_allows_by_its_form(small: Pack, analyte: str, target: float, allowable: float) -> None:
    limit = small.policy(LAND, date(2026, 1, 1)).limit(analyte)

    assert limit.allowable(target) == pytest.approx(allowable, rel=1e-12)


def test_examples_used_are_the_unchecked_values_in_force(small: Pack) -> None:
    policy = small.policy(PROVINCE, date(2026, 1, 1))

    assert {used.parameter for used in policy.examples_used()} == {
        "windows.group/chemistry",
        "marks.province",
        "money.group/chemistry",
        "money.GLU",
    }
    assert [used.parameter for used in policy.examples_used("marks", "money.GLU")] == ["marks.province", "money.GLU"]


def test_edition_names_pack_region_day_and_digest(small: Pack) -> None:
    edition = small.policy(PROVINCE, date(2026, 1, 1)).edition

    assert edition == f"xx:XX-1:2026-01-01:{small.edition}"
