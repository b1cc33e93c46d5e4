"""The DICOM listener as devices meet it: who gets in, what is kept before the answer, what is never answered kept."""

from __future__ import annotations

import errno
import random
import socket
import ssl
from pathlib import Path

import pytest
from django.db import OperationalError
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit
from tests.integration.exchange.imaging.listening import HOST, associate, dicom_listening, end, rejection, send
from tests.integration.exchange.imaging.room import NOW, Room, make_room
from tests.integration.exchange.own_certificates import Authority
from tests.unit.interop.dicom.objects import SERIES, as_file, header, image, report, selection

from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.listener import StorageListener
from lienthong.exchange.listening.certificates import TlsFiles, client_context, server_context
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.interop import dicom
from lienthong.results.models import ImagingObject, InboxMessage, Report, Result

ECHO = "1.2.840.10008.1.1"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(transactional_db: None) -> Room:
    """The ultrasound room, in a database that the threads of the listener see."""
    return make_room()


def test_registered_device_gets_in_and_is_answered_its_echo(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port:
        association = associate(port)
        answer = association.send_c_echo()
        end(association)

    assert answer.Status == 0x0000


def test_device_that_offers_a_choice_sends_explicit_representations(room: Room, tmp_path: Path) -> None:
    """In implicit VR private elements would lose what they are; in a compressed syntax pixels might be pressed anew."""
    with dicom_listening(tmp_path) as port:
        association = associate(port, syntaxes=(ImplicitVRLittleEndian, JPEGBaseline8Bit, ExplicitVRLittleEndian))
        chosen = {one.transfer_syntax[0] for one in association.accepted_contexts if one.abstract_syntax != ECHO}
        end(association)

    assert chosen == {ExplicitVRLittleEndian}


@pytest.mark.parametrize(
    ("title", "called", "change", "why"),
    [
        pytest.param("NOBODY", "LIENTHONG", {}, (1, 1, 3), id="unknown title"),
        pytest.param("US1", "OTHER", {}, (1, 1, 7), id="another called title"),
        pytest.param("US1", "LIENTHONG", {"peer_address": "10.0.0.9"}, (1, 1, 3), id="another address"),
        pytest.param("US1", "LIENTHONG", {"certificate": "us1.room"}, (1, 1, 3), id="no certificate"),
    ],
)
def test_caller_that_is_not_as_registered_is_refused(
    room: Room, tmp_path: Path, title: str, called: str, change: dict[str, str], why: tuple[int, int, int]
) -> None:
    Source.objects.filter(pk=room.device.pk).update(**change)

    with dicom_listening(tmp_path) as port:
        association = associate(port, title=title, called=called)
        end(association)

    assert association.is_rejected
    assert rejection(association) == why


def test_image_is_on_disk_and_committed_when_it_is_answered(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port:
        statuses = send(port, image(1))
        kept = ImagingObject.objects.get()
        content = ImageFiles(tmp_path).read(kept.digest)

    assert statuses == [0x0000]
    assert content is not None
    assert (kept.source, kept.kind, kept.accession_number, kept.patient_id) == (
        "US-ROOM",
        "image",
        "SA-1001",
        "BN-4711",
    )
    assert kept.sop_instance_uid == f"{SERIES}.1"
    assert (kept.report_id, kept.waits_for) == (None, "no-report")
    found, findings = dicom.read_header(content)
    assert findings == ()
    assert found is not None
    assert found.patient_name is not None
    assert found.patient_name.display == "Nguyễn Văn An"


def test_same_instance_again_changes_nothing(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port:
        statuses = send(port, image(1), image(1), image(1, SeriesDescription="sent anew"))

    assert statuses == [0x0000] * 3
    assert ImagingObject.objects.get().title == ""


def test_selection_names_its_images(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port:
        send(port, selection(1, 2))

    kept = ImagingObject.objects.get()
    assert (kept.kind, kept.title, kept.description) == ("selection", "Of Interest", "Sỏi túi mật 8 mm")
    assert kept.selected == [f"{SERIES}.1", f"{SERIES}.2"]


def test_structured_report_becomes_a_result_by_the_pipeline(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port:
        statuses = send(port, report())
    process_waiting(NOW)

    assert statuses == [0x0000]
    assert InboxMessage.objects.get().message_type == "DICOM-SR"
    (result,) = Result.objects.all()
    assert (result.analyte_id, result.procedure_id, result.status) == (room.abdomen.pk, room.service.pk, "final")
    assert (
        result.reported_value
        == "Findings: Gan không to, nhu mô đều.\nLength: 12.50 cm\nConclusion: Chưa thấy bất thường."
    )
    assert Report.objects.get().number == "SA-1001"


def test_object_that_names_another_instance_than_its_command_is_not_kept(room: Room, tmp_path: Path) -> None:
    listener = StorageListener(ImageFiles(tmp_path))
    from lienthong.exchange.imaging.keeping import Status, keep
    from lienthong.exchange.senders import source_by_code

    source = source_by_code("US-ROOM", on=NOW.date())
    assert source is not None

    status = keep(
        as_file(image(1)), source, listener.files, sop_class=image(1).SOPClassUID, sop_instance="1.2.3", at=NOW
    )

    assert status == Status.NOT_THE_CLASS
    assert not ImagingObject.objects.exists()


def test_object_without_a_study_is_not_understood(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port:
        statuses = send(port, header("1.2.840.10008.5.1.4.1.1.7", 5, StudyInstanceUID=""))

    assert statuses == [0xC000]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        pytest.param(OSError(errno.ENOSPC, "no room"), 0xA700, id="disk full"),
        pytest.param(OperationalError("gone"), 0x0110, id="database lost"),
        pytest.param(ValueError("anything"), 0x0110, id="a fault of ours"),
    ],
)
def test_what_could_not_be_kept_is_never_answered_kept(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    place = (
        "lienthong.exchange.imaging.files.os.fsync"
        if status == 0xA700
        else "lienthong.exchange.imaging.keeping.imaging.keep_object"
    )
    with dicom_listening(tmp_path) as port:
        with monkeypatch.context() as broken:
            broken.setattr(place, fail)
            statuses = send(port, image(1))
        again = send(port, image(1))

    assert (statuses, again) == ([status], [0x0000])
    assert ImagingObject.objects.count() == 1
    assert not list(tmp_path.rglob("*.part"))


def test_database_that_can_not_be_asked_refuses_for_a_while(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("lienthong.exchange.imaging.listener.sender_of", fail)
    with dicom_listening(tmp_path) as port:
        association = associate(port)
        end(association)

    assert rejection(association) == (2, 3, 1)


def test_object_larger_than_any_image_ends_the_association(room: Room, tmp_path: Path) -> None:
    listener = StorageListener(ImageFiles(tmp_path), largest=10_000)

    with dicom_listening(tmp_path, listener=listener) as port:
        large, small = send(port, image(1, side=400)), send(port, image(2))

    assert (large, small) == ([-1], [0x0000])
    assert ImagingObject.objects.count() == 1


# TLS


def test_device_is_known_by_its_certificate(room: Room, tmp_path: Path) -> None:
    Source.objects.filter(pk=room.device.pk).update(certificate="us1.room")
    authority = Authority(tmp_path)
    context = server_context(TlsFiles(*authority.listener(), authority.file))

    with dicom_listening(tmp_path / "files", tls=context) as port:
        right = associate(port, tls=client_of(authority, "us1.room"))
        is_in = right.is_established
        end(right)
        wrong = associate(port, tls=client_of(authority, "us2.room"))
        end(wrong)
        nobody = associate(port, tls=client_of(authority))
        end(nobody)

    assert is_in
    assert wrong.is_rejected
    assert not nobody.is_rejected


def client_of(authority: Authority, name: str = "") -> ssl.SSLContext:
    """Return the device's side of TLS, with a certificate of a name or without any."""
    return client_context(TlsFiles(*(authority.certificate(name) if name else (None, None)), authority.file))


def test_silent_connection_holds_up_nobody(room: Room, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = server_context(TlsFiles(*authority.listener()))

    with dicom_listening(tmp_path / "files", tls=context) as port, socket.create_connection((HOST, port)):
        association = associate(port, tls=client_of(authority))
        is_in = association.is_established
        end(association)

    assert is_in


# Broken bytes on the line


def test_fuzzed_data_never_ends_the_listener_and_is_never_kept_in_part(room: Room, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 — the same bytes in every run
    with dicom_listening(tmp_path) as port:
        for _ in range(12):
            association = associate(port)
            assert association.is_established
            line = association.dul.socket.socket
            value = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 200)))
            pdv = (len(value) + 2).to_bytes(4, "big") + bytes([chance.choice([1, 3, 200]), chance.randrange(4)]) + value
            line.sendall(b"\x04\x00" + len(pdv).to_bytes(4, "big") + pdv)
            end(association)
        statuses = send(port, image(3))

    assert statuses == [0x0000]
    assert ImagingObject.objects.count() == 1


def test_pdu_that_would_fill_the_memory_ends_the_connection_before_anybody_is_known(room: Room, tmp_path: Path) -> None:
    with dicom_listening(tmp_path) as port, socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(b"\x01\x00\xff\xff\xff\xff" + b"\0" * 100_000)
        ended = _is_ended(line)
        association = associate(port)
        answer = association.send_c_echo()
        end(association)

    assert ended
    assert answer.Status == 0x0000


def _is_ended(line: socket.socket) -> bool:
    """Whether the other side hangs up within the patience of the socket."""
    line.settimeout(5)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
