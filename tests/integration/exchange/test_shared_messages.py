"""Every message that others wrote ends stored, held or refused with a reason, through the listener and a worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from tests.factories.exchange import CodeMappingFactory, ControlMappingFactory, SourceFactory, moment
from tests.factories.iqc import ControlTargetFactory
from tests.factories.registry import AnalyteFactory, LaboratoryFactory, ProcedureFactory, RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import HOST, listening

from lienthong.core.actions import system_user
from lienthong.exchange.listening.client import send_messages
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.registration.actions import SenderEntry, register_and_replay
from lienthong.interop import hl7v2
from lienthong.iqc.models import ControlResult
from lienthong.results.actions import set_aside
from lienthong.results.models import HeldResult, InboxMessage, PatientRecord, Result
from lienthong.results.reads import unknown_senders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.shared]


def messages_of(folder: Path) -> list[bytes]:
    files = sorted(folder.rglob("*.hl7"))
    assert len(files) > 200
    return [one for path in files for one in hl7v2.split_batch(path.read_bytes())[0]]


def register_all(messages: list[bytes]) -> None:
    """Register every sender of the messages, so that they go further than the door."""
    known = set(Source.objects.values_list("sending_application", "sending_facility"))
    for one in messages:
        header = hl7v2.header(one)
        if header and (header.sending_application, header.sending_facility) not in known:
            known.add((header.sending_application, header.sending_facility))
            SourceFactory(
                code=f"X{len(known)}",
                sending_application=header.sending_application[:200],
                sending_facility=header.sending_facility[:200],
            )


def register_some_analytes() -> None:
    """White cells and haemoglobin of the analysers, and a virus that many of the messages report."""
    AnalyteFactory(key="WBC", loinc="6690-2", unit="10*9/L")
    AnalyteFactory(key="HGB", loinc="718-7", unit="g/L")
    AnalyteFactory(key="SARS2", loinc="94500-6", unit="", scale="qualitative")


def test_each_message_ends_with_a_state_and_a_reason(committed_scene: Scene, shared_data: Path) -> None:
    messages = messages_of(shared_data / "hl7v2")
    register_all(messages)
    register_some_analytes()

    with listening() as port:
        sent = send_messages(messages, HOST, port, connections=8)
    process_waiting(timezone.now())

    assert len(sent.answers) == len(messages) == InboxMessage.objects.count()
    assert Result.objects.exists()
    assert HeldResult.objects.exists()
    reasons = {(row.state, row.reason) for row in _each_lane_to_its_end()}
    assert {state for state, _ in reasons} <= {"stored", "duplicate", "control", "training", "rejected"}
    assert {reason for state, reason in reasons if state == "rejected"} <= {"message-type", "charset", "set-aside"}


def _each_lane_to_its_end() -> list[InboxMessage]:
    """Set aside what is held, each with a reason, until every message behind it was looked at as well."""
    by = system_user("operator")
    while held := list(InboxMessage.objects.filter(state="held")):
        for row in held:
            assert row.reason
            assert row.reason != "unforeseen"
            assert row.findings
            set_aside(row.id, why="examined", by=by, at=timezone.now())
        process_waiting(timezone.now())
    rows = list(InboxMessage.objects.all())
    assert all(row.findings for row in rows if row.state == "rejected")
    return rows


def test_refused_senders_are_registered_one_by_one_and_each_message_ends_with_a_reason(
    committed_scene: Scene, shared_data: Path
) -> None:
    """Nobody is registered at first; then each sender is, as an administrator does from a refused message."""
    messages = messages_of(shared_data / "hl7v2")
    register_some_analytes()
    committed_scene.take(*messages)
    refused = InboxMessage.objects.filter(reason="unknown-sender").count()

    while unknown := [one for one in unknown_senders() if one.sender]:
        header = hl7v2.header(bytes(InboxMessage.objects.get(pk=unknown[0].first_id).raw))
        assert header is not None
        entry = SenderEntry(
            code=f"S{Source.objects.count()}",
            sending_application=header.sending_application,
            sending_facility=header.sending_facility,
            facility=committed_scene.laboratory.facility.code,
        )
        done = register_and_replay(entry, by=system_user("administrator"), at=timezone.now())
        assert done.replayed >= unknown[0].messages
    process_waiting(timezone.now())

    rows = _each_lane_to_its_end()
    assert refused > 100
    assert {row.state for row in rows} <= {"stored", "duplicate", "control", "training", "rejected"}
    assert all(row.reason and row.findings for row in rows if row.state == "rejected")
    assert "unforeseen" not in {row.reason for row in rows}


def test_no_control_material_reaches_a_patient(committed_scene: Scene, shared_data: Path) -> None:
    control = (shared_data / "hl7v2" / "analyzers" / "zybio-q3-qc-lj.hl7").read_bytes()
    register_all([control])

    committed_scene.process(control)

    assert committed_scene.states() == [("held", "code-unknown")]
    assert not PatientRecord.objects.exists()


def test_control_of_a_published_message_reaches_quality_control_once_it_is_mapped(
    committed_scene: Scene, shared_data: Path
) -> None:
    RegionFactory(code="VN")
    laboratory = LaboratoryFactory(facility__region__code="VN")
    source = SourceFactory(sending_application="Q3", sending_facility="Zybio", laboratory=laboratory)
    procalcitonin = AnalyteFactory(key="PCT", loinc="33959-8", unit="ng/mL")
    system = ProcedureFactory(laboratory=laboratory, analyte=procalcitonin)
    target = ControlTargetFactory(procedure=system, mean=0.5, sd=0.05, unit="ng/mL")
    CodeMappingFactory(source=source, local_code="6801", local_system="LN", analyte=procalcitonin)
    ControlMappingFactory(source=source, material="01003", level="M", control_lot=target.control_lot)

    published = (shared_data / "hl7v2" / "analyzers" / "zybio-q3-qc-lj.hl7").read_bytes()

    committed_scene.process(published.replace(b"20181030", b"20261030"))  # what is mapped and targeted holds since 2020

    assert committed_scene.states() == [("control", "")]
    row = ControlResult.objects.get()
    assert (row.value, row.measured_at, row.run.verdict) == (0.45, moment("2026-10-30 11:52:59"), "accepted")
