"""Messages about patients and orders that others wrote: each is stored, or held with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.factories.exchange import SourceFactory
from tests.integration.exchange.claiming import NOW, Senders, claimed, finish, store_opened

from lienthong.core.actions import system_user
from lienthong.exchange.processing.order_messages import open_order_messages
from lienthong.exchange.processing.patient_messages import open_patient_messages
from lienthong.interop import hl7v2
from lienthong.results.actions import Waiting
from lienthong.results.models import Order, PatientRecord

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
HANDLERS = {"ADT": open_patient_messages, "ORM": open_order_messages, "OML": open_order_messages}


def test_each_message_is_stored_or_held_with_a_reason(shared_data: Path) -> None:
    SourceFactory(code="SX")
    senders, by = Senders(), system_user("exchange")
    counts: Counter[tuple[str, str, str]] = Counter()

    for waiting, kind in _messages(shared_data / "hl7v2"):
        (outcome,) = store_opened(HANDLERS[kind](waiting, senders, by, NOW))
        assert outcome.findings or outcome.state != "held"
        counts[kind, *finish([outcome])[0]] += 1

    print(dict(counts))
    # All come under one sender here, so that an order number of two of them is one of two patients.
    reasons = {reason for _, _, reason in counts} - {""}
    assert reasons <= {"structure", "patient-missing", "merge-waits", "identity-conflict", "order-of-another-patient"}
    assert sum(counts.values()) == 43
    assert counts["ADT", "stored", ""] >= 8
    assert Order.objects.count() >= 6
    assert PatientRecord.objects.count() >= 8


def _messages(folder: Path) -> Iterator[tuple[list[Waiting], str]]:
    for path in sorted(folder.rglob("*.hl7")):
        for data in hl7v2.split_batch(path.read_bytes())[0]:
            header = hl7v2.header(data)
            if header and header.message_code in HANDLERS:
                yield claimed(data), header.message_code
