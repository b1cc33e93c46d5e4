"""The functional tests of UCUM and molar conversions, read in place."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from decimal import Context, Decimal
from pathlib import Path

import pytest

from lienthong.interop.ucum import KindsDiffer, UnitError, convert, is_valid

SHARED = Path(__file__).parents[5] / "shared/data/ucum"

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SHARED.exists(), reason="shared data is absent")]

KNOWN_FAILURES = {
    "k=1=049": "listed as valid, though {a}rad2{b} of the same form (1-116a) is listed as invalid; both are refused",
    "3-111": "6.3 s/m/mg is 6300 s/m/g; the file's 0.0063 multiplies by the prefix below the line",
    "3-115": "UCUM evaluates . and / strictly from left to right, so s/4.m is (s/4).m; the file reads s/(4.m)",
}
TOLERANCE = 1e-3  # other tables of atomic weights


def cases(section: str) -> list[dict[str, str]]:
    root = ElementTree.parse(SHARED / "UcumFunctionalTests.2.xml").getroot()  # noqa: S314
    found = root.find(section)
    assert found is not None
    return [dict(case.attrib) for case in found.iter("case")]


def converts(case: dict[str, str]) -> bool:
    """Whether the outcome agrees in each digit that the file gives."""
    outcome = Decimal(case["outcome"])
    many_digits = Decimal(case["value"]).quantize(Decimal("1E-60"), context=Context(prec=90))
    try:
        found = convert(many_digits, case["srcUnit"], case["dstUnit"])
    except UnitError:
        return False
    digits = min(len(outcome.as_tuple().digits), 50)  # of [pi], the file says, no more need agree
    return Context(prec=digits).plus(found) == Context(prec=digits).plus(outcome)


def test_functional_tests_of_ucum_pass_but_for_the_known_failures() -> None:
    validations, conversions = cases("validation"), cases("conversion")

    failed = {case["id"] for case in validations if is_valid(case["unit"]) != (case["valid"] == "true")}
    failed |= {case["id"] for case in conversions if not converts(case)}

    total = len(validations) + len(conversions)
    print(
        f"UCUM functional tests: {total - len(failed)} of {total}; display names (8) and products (2) are not offered"
    )
    assert total == 525 + 29
    assert failed == set(KNOWN_FAILURES)


def test_molar_conversions_all_agree() -> None:
    conversions = json.loads((SHARED / "molar_conversions.json").read_text())

    for case in conversions:
        value, mass = Decimal(str(case["value"])), case["molar_mass_g_per_mol"]
        found = convert(value, case["from"], case["to"], molar_mass=mass)
        back = convert(found, case["to"], case["from"], molar_mass=mass)
        assert float(found) == pytest.approx(case["expected"], rel=TOLERANCE), case["substance"]
        assert float(back) == pytest.approx(case["value"], rel=TOLERANCE), case["substance"]

    print(f"molar conversions: {len(conversions)}")
    assert len(conversions) == 40


def test_molar_conversion_of_an_unknown_substance_is_refused() -> None:
    for case in json.loads((SHARED / "molar_conversions.json").read_text()):
        with pytest.raises(UnitError) as refusal:
            convert(Decimal(1), case["from"], case["to"])
        assert not isinstance(refusal.value, KindsDiffer)
