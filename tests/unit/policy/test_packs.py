"""The packs that are shipped, held against the reference beside the checkout where it is there."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from lienthong.policy import Limit, Pack, Policy

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
ON = date(2026, 11, 22)
HAI_DUONG = ("VN", "VN-HP", "VN-HD")
LONGNAN = ("CN", "CN-36", "CN-3607", "CN-360783")
REFERENCE_KEYS = {"HGB": "HB", "PHOS": "P"}  # ours → the reference's

needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="../shared/reference is not beside this checkout")


@pytest.fixture
def hai_duong(packs: dict[str, Pack]) -> Policy:
    return packs["vn"].policy(HAI_DUONG, ON)


@pytest.fixture
def longnan(packs: dict[str, Pack]) -> Policy:
    return packs["cn"].policy(LONGNAN, ON)


def test_packs_hold_every_parameter_that_iqc_and_eqa_read(hai_duong: Policy, longnan: Policy) -> None:
    for policy in (hai_duong, longnan):
        assert "1_3s" in policy.iqc.reject_rules
        assert policy.eqa.sigma_pt_divisor == 3
        assert policy.eqa.pass_percent == 80
        assert policy.list_edition.edition
        assert policy.exceptions
        assert policy.mark_judged_at in {"collection", "measurement"}


def test_recognition_reads_z_in_viet_nam_and_percentage_in_china(hai_duong: Policy, longnan: Policy) -> None:
    assert hai_duong.eqa.verdict == "z"
    assert longnan.eqa.verdict == "percentage"


def test_longnan_sets_no_window_at_all(longnan: Policy) -> None:
    for item in longnan.items:
        window = longnan.window(item)
        assert window is not None
        assert window.clinician_judges
        assert window.source.checked


def test_regions_of_china_set_windows_that_differ_by_orders_of_magnitude(packs: dict[str, Pack]) -> None:
    corps = packs["cn"].policy(("CN", "CN-XPCC"), ON).window("WBC")
    hubei = packs["cn"].policy(("CN", "CN-42"), ON).window("HBA1C")

    assert corps is not None
    assert corps.hours == 6
    assert hubei is not None
    assert hubei.hours == 60 * 24
    assert packs["cn"].policy(("CN", "CN-36"), ON).window("WBC") is None


def test_viet_nams_windows_are_an_example_of_a_draft(hai_duong: Policy) -> None:
    for item in hai_duong.items:
        window = hai_duong.window(item)
        assert window is not None
        assert window.hours is not None
        assert window.source.example
        assert not window.source.checked
        assert hai_duong.reference(window.source.reference).confidence == "draft"


def test_viet_nams_microbiology_shares_only_positive_results(hai_duong: Policy) -> None:
    window = hai_duong.window("HBSAG")

    assert window is not None
    assert (window.hours, window.condition) == (48, "positive_only")


def test_the_mark_of_hai_duong_is_an_example_without_legal_force(hai_duong: Policy, packs: dict[str, Pack]) -> None:
    (mark,) = hai_duong.marks

    assert (mark.text, mark.legal, mark.source.example) == ("LT-HD", False, True)
    assert mark.scope == {"VN-HD"}
    assert packs["vn"].policy(("VN", "VN-HP"), ON).marks == ()


def test_the_marks_of_longnan_are_the_nations_and_its_own(longnan: Policy) -> None:
    marks = {mark.text: mark for mark in longnan.marks}

    assert marks["全国HR"].scope == {"CN"}
    assert marks["龙南市HR"].scope == {"CN-360783"}
    assert marks["京津冀HR"].scope == {"CN-11", "CN-12", "CN-13"}


def test_longnan_adds_four_reasons_to_the_six_national_ones(longnan: Policy, packs: dict[str, Pack]) -> None:
    national = {reason.code for reason in packs["cn"].policy(("CN",), ON).exceptions}
    local = {reason.code for reason in longnan.exceptions}

    assert len(national) == 6
    assert len(local - national) == 4


def test_analytes_without_an_item_in_viet_nam_are_known(hai_duong: Policy) -> None:
    assert [key for key in ("MG", "PHOS", "RBC", "HCT", "GLU") if not hai_duong.items_of_analyte(key)] == [
        "MG",
        "PHOS",
        "RBC",
        "HCT",
    ]


def test_every_reference_of_a_pack_is_used_or_law(packs: dict[str, Pack]) -> None:
    context_only = {"vn-law-51-2024", "vn-25-2026-eqa", "cn-2024-37"}  # the law around the rules, for their readers
    for pack in packs.values():
        path = {"vn": HAI_DUONG, "cn": LONGNAN}[pack.code]
        paths = [path, *((pack.region, region) for region in pack.regions)]
        used = {source.reference for way in paths for source in pack.policy(way, ON).sources}
        assert set(pack.references) - used <= context_only


# Against the reference


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _number(written: str) -> float | None:
    return float(written) if written else None


@pytest.mark.shared
@needs_reference
@pytest.mark.parametrize("code", ["vn", "cn"])
def test_limits_are_those_of_the_reference(packs: dict[str, Pack], code: str) -> None:
    policy = packs[code].policy((packs[code].region,), ON)
    rows = {row["analyte_key"]: row for row in _rows("tea_limits.csv") if row["standard"].startswith("WS/T")}
    limits = [policy.find_limit(key) for item in policy.items for key in item.analytes]
    quantitative = [limit for limit in limits if isinstance(limit, Limit)]

    assert len(quantitative) == len(limits) - 1  # all but HBsAg
    for limit in quantitative:
        row = rows[REFERENCE_KEYS.get(limit.analyte, limit.analyte)]
        assert limit.combine == row["combine"], limit.analyte
        assert limit.percent == _number(row["limit_percent"]), limit.analyte
        assert limit.absolute == _number(row["limit_absolute"]), limit.analyte
        assert limit.switch_at == _number(row["switch_at"]), limit.analyte
        assert limit.cv_max_percent == _number(row["cv_max_percent"]), limit.analyte
        assert limit.source.checked <= row["confidence"].startswith("seen"), limit.analyte


@pytest.mark.shared
@needs_reference
def test_viet_nams_windows_are_those_seen_of_the_draft(hai_duong: Policy) -> None:
    rows = {row["key"]: row["validity_max_hours_draft2026"] for row in _rows("vn_3148_tests.csv")}

    for item in hai_duong.items:
        written = rows[REFERENCE_KEYS.get(item.code, item.code)]
        if written:
            window = hai_duong.window(item)
            assert window is not None
            assert window.hours == int(written), item.code
