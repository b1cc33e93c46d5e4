"""Files and pictures beside a report: in the message or as links, with their status, and read back as they were."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import hl7
import pytest
from django.utils import timezone
from PIL import Image
from pytest_django import Settings
from tests.factories.exchange import SourceFactory, message
from tests.factories.registry import LaboratoryFactory
from tests.integration.exchange.fhir.conftest import system_of
from tests.integration.exchange.imaging.room import Room, make_room
from tests.integration.exchange.imaging.test_tying import take as take_image
from tests.integration.exchange.outbound.receiver import Receiver, receiving
from tests.integration.exchange.outbound.scene import AT, IDENTITY, Scene, row, work

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import append_waiting
from lienthong.exchange.imaging.files import ENVIRONMENT
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.exchange.listening.arrivals import receive_frame
from lienthong.exchange.outbound.actions import OutletEntry, register_outlet
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings, faults
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.senders import directory
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Frame, Observation
from lienthong.results.actions import receive
from lienthong.results.imaging.reads import document_versions
from lienthong.results.models import Report

pytestmark = pytest.mark.django_db
PDF, OTHER, LARGE = b"%PDF-1.7 made up | ^ ~ \\ &\r\n\x00\xff", b"%PDF-1.7 another", b"%PDF-1.7 " + bytes(5_000)
PLATFORM = "https://platform.example"
PID = f"PID|1||L9^^^EX^MR~{IDENTITY}^^^CCCD^NI||Nguyễn^Đào^Thị||19800517|F"
GLUCOSE = "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|3.9-6.4|N|||F|||20261120070000"


def obr(status: str = "F") -> str:
    return f"OBR|1|PL1|EX1|CHEM^Chemistry^L|||20261120070000|||||||||||||||20261120090000|||{status}"


def file(content: bytes, *, code: str = "PDF^Report & more^L", status: str = "F") -> str:
    name, data = code.replace("&", hl7v2.escape("&")), b64encode(content).decode()
    return f"OBX|2|ED|{name}||EX^application^PDF^Base64^{data}||||||{status}"


@dataclass(frozen=True, slots=True)
class Way:
    """A laboratory EX that sends files, and the outlet of the hospital that ordered."""

    receiver: Receiver
    outlet: int

    def report(self, *observations: str, glucose: str = GLUCOSE, status: str = "F") -> list[Observation]:
        """Let the laboratory send a report, and return the observations of what the hospital is then sent."""
        take(message(PID, obr(status), glucose, *observations, facility="EX"))
        append_waiting(by=system_user("log"))
        work(self.outlet)
        return observations_of(self.receiver.messages[-1])


def take(*messages: bytes) -> None:
    taken = [receive_frame(Frame(one), directory(), at=timezone.now()).arrival for one in messages]
    receive(taken, by=system_user("listener"), at=timezone.now())
    process_waiting(timezone.now())


def observations_of(payload: bytes) -> list[Observation]:
    parsed, findings = hl7v2.parse(payload)
    assert parsed
    oru, more = hl7v2.read_oru(parsed)
    assert oru
    assert (findings, more) == ((), ())
    return list(oru.orders[0].observations)


@pytest.fixture
def public(settings: Settings) -> None:
    settings.PUBLIC_URL = f"{PLATFORM}/"


@pytest.fixture
def way(orders: Scene, public: None) -> Iterator[Way]:
    """What is embedded may have two kilobytes."""
    SourceFactory(code="EX", sending_facility="EX", laboratory=LaboratoryFactory(facility=orders.theirs))
    with receiving() as receiver:
        yield Way(receiver, orders.outlet(receiver.port, attachments="embedded", attachment_kilobytes=2))


def setting(way: Way, **changes: object) -> None:
    outlet = row(way.outlet)
    outlet.settings |= changes
    outlet.save()


def test_file_stands_in_the_message_behind_the_results(way: Way) -> None:
    result, one = way.report(file(PDF))

    [document] = one.parsed
    assert isinstance(document, hl7v2.Document)
    assert (result.set_id, result.code.code, one.set_id) == ("1", "2345-7", "2")
    assert (one.code.code, one.code.text, one.code.system) == ("FILE", "Report & more", "99LTF")
    assert (one.code.alt_code, one.code.alt_system) == ("11502-2", "LN")
    assert (one.value_type, one.status) == ("ED", "F")
    assert (document.source, document.kind, document.subtype, document.encoding) == ("LIENTHONG", "AP", "PDF", "Base64")
    assert b64decode(document.data) == PDF


def test_segments_stand_in_the_order_of_the_standard_and_another_reader_finds_the_same(way: Way) -> None:
    way.report(file(PDF), "SPM|1|||SER^Serum")

    one = hl7.parse(way.receiver.messages[-1].decode())

    assert [str(segment[0]) for segment in one] == ["MSH", "PID", "ORC", "OBR", "OBX", "OBX", "SPM"]
    told = one.segments("OBX")[1]
    assert str(told[2]) == "ED"
    assert one.unescape(str(told[3][0][1])) == "Report & more"
    assert [str(told[5][0][part]) for part in range(4)] == ["LIENTHONG", "AP", "PDF", "Base64"]
    assert b64decode(str(told[5][0][4])) == PDF


def test_our_own_intake_keeps_the_same_file_and_its_correction_and_withdrawal(way: Way, orders: Scene) -> None:
    names = {"sending_application": "LIENTHONG", "sending_facility": "LIENTHONG"}
    SourceFactory(code="FAR", laboratory=LaboratoryFactory(facility=orders.theirs), **names)

    kept = []
    for one in (file(PDF), file(OTHER, status="C"), file(OTHER, status="W")):
        way.report(one)
        take(way.receiver.messages[-1])
        far = Report.objects.get(source="FAR").pk
        found = [file_of_report(far, doc.id) for doc in document_versions(far) if doc.is_current]
        kept.append([(doc.title, doc.media_type, doc.content) for doc in found])

    title, kind = "Report & more", "application/pdf"
    assert kept == [[(title, kind, PDF)], [(title, kind, OTHER)], []]


def test_number_and_name_stay_the_same_through_the_versions_of_a_file(way: Way) -> None:
    first = way.report(file(PDF), file(OTHER, code="PIC^Picture^L"))
    second = way.report(file(PDF, status="W"), file(OTHER, code="PIC^Picture^L"))

    of_first, of_second = (
        [(one.sub_id, one.instance_id, one.code.text) for one in several[1:]] for several in (first, second)
    )
    assert of_first == of_second
    assert len({sub_id for sub_id, *_more in of_first}) == 2
    assert [(one.value_type, one.status, one.values != ()) for one in second[1:]] == [
        ("RP", "W", False),
        ("ED", "F", True),
    ]


def test_status_is_that_of_the_file_and_not_of_a_result_beside_it(way: Way) -> None:
    told = [
        way.report(file(PDF), glucose=GLUCOSE.replace("|F|", "|P|"), status="P"),
        way.report(file(PDF)),
        way.report(file(PDF), glucose=GLUCOSE.replace("5.6", "6.1").replace("|F|", "|C|")),
        way.report(file(OTHER), glucose=GLUCOSE.replace("5.6", "6.1").replace("|F|", "|C|")),
    ]

    assert [[one.status for one in several] for several in told] == [["P", "P"], ["F", "F"], ["C", "F"], ["C", "C"]]


def test_files_of_a_report_that_is_withdrawn_are_withdrawn(way: Way) -> None:
    way.report(file(PDF))

    told = way.report(file(PDF), glucose=GLUCOSE.replace("|F|", "|W|"))

    assert [(one.status, one.values) for one in told][1:] == [("W", ())]


def test_withdrawn_file_has_the_status_that_the_receiver_wants(way: Way) -> None:
    setting(way, withdrawn="D")
    way.report(file(PDF))

    assert way.report(file(PDF, status="D"))[1].status == "D"


def test_file_that_is_too_large_is_a_link_to_where_it_is_read(way: Way) -> None:
    _result, small, large = way.report(file(PDF), file(LARGE, code="BIG^Big^L"))

    [pointer] = large.parsed
    report = Report.objects.get(source="EX").pk
    [document] = [one.id for one in document_versions(report) if one.title == "Big"]
    assert (small.value_type, large.value_type) == ("ED", "RP")
    assert pointer == hl7v2.Pointer(f"{PLATFORM}/fhir/Binary/{report}-file-{document}", "LIENTHONG", "AP", "PDF")


@pytest.mark.parametrize(("facility", "status"), [("30001", 200), ("30003", 404)], ids=["ordered", "did-not"])
def test_link_is_read_by_the_system_of_the_receiver_and_of_no_other(way: Way, facility: str, status: int) -> None:
    setting(way, attachments="links")
    [pointer] = way.report(file(PDF))[1].parsed
    assert isinstance(pointer, hl7v2.Pointer)

    answer = system_of(facility).get(pointer.pointer.removeprefix(f"{PLATFORM}/fhir/"), Accept="application/pdf")

    assert answer.status_code == status
    assert status != 200 or answer.content == PDF


def test_link_that_leads_nowhere_is_not_told(way: Way, settings: Settings) -> None:
    """The operator took the address away after the outlet was registered."""
    settings.PUBLIC_URL = ""

    told = way.report(file(PDF), file(LARGE, code="BIG^Big^L"))

    assert [one.value_type for one in told] == ["NM", "ED"]


def test_files_share_what_a_message_may_hold(way: Way) -> None:
    halves = [file(b"%PDF-1.7 " + bytes(1_500) + bytes([n]), code=f"F{n}^{n}^L") for n in range(3)]

    assert [one.value_type for one in way.report(*halves)][1:] == ["ED", "RP", "RP"]


@pytest.mark.parametrize(("files", "expected"), [("none", []), ("links", ["RP"]), ("embedded", ["ED"])])
def test_setting_of_the_outlet_says_how_files_go_out(way: Way, files: str, expected: list[str]) -> None:
    setting(way, attachments=files)

    assert [one.value_type for one in way.report(file(PDF))][1:] == expected


def test_outlet_from_before_sends_no_files(way: Way) -> None:
    outlet = row(way.outlet)
    outlet.settings = {key: value for key, value in outlet.settings.items() if not key.startswith("attachment")}
    outlet.save()

    assert len(way.report(file(PDF))) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"attachments": "pictures"}, ["attachments"]),
        ({"attachments": "embedded", "attachment_kilobytes": 0}, ["attachment_kilobytes"]),
        ({"attachments": "embedded", "attachment_kilobytes": 10_241}, ["attachment_kilobytes"]),
        ({"attachments": "links"}, []),
    ],
)
def test_setting_that_can_not_be_is_refused(public: None, changes: dict[str, object], expected: list[str]) -> None:
    settings = Hl7Settings(host="h", port=1, **changes)  # type: ignore[arg-type]  # as named

    assert [one.code for one in faults(settings)] == expected


@pytest.mark.parametrize("files", ["links", "embedded"])
def test_links_need_an_address_at_which_the_platform_is_reached(settings: Settings, files: str) -> None:
    settings.PUBLIC_URL = ""

    [fault] = faults(Hl7Settings(host="h", port=1, attachments=files))

    assert "LIENTHONG_PUBLIC_URL" in fault.message


def test_images_and_their_archive_are_told_too(public: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    room: Room = make_room()
    with receiving() as receiver:
        outlet = outlet_of(room, receiver.port)
        take_image(tmp_path)
        room.process()
        append_waiting(by=system_user("log"))
        work(outlet)
    found = {one.code.code: one for one in observations_of(receiver.messages[-1])[1:]}

    [image], [study], [pdf] = (found[kind].parsed for kind in ("IMAGE", "STUDY", "FILE"))
    assert isinstance(image, hl7v2.Document)
    assert isinstance(study, hl7v2.Pointer)
    assert isinstance(pdf, hl7v2.Document)
    assert (image.kind, image.subtype) == ("IM", "JPEG")
    with Image.open(BytesIO(b64decode(image.data))) as picture:
        assert picture.format == "JPEG"
    assert study.pointer.startswith("https://pacs.example.org/dicom-web/studies/1.2.826.")
    assert found["IMAGE"].observed_at


def outlet_of(room: Room, port: int) -> int:
    """Register an outlet to the hospital's own system: it is sent its own reports as well."""
    chosen = Hl7Settings(host="127.0.0.1", port=port, tls=False, reports="all", attachments="embedded", language="en")
    entry = OutletEntry(code="OWN", name="Own", channel="hl7v2", facility=room.hospital.code, settings=chosen.plain())
    return register_outlet(entry, by=system_user("command-line"), at=AT)
