"""Reading a claimed message: whatever stands in it, it is read or held with a reason, and nothing else happens."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.exchange import GLU, OBR, PID, message
from tests.integration.exchange.processing.test_measured import GLUCOSE

from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.message_read import MessageRead
from lienthong.exchange.processing.reading import read_message
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.terms.codebook import CodeBook
from lienthong.results.actions import Waiting

NOON = dt.datetime(2026, 11, 20, 5, 0, tzinfo=dt.UTC)
SOURCE = SourceFacts(
    id=1,
    code="SX",
    name="SX",
    facility_id=1,
    facility_code="SX",
    laboratory_id=None,
    region_path=("VN",),
    zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    default_charset="utf-8",
)
BOOK = CodeBook({1: GLUCOSE}, {}, {"2345-7": GLUCOSE})
HBSAG = "OBX|2|CWE|5196-1^HBsAg^LN||260373001^Detected^SCT~+||||||F"
SPM = "SPM|1|S1^S2||SER^Serum^HL70487|||||||P|||||20261120070000|20261120073000"
WHOLE = message(PID, "ORC|RE|PL1|SX1", OBR, "NTE|1||Ghi chú", GLU, HBSAG, SPM)


def read(data: bytes) -> MessageRead | Unstorable:
    waiting = Waiting(
        id=1,
        source="SX",
        sender="",
        lane="SX:SX1",
        control_id="M1",
        message_type="ORU^R01",
        raw=data,
        received_at=NOON + dt.timedelta(days=1),
    )
    try:
        return read_message(waiting, SOURCE, BOOK)
    except Unstorable as held:
        return held


@settings(max_examples=300, deadline=None)
@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 40), other=st.text(max_size=12))
def test_any_change_of_a_message_is_read_or_held_with_a_reason(start: int, length: int, other: str) -> None:
    outcome = read(WHOLE[:start] + other.encode("utf-8", errors="surrogatepass") + WHOLE[start + length :])

    if isinstance(outcome, Unstorable):
        assert outcome.reason
        assert outcome.findings
        return
    assert outcome.patients or outcome.held or outcome.controls
    for patient in outcome.patients:
        assert patient.claim.local_id
        for report in patient.reports:
            assert 0 < len(report.draft.number) <= 100
            assert all("\0" not in draft.reported_value for draft in report.draft.results)


_SIGNS = st.sampled_from(list("|^~\\&<>0123456789.,-+*/ \rAFQXđ欧\0"))


@settings(max_examples=200, deadline=None)
@given(st.lists(_SIGNS, max_size=60).map("".join))
def test_any_text_in_place_of_a_result_is_read_or_held(text: str) -> None:
    outcome = read(message(PID, OBR, f"OBX|1|NM|2345-7^Glucose^LN||{text}"))

    assert isinstance(outcome, MessageRead | Unstorable)


def test_two_reports_of_one_message_are_kept_apart() -> None:
    outcome = read(message(PID, OBR, GLU, OBR.replace("SX1", "SX2"), GLU))

    assert isinstance(outcome, MessageRead)
    assert [report.draft.number for patient in outcome.patients for report in patient.reports] == ["SX1", "SX2"]


def test_panels_of_one_order_number_are_one_report() -> None:
    outcome = read(message(PID, OBR, GLU, OBR.replace("CHEM", "SUGAR"), GLU.replace("||5.6|", "|2|9.1|")))

    assert isinstance(outcome, MessageRead)
    assert [len(report.draft.results) for patient in outcome.patients for report in patient.reports] == [2]


def test_locks_name_patient_and_number() -> None:
    outcome = read(WHOLE)

    assert isinstance(outcome, MessageRead)
    order = f"order\x1f{outcome.source.facility_id}\x1fPL1"
    assert outcome.lock_names() == ["patient\x1fSX\x1fSX\x1fP1", "number\x1f001180012345", order]


def test_notes_go_with_their_result_and_those_before_it_with_the_report() -> None:
    outcome = read(
        message(
            *(PID, "NTE|1||fasting", "ORC|RE|PL1|SX1", "NTE|1||by taxi", OBR, "NTE|1||night shift", "NTE|2||fasting"),
            *(GLU, "NTE|1||haemolysed~slightly", "NTE|2|L|repeat", "NTE|3||", HBSAG, SPM, "NTE|1||clotted"),
        )
    )

    assert isinstance(outcome, MessageRead)
    (report,) = outcome.patients[0].reports
    assert report.draft.comment == "fasting\nby taxi\nnight shift\nclotted"
    assert [one.comment for one in report.draft.results] == ["haemolysed\nslightly\nrepeat"]
