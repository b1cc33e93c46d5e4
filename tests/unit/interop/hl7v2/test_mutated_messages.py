"""Messages that were damaged at random: each reader gives a message or says what is wrong, and never raises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.hl7v2 import test_adt, test_orders
from tests.unit.interop.hl7v2.notation import adt, order_message

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Message, header, is_order_message, parse, read_adt, read_batch, read_orders

SHARED = Path(__file__).parents[5] / "shared/data/hl7v2"
MERGE = adt("EVN|A40|20261120", test_adt.PID, test_adt.MRG, test_adt.PV1, event="A40")
ORDER = order_message(
    *(test_orders.PID, test_orders.PV1, test_orders.ORC, test_orders.TQ1, test_orders.OBR, test_orders.DG1),
    *(test_orders.SPM, test_orders.OBX),
)
PIECES = (*b'|^~\\&\r\n"\x00\x0b\x1c\xc3\xe1\xff', b"\\X0D\\", b"MSH|", b"\rPID|1", b"\rMRG|", b"\rORC|PR", b'|""|')
Edit = tuple[str, int, int, bytes]

edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "insert", "double", "move"]),
        st.integers(min_value=0),
        st.integers(min_value=0, max_value=60),
        st.sampled_from([piece if isinstance(piece, bytes) else bytes([piece]) for piece in PIECES]),
    ),
    min_size=1,
    max_size=8,
)


def mutated(data: bytes, changes: list[Edit]) -> bytes:
    """Delete, insert, double or move a stretch for each edit; a place beyond the end begins anew."""
    for kind, place, length, piece in changes:
        start = place % (len(data) + 1)
        stretch = data[start : start + length]
        rest = data[:start] + data[start + length :]
        data = {
            "delete": rest,
            "insert": data[:start] + piece + data[start:],
            "double": data[:start] + stretch + data[start:],
            "move": stretch + rest,
        }[kind]
    return data


def check(data: bytes, reader: Callable[[Message], tuple[object | None, tuple[Finding, ...]]]) -> bool:
    """Read what was damaged; return whether a message came of it."""
    message, findings = parse(data)
    if message is None:
        assert findings
        return False
    read, told = reader(message)
    assert read is not None or told
    assert all(finding.where and finding.code and finding.message for finding in (*findings, *told))
    return read is not None


@given(edits)
def test_read_adt_damaged_message_never_raises(changes: list[Edit]) -> None:
    check(mutated(MERGE, changes), read_adt)


@given(edits)
def test_read_orders_damaged_message_never_raises(changes: list[Edit]) -> None:
    check(mutated(ORDER, changes), read_orders)


@given(edits)
def test_read_batch_damaged_file_never_raises(changes: list[Edit]) -> None:
    whole = rb"FHS|^~\&|A" + b"\r" + rb"BHS|^~\&|A" + b"\r" + MERGE + ORDER + b"BTS|2\rFTS|1\r"

    read = read_batch(mutated(whole, changes))

    assert all(message.startswith(b"MSH") for message in read.messages)


def test_mutated_without_edit_is_read() -> None:
    assert check(mutated(MERGE, []), read_adt)
    assert check(mutated(ORDER, []), read_orders)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="shared data is absent")
@given(st.data())
def test_shared_messages_damaged_never_raise(data: st.DataObject) -> None:
    files = sorted((SHARED / "microsoft").glob("*.hl7"))
    whole = data.draw(st.sampled_from(files)).read_bytes()
    head = header(whole)
    reader = read_orders if head and is_order_message(head) else read_adt

    check(mutated(whole, data.draw(edits)), reader)
