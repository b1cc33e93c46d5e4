"""What changed since the last export: nothing that was committed late is missing from the next one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.db.transaction import atomic
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, message
from tests.integration.exchange.bulk.conftest import Exporting, Region
from tests.integration.exchange.fhir.bundles import entry, patient, transaction

from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.processing.worker import process_waiting

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = "DiagnosticReport,Observation,Patient,ServiceRequest,Specimen"

LATE = message("PID|1||P7^^^SX^MR||Hồ^Mai||19900102|F", OBR.replace("1|PL1|SX1", "1|PL7|SX7"), GLU, control_id="M7")
OF_LATE = {"DiagnosticReport": 1, "Observation": 1, "Patient": 1, "Specimen": 1}


def counts(hospital: Exporting, since: str) -> dict[str, int]:
    manifest = hospital.manifest(f"$export?_type={KINDS}&_since={since}")
    found: dict[str, int] = {}
    for one in manifest["output"]:
        found[one["type"]] = found.get(one["type"], 0) + one["count"]
    return found


def test_nothing_changed_gives_no_files(hospital: Exporting) -> None:
    first = hospital.manifest(f"$export?_type={KINDS}")

    assert counts(hospital, first["transactionTime"]) == {}


def test_what_changed_is_given_and_the_rest_is_not(region: Region, hospital: Exporting) -> None:
    first = hospital.manifest(f"$export?_type={KINDS}")
    region.post(transaction(entry(patient("p9", number="P9", name="Lan"))))

    second = hospital.manifest(f"$export?_type={KINDS}&_since={first['transactionTime']}")

    assert [one["name"][0]["text"] for one in hospital.lines(second, "Patient")] == ["Lan"]
    assert {one["type"] for one in second["output"]} == {"Patient"}


def test_message_received_before_and_stored_after_is_in_the_next(region: Region, hospital: Exporting) -> None:
    region.scene.take(LATE)
    first = hospital.manifest(f"$export?_type={KINDS}")

    process_waiting(BulkExport.objects.get().asked_at)  # by a worker whose clock stood still

    assert counts(hospital, first["transactionTime"]) == OF_LATE


def test_transaction_that_ends_after_the_export_is_in_the_next(region: Region, hospital: Exporting) -> None:
    region.scene.take(LATE)
    with at_work_elsewhere() as end:
        first = hospital.manifest(f"$export?_type={KINDS}")
        end.set()

    assert len(hospital.lines(first, "Observation")) == 2
    assert counts(hospital, first["transactionTime"]) == OF_LATE


def test_transaction_in_another_database_keeps_nothing_back(region: Region, hospital: Exporting) -> None:
    with open_in_another_database():
        region.scene.process(LATE)
        first = hospital.manifest(f"$export?_type={KINDS}")

        again = counts(hospital, first["transactionTime"])

    assert len(hospital.lines(first, "Observation")) == 3
    assert again == {}


def test_transaction_that_ends_late_beside_one_in_another_database_is_in_the_next(
    region: Region, hospital: Exporting
) -> None:
    region.scene.take(LATE)
    with open_in_another_database(), at_work_elsewhere() as end, open_in_another_database():
        first = hospital.manifest(f"$export?_type={KINDS}")
        end.set()

    assert len(hospital.lines(first, "Observation")) == 2
    assert counts(hospital, first["transactionTime"]) == OF_LATE


@contextmanager
def open_in_another_database() -> Iterator[None]:
    """Have a transaction that writes, and does not end, in another database of the server."""
    address = {**connection.get_connection_params(), "dbname": "postgres"}
    allowed = {name: value for name, value in address.items() if name in ("host", "port", "user", "password", "dbname")}
    with psycopg.connect(**allowed) as other:
        other.execute("CREATE TEMPORARY TABLE written AS SELECT pg_current_xact_id()")
        yield
        other.rollback()


@contextmanager
def at_work_elsewhere() -> Iterator[threading.Event]:
    """Store what waits in a transaction of another connection, which is committed when the event is set."""
    stored, end = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with atomic():
                process_waiting(timezone.now())
                stored.set()
                assert end.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert stored.wait(20)
        yield end
    finally:
        end.set()
        thread.join(20)


def test_instant_of_no_export_is_compared_with_the_time_of_change(hospital: Exporting) -> None:
    latest = max(one["meta"]["lastUpdated"] for one in hospital.searched("Observation"))

    late = counts(hospital, "2099-01-01T00:00:00Z")
    found = hospital.manifest(f"$export?_type=Observation&_since={latest}")

    assert late == {}
    assert [one["meta"]["lastUpdated"] for one in hospital.lines(found, "Observation")] == [latest]


def test_after_a_restore_on_another_server_everything_comes_again(hospital: Exporting) -> None:
    first = hospital.manifest(f"$export?_type={KINDS}")
    BulkExport.objects.update(cluster=1)

    found = counts(hospital, first["transactionTime"])

    assert {kind: found[kind] for kind in ("DiagnosticReport", "Patient", "ServiceRequest")} == {
        "DiagnosticReport": 1,
        "Patient": 1,
        "ServiceRequest": 1,
    }


def test_facilities_come_whenever_they_are_asked_for(hospital: Exporting) -> None:
    manifest = hospital.manifest("$export?_type=Organization&_since=2099-01-01T00:00:00Z")

    assert len(hospital.lines(manifest, "Organization")) >= 3
