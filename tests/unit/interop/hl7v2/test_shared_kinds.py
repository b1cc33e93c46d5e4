"""Messages about patients and orders that others wrote, read in place, against the fields as they stand in the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import (
    ADT_NOTES,
    ORDER_NOTES,
    AdtMessage,
    Identifier,
    Message,
    OrderMessage,
    parse,
    read_adt,
    read_orders,
    read_oru,
    split_batch,
)

SHARED = Path(__file__).parents[5] / "shared/data/hl7v2"
FILES = sorted(SHARED.rglob("*.hl7"))
# These test one data type with nothing but PID and IN1, or an order of which only the specimen is filled in.
WITHOUT_ORDER = {"AUI-to-Extension", "cp-to-extension", "IN1-to-Coverage-IN1-10-SN-IN1-17-SEL"}
WITHOUT_SERVICE = {"oml-obr-to-specimen", "orm-obr-to-specimen"}
# Damaged on purpose: the envelope stands where PID should.
WITHOUT_PATIENT = {"sample_bad_batch1", "sample_bad_file1", "sample_bad_file2"}

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FILES, reason="shared data is absent")]
Read = TypeVar("Read", AdtMessage, OrderMessage)


def messages(
    reader: Callable[[Message], tuple[Read | None, tuple[Finding, ...]]],
) -> Iterable[tuple[Path, Message, Read, tuple[Finding, ...]]]:
    for path in FILES:
        for data in split_batch(path.read_bytes())[0]:
            message, _ = parse(data)
            read, findings = reader(message) if message else (None, ())
            if message and read:
                yield path, message, read, findings


def sent_numbers(message: Message, segment: str, field: int) -> list[str]:
    return [
        one.split(message.delimiters.component)[0].strip()
        for sent in message.all(segment)
        for one in sent.repetitions(field)
        if one.split(message.delimiters.component)[0].strip()
    ]


def values(identifiers: Iterable[Identifier]) -> list[str]:
    return [one.value for one in identifiers]


def test_shared_patient_messages_are_read_without_loss() -> None:
    counts: Counter[str] = Counter()
    for path, message, adt, findings in messages(read_adt):
        counts[adt.event] += 1
        patients = [event.patient for event in adt.events]
        in_pid_3 = sent_numbers(message, "PID", 3)
        read_numbers = [value for one in patients for value in values(one.identifiers)]
        assert in_pid_3 == read_numbers[: len(in_pid_3)], path
        assert [one.account.value for one in patients if one.account] == sent_numbers(message, "PID", 18), path
        merges = [merge for event in adt.events for merge in event.merges]
        merged = [value for one in merges for value in values(one.identifiers)]
        assert merged == sent_numbers(message, "MRG", 1), path
        assert [one.account.value for one in merges if one.account] == sent_numbers(message, "MRG", 3), path
        assert [one.visit_number.value for one in merges if one.visit_number] == sent_numbers(message, "MRG", 5), path
        visits = [event.visit.number.value for event in adt.events if event.visit and event.visit.number]
        assert visits == sent_numbers(message, "PV1", 19), path
        faults = {finding.code for finding in findings} - ADT_NOTES
        assert faults == ({"segment-missing"} if path.stem in WITHOUT_PATIENT else set()), path

    print(dict(counts))
    assert counts == {
        **{"A01": 3, "A04": 21},
        **dict.fromkeys(("A08", "A28", "A31", "A40", "A41", "A45", "A47"), 1),
    }


def test_shared_order_messages_are_read_without_loss() -> None:
    counts: Counter[str] = Counter()
    for path, message, read, findings in messages(read_orders):
        counts[f"{read.header.message_code}^{read.header.trigger_event}"] += 1
        counts["orders"] += len(read.orders)
        assert len(read.orders) == len(message.all("OBR")), path
        for order, obr in zip(read.orders, message.all("OBR"), strict=True):
            assert (order.service.code, order.service.text) == (obr.value(4), obr.value(4, 2)), path
        assert {one.control for one in read.orders} <= {"NW", "RE"}, path
        placers = [order.placer_number for order in read.orders]
        for number in (*sent_numbers(message, "ORC", 2), *sent_numbers(message, "OBR", 2)):
            assert number in placers, path
        if path.stem not in WITHOUT_ORDER:
            specimens = [one.type.code for order in read.orders for one in order.specimens if one.type]
            assert sent_numbers(message, "SPM", 4) in ([], specimens), path
        faults = {finding.code for finding in findings} - ORDER_NOTES
        expected = {"segment-missing"} if path.stem in WITHOUT_ORDER else set()
        assert faults == (expected | ({"required"} if path.stem in WITHOUT_SERVICE else set())), path

    print(dict(counts))
    assert counts == {"ORM^O01": 5, "OML^O21": 7, "orders": 10}


def test_shared_result_messages_name_the_same_patient_to_either_reader() -> None:
    """A message of one kind is asked as if it were of another: PID is read in one way."""
    compared = 0
    for path in FILES:
        for data in split_batch(path.read_bytes())[0]:
            message, _ = parse(data)
            oru = read_oru(message)[0] if message else None
            if message and oru:
                adt, _ = read_adt(_as_a08(message))
                assert adt is not None
                own = [event.patient for event in adt.events]
                assert own == [one.patient for one in oru.patients][: len(own)], path
                compared += len(own)

    print(f"patients compared: {compared}")
    assert compared > 150


def _as_a08(message: Message) -> Message:
    head = message.segments[0]
    kind = f"ADT{message.delimiters.component}A08"
    renamed = type(head)(head.name, (*head.fields[:8], kind, *head.fields[9:]), head.delimiters, head.codec)
    return Message((renamed, *message.segments[1:]), message.delimiters, message.codec)
