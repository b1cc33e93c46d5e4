"""A system's reads of several records are in the audit log, each with its relation."""

from __future__ import annotations

import pytest
from tests.factories.core import SystemUserFactory
from tests.integration.core.token_calls import AT

from lienthong.core import audit
from lienthong.core.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_each_record_that_was_read_has_its_event(django_assert_num_queries: object) -> None:
    by = SystemUserFactory(username="client:his", full_name="Anphu HIS")
    relations = {7: "order", 3: "same-facility"}

    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        read = {record: ("Patient", record, relation) for record, relation in relations.items()}
        audit.record_reads(read, by=by, at=AT, facility="30001")

    columns = ("actor", "action", "object_kind", "object_key", "patient_record_id", "facility", "relation")
    rows = AuditEvent.objects.order_by("patient_record_id").values_list(*columns)
    assert list(rows) == [
        ("client:his", "read", "Patient", "3", 3, "30001", "same-facility"),
        ("client:his", "read", "Patient", "7", 7, "30001", "order"),
    ]
