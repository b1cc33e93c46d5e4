"""An analyser's results in the words in which the pipeline reads them; what forbids reading a message is its reason."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import pytest
from tests.factories.exchange import astm_message

from lienthong.exchange.analyzers.reading import parse
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Observation

SOURCE = SourceFacts(
    id=1,
    code="BS",
    name="Anphu",
    facility_id=1,
    facility_code="30001",
    laboratory_id=1,
    region_path=("VN",),
    zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    default_charset="utf-8",
    protocol="astm",
)


def observation(result: str) -> Observation:
    oru, _ = parse(astm_message("P|1", "O|1|S1||^^^GLU", result), SOURCE)
    return oru.orders[0].observations[0]


@pytest.mark.parametrize(
    ("sent", "value_type", "values"),
    [
        ("5.6", "NM", ("5.6",)),
        ("-1.5", "NM", ("-1.5",)),
        ("<0.5", "ST", ("<0.5",)),
        ("5.6^mmol", "ST", ("5.6 mmol",)),
        ("^5.6", "NM", ("5.6",)),
        ("Positive", "ST", ("Positive",)),
        ("***.**", "ST", ()),
        ("", "ST", ()),
    ],
    ids=["number", "negative", "compared", "two-parts", "second-part", "word", "stars", "blank"],
)
def test_value_is_read_as_what_it_is(sent: str, value_type: str, values: tuple[str, ...]) -> None:
    one = observation(f"R|1|^^^GLU|{sent}|mmol/L")

    assert (one.value_type, one.values) == (value_type, values)


@pytest.mark.parametrize(
    ("sent", "status"), [("F", "F"), ("", "F"), ("C", "C"), ("P", "P"), ("X", "X"), ("V", "F"), ("W", "P"), ("I", "I")]
)
def test_status_is_that_of_hl7(sent: str, status: str) -> None:
    assert observation(f"R|1|^^^GLU|5.6|mmol/L|||| {sent}").status == status


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("3.9^6.4", "3.9-6.4"), ("3.9-6.4", "3.9-6.4"), ("<5.0", "<5.0"), ("3.9 to 6.4", "3.9 to 6.4"), ("", "")],
    ids=["components", "dash", "limit", "to", "none"],
)
def test_range_is_written_as_an_interval(sent: str, expected: str) -> None:
    assert observation(f"R|1|^^^GLU|5.6|mmol/L|{sent}").reference_range == expected


def test_codes_of_a_standard_and_of_the_maker_stand_beside_each_other() -> None:
    code = observation("R|1|2345-7^Glucose^LN^GLU|5.6|mmol/L").code

    assert code.codes == (("LN", "2345-7"), ("", "GLU"))
    assert observation("R|1|^^^GLU^1|5.6|mmol/L").code.codes == (("", "GLU"),)


def test_analyzer_of_the_header_measured_where_the_result_names_none() -> None:
    assert observation("R|1|^^^GLU|5.6").equipment == ("BS-240", "Mindray", "SN7")


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (["P|1", "R|1|^^^GLU|5.6"], "structure"),
        (["P|1", "O|1|S1", "R|1||5.6"], "structure"),
        (["P|1", "O|1|S1", "R|1|^^^GLU|5.6", "L|1|T"], "truncated"),
    ],
    ids=["result-without-order", "result-of-nothing", "broken-off"],
)
def test_message_in_doubt_is_not_stored(records: list[str], reason: str) -> None:
    with pytest.raises(Unstorable) as refused:
        parse(astm_message(*records), SOURCE)

    assert refused.value.reason == reason


@pytest.mark.parametrize("seed", range(40))
def test_changed_messages_are_read_or_unstorable_for_a_reason(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — a test that can be repeated
    sound = astm_message(
        "P|1|PR1|||An^B||19800517|M", "O|1|S1^2||^^^GLU|R", "R|1|^^^GLU|5.6|mmol/L|3^6|N||F", "C|1|I|x"
    )
    for _ in range(40):
        changed = bytearray(sound)
        for _change in range(chance.randint(1, 5)):
            place = chance.randrange(len(changed))
            changed[place : place + chance.randint(0, 3)] = bytes(chance.choices(b"|^\\&\rHPORL5*\xff", k=2))
        told = _reason(bytes(changed))

        assert told is None or told[0] in {finding.code for finding in told[1]} | {"structure"}


def _reason(data: bytes) -> tuple[str, tuple[Finding, ...]] | None:
    try:
        parse(data, SOURCE)
    except Unstorable as refused:
        return refused.reason, refused.findings
    return None
