"""Units and intervals, suggestions for a code, and the message with its patient hidden."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs
from tests.factories.exchange import GLU, OBR, PID, message

from lienthong.exchange.processing.measured import interval, measure, unread_number
from lienthong.exchange.raw import show
from lienthong.exchange.terms.suggestions import suggest
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Coded, Observation
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.reads import UnmappedCode

GLUCOSE = AnalyteFacts(
    id=1,
    key="GLU",
    loinc="14749-6",
    name_vi="Glucose máu",
    name_zh="葡萄糖",
    name_en="Glucose",
    specimen="serum",
    group="biochemistry",
    is_quantitative=True,
    unit="mmol/L",
    molar_mass=180.156,
    decimals=1,
    cv_within=5.0,
)
ALT = replace(
    GLUCOSE, id=2, key="ALT", loinc="1742-6", name_vi="ALT", name_zh="丙氨酸氨基转移酶", name_en="ALT", unit="U/L"
)
TSH = replace(GLUCOSE, id=3, key="TSH", unit="m[IU]/L", molar_mass=None)
CKMB_MASS = replace(
    GLUCOSE, id=4, key="CKMB", name_vi="", name_zh="", name_en="CK-MB mass", unit="ug/L", loinc="13969-1"
)
CKMB_ACTIVITY = replace(CKMB_MASS, id=5, key="CKMBA", name_en="CK-MB activity", unit="U/L", loinc="32673-6")


def observed(value: str, unit: str, reference_range: str = "") -> Observation:
    return Observation(
        code=Coded("X"),
        value_type="NM",
        values=(value,),
        unit=Coded(unit) if unit else None,
        reference_range=reference_range,
        ordinal=1,
    )


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "expected"),
    [
        # 100 mg/dL / 180.156 g/mol × 10 dL/L = 5.5508 mmol/L
        pytest.param(GLUCOSE, "100", "mg/dl", Decimal("5.5508"), id="mass to amount"),
        pytest.param(GLUCOSE, "5.6", "mmol/l", Decimal("5.6"), id="another letter case"),
        pytest.param(ALT, "31", "IU/L", Decimal(31), id="enzyme in IU"),
        pytest.param(ALT, "0.5", "µkat/L", Decimal(30), id="katal"),
        pytest.param(TSH, "2.1", "µIU/mL", Decimal("2.1"), id="micro per millilitre"),
        pytest.param(TSH, "2.1", "mU/L", Decimal("2.1"), id="hormone without I"),
    ],
)
def test_value_becomes_the_unit_of_the_analyte(analyte: AnalyteFacts, value: str, unit: str, expected: Decimal) -> None:
    measured = measure(observed(value, unit), analyte)

    assert measured.hold is None
    assert measured.value == pytest.approx(expected, rel=Decimal("0.002"))


@pytest.mark.parametrize(
    ("analyte", "unit"),
    [(GLUCOSE, "U/L"), (GLUCOSE, ""), (GLUCOSE, "%"), (ALT, "mg/dL"), (ALT, "g/L"), (TSH, "ng/mL"), (GLUCOSE, "abc")],
)
def test_what_can_not_be_the_same_quantity_is_held(analyte: AnalyteFacts, unit: str) -> None:
    measured = measure(observed("5.6", unit), analyte)

    assert measured.hold is not None
    assert (measured.hold.where, measured.hold.code, measured.value) == ("OBX(1)-6", "unit", None)
    assert "5.6" not in measured.hold.message


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3.9-6.4", "3.9", "6.4"),
        ("3,9 – 6,4", "3.9", "6.4"),
        ("[3.9~6.4]", "3.9", "6.4"),
        ("<5.0", None, "5.0"),
        ("≤ 5", None, "5"),
        (">40", "40", None),
        ("negative", None, None),
        ("", None, None),
        ("1-2-3", None, None),
    ],
)
def test_reference_range_is_read_or_left_alone(text: str, low: str | None, high: str | None) -> None:
    expected = tuple(Decimal(one) if one else None for one in (low, high))

    assert interval(text) == expected


@pytest.mark.parametrize("value", ["1e20", "1e-20", "-0.00000000001"])
def test_number_that_can_not_be_kept_is_held_and_never_zero(value: str) -> None:
    hold = measure(observed(value, "mmol/L"), GLUCOSE).hold

    assert hold is not None
    assert (hold.where, hold.code) == ("OBX(1)-5", "out-of-range")


def test_zero_is_a_number_and_limits_that_can_not_be_kept_are_left_out() -> None:
    found = measure(observed("0", "mmol/L", "1-99999999999999999999"), GLUCOSE)

    assert (found.value, found.low, found.high, found.hold) == (0, None, None, None)


@pytest.mark.parametrize(
    ("value", "value_type", "is_told"),
    [("5,6", "ST", True), ("< 5,6", "TX", True), ("5,6", "NM", False), ("1,2,3", "ST", False), ("5.6", "ST", False)],
)
def test_decimal_comma_in_a_text_is_told(value: str, value_type: str, is_told: bool) -> None:
    observation = structs.replace(observed(value, "mmol/L"), value_type=value_type)

    assert (unread_number(observation, GLUCOSE) is not None) is is_told
    assert unread_number(observation, replace(GLUCOSE, is_quantitative=False)) is None


def code(**changes: object) -> UnmappedCode:
    usual = UnmappedCode(
        source="SX",
        local_code="CKMB",
        local_system="L",
        local_name="CK-MB",
        loincs=(),
        units=("ng/mL",),
        specimens=("SER",),
        messages=1,
        results=1,
        numbers=1,
        lowest=Decimal("0.6"),
        highest=Decimal("31.4"),
        first_asked_on=dt.date(2026, 11, 20),
        since=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields by name


def test_suggestion_of_another_kind_is_refused_and_last() -> None:
    found = suggest(code(), [CKMB_ACTIVITY, CKMB_MASS, GLUCOSE])

    assert [(one.analyte.key, bool(one.refused)) for one in found] == [("CKMB", False), ("CKMBA", True)]
    assert (found[0].unit, found[0].specimen, found[0].name) == ("yes", "yes", "yes")


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        pytest.param(
            {"local_code": "DM", "local_name": "Glucose máu", "units": ("mg/dL",)}, "GLU", id="Vietnamese name"
        ),
        pytest.param({"local_code": "X1", "local_name": "葡萄糖", "units": ()}, "GLU", id="Chinese name"),
        pytest.param(
            {"local_code": "X1", "local_name": "?", "loincs": ("1742-6",), "units": ("U/L",)}, "ALT", id="LOINC"
        ),
    ],
)
def test_suggestions_are_ranked_by_name_and_loinc(changes: dict[str, object], first: str) -> None:
    found = suggest(code(**changes), [CKMB_MASS, CKMB_ACTIVITY, GLUCOSE, ALT])

    assert found[0].analyte.key == first
    assert not found[0].refused


def test_urine_is_not_serum() -> None:
    assert suggest(code(specimens=("UR",)), [CKMB_MASS])[0].specimen == "no"


def text_of(data: bytes, *, with_patient: bool, findings: tuple[Finding, ...] = ()) -> str:
    raw = show(data, findings, default_charset="utf-8", with_patient=with_patient)
    return "\n".join("".join(piece.text for piece in line) for line in raw.lines)


def test_patient_segments_and_free_text_are_hidden() -> None:
    note = "NTE|1||Bà Đào gọi lại"
    text = "OBX|2|TX|NOTE^Note^L||Nguyễn Thị Đào, 46 tuổi||||||F"
    data = message(PID, "NK1|1|Nguyễn^Bình", OBR, GLU, note, text)

    hidden, shown = text_of(data, with_patient=False), text_of(data, with_patient=True)

    for word in ("Nguyễn", "Đào", "P1", "1980", "Bình", "tuổi"):
        assert word not in hidden
        assert word in shown
    assert "2345-7^Glucose^LN" in hidden
    assert "5.6" in hidden


def test_field_that_a_finding_names_is_marked() -> None:
    raw = show(message(), (Finding("OBX(1)-6", "unit", "…"),), default_charset="utf-8", with_patient=False)

    assert [piece.text for line in raw.lines for piece in line if piece.is_faulty] == ["mmol/L"]


def test_bytes_that_are_no_message_are_shown_only_when_asked_for() -> None:
    hidden = show(b"\xff\xfe broken", (), default_charset="utf-8", with_patient=False)

    assert hidden.is_unreadable
    assert hidden.lines == ()
