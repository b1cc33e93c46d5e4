"""What is refused of a sender that is registered, and where the form says so."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories.exchange import AnalyzerFactory
from tests.integration.exchange.analyzers.test_astm_pages import given_by_the_page, signed_in
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed
from lienthong.exchange.models import Source
from lienthong.exchange.registration import actions
from lienthong.exchange.registration.entry import SenderEntry, faults

pytestmark = pytest.mark.django_db

REGISTER = "exchange:register-sender"


def entry(**changes: object) -> SenderEntry:
    usual = {"code": "NEW", "facility": "SX", "sending_application": "MEDLAB"}
    return SenderEntry(**{**usual, **changes})  # type: ignore[arg-type]  # the table gives what is wrong


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({}, []),
        ({"certificate": "lis.sx.example", "control_specimens": "QC* CTRL-[12]*"}, []),
        ({"protocol": "astm", "peer_address": "10.0.0.7", "listening_port": 4001}, []),
        ({"protocol": "astm", "sending_application": "", "listening_port": 4001}, []),
        ({"protocol": "files", "sending_application": ""}, []),
        (
            {"protocol": "files", "sending_facility": "SX", "certificate": "lis", "listening_port": 4001},
            ["sending_application", "sending_facility", "certificate", "listening_port"],
        ),
        ({"protocol": "telex"}, ["protocol"]),
        ({"sending_application": ""}, ["sending_application"]),
        ({"sending_application": "", "sending_facility": "ABCHS"}, []),
        ({"peer_address": "10.0.0.7", "listening_port": 4001}, ["peer_address", "listening_port"]),
        ({"protocol": "astm", "sending_application": ""}, ["sending_application"]),
        (
            {"protocol": "astm", "sending_facility": "SX", "certificate": "lis"},
            ["sending_facility", "certificate"],
        ),
        ({"protocol": "astm", "peer_address": "ten"}, ["peer_address"]),
        ({"protocol": "astm", "listening_port": 0}, ["listening_port"]),
        ({"protocol": "astm", "listening_port": 65536}, ["listening_port"]),
        ({"default_charset": "klingon"}, ["default_charset"]),
        ({"control_specimens": "QC* ??*"}, ["control_specimens"]),
        ({"control_specimens": "[A-Z0-9]*"}, ["control_specimens"]),
        ({"certificate": "x" * 201}, ["certificate"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_entry_is_refused_where_its_protocol_has_no_such_thing(changes: dict[str, object], where: list[str]) -> None:
    assert [one.where for one in faults(entry(**changes))] == where


def test_analyzer_is_registered_on_the_page_and_shown_on_page_and_list(scene: Scene, administrator: User) -> None:
    client = signed_in(administrator)
    address = reverse(REGISTER)
    told = {"protocol": "astm", "analyzer_name": "BS-240", "peer_address": "10.0.0.7", "listening_port": "4001"}
    more = {"code": "BS", "facility": scene.laboratory.facility.code, "control_specimens": " QC*   CTRL-* "}

    page = client.post(address, given_by_the_page(client, address, **told, **more), follow=True).content.decode()
    listed = client.get(reverse("exchange:senders")).content.decode()

    row = Source.objects.get(code="BS")
    assert (row.protocol, row.sending_application, row.peer_address) == ("astm", "BS-240", "10.0.0.7")
    assert (row.listening_port, row.control_specimens) == (4001, "QC* CTRL-*")
    for shown in (page, listed):
        assert all(word in shown for word in ("ASTM over TCP", "H-5", "BS-240", "10.0.0.7", "4001"))
    assert "QC* CTRL-*" in page


def test_sender_of_files_is_registered_by_its_code_alone_and_shown(scene: Scene, administrator: User) -> None:
    client = signed_in(administrator)
    address = reverse(REGISTER)
    for code in ("FORMS-1", "FORMS-2"):
        told = {"protocol": "files", "code": code, "facility": scene.laboratory.facility.code}
        page = client.post(address, given_by_the_page(client, address, **told), follow=True).content.decode()
    listed = client.get(reverse("exchange:senders")).content.decode()

    row = Source.objects.get(code="FORMS-2")
    assert (row.protocol, row.sending_application, row.sending_facility) == ("files", "", "")
    for shown in (page, listed):
        assert "Files, JSON push or FHIR, without a listener" in shown
    assert "It calls no listener." in page
    assert reverse("exchange:certification", args=["FORMS-2"]) not in page


def test_history_says_in_words_what_was_changed(scene: Scene, administrator: User) -> None:
    client = signed_in(administrator)
    address = reverse("exchange:change-sender", args=["SX"])
    astm = {"protocol": "astm", "sending_application": "", "sending_facility": "", "analyzer_name": "BS-240"}

    client.post(address, given_by_the_page(client, address, certificate="lis.sx.example", control_specimens="QC*"))
    page = client.post(address, given_by_the_page(client, address, certificate="", **astm), follow=True)

    words = page.content.decode()
    expected = ("– → lis.sx.example", "lis.sx.example → –", "– → QC*", "HL7 v2 over MLLP → ASTM over TCP", "SX → –")
    assert [word for word in expected if word not in words] == []
    assert AuditEvent.objects.filter(action="change-source", object_key="SX").count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"analyzer_name": "BS-240"}, "analyzer_name"),
        ({"protocol": "astm", "analyzer_name": "BS-240"}, "sending_application"),
        ({"protocol": "astm", "sending_application": "", "sending_facility": ""}, "analyzer_name"),
        ({"protocol": "astm", "sending_application": "", "analyzer_name": "BS", "certificate": "lis"}, "certificate"),
        ({"listening_port": "4001"}, "listening_port"),
        ({"protocol": "astm", "sending_application": "", "peer_address": "ten"}, "peer_address"),
        ({"protocol": "telex"}, "protocol"),
        ({"protocol": "files"}, "sending_application"),
    ],
)
def test_fault_stands_beside_its_field_and_nothing_is_changed(
    scene: Scene, administrator: User, changes: dict[str, str], field: str
) -> None:
    client = signed_in(administrator)
    address = reverse("exchange:change-sender", args=["SX"])
    before = Source.objects.values().get(code="SX")

    answer = client.post(address, given_by_the_page(client, address, **changes))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Source.objects.values().get(code="SX") == before


def test_analyzer_that_nothing_tells_apart_is_a_conflict_beside_its_name(scene: Scene, administrator: User) -> None:
    AnalyzerFactory(code="BS", laboratory=scene.laboratory, peer_address="10.0.0.7")
    client = signed_in(administrator)
    told = {"protocol": "astm", "analyzer_name": "BS-240", "peer_address": "10.0.0.7", "code": "BT"}
    given = given_by_the_page(client, reverse(REGISTER), facility=scene.laboratory.facility.code, **told)

    page = client.post(reverse(REGISTER), given)

    assert page.status_code == 422
    assert "those of the analyser BS already" in str(page.context["form"].errors["analyzer_name"])


def test_system_and_analyzer_of_one_name_do_not_conflict(scene: Scene, administrator: User) -> None:
    place = scene.laboratory.facility.code
    AnalyzerFactory(code="BS", laboratory=scene.laboratory, sending_application="MEDLAB")

    actions.register_source(entry(facility=place), by=administrator, at=timezone.now())

    with pytest.raises(Conflict):
        actions.register_source(entry(code="NEW-2", facility=place), by=administrator, at=timezone.now())


def test_certificate_is_demanded_only_by_who_administers_the_facility(scene: Scene, administrator: User) -> None:
    far = AnalyzerFactory(code="FAR", protocol="hl7v2")

    actions.require_certificate("SX", " lis.sx.example ", by=administrator, at=timezone.now())

    assert Source.objects.get(code="SX").certificate == "lis.sx.example"
    with pytest.raises(NotAllowed):
        actions.require_certificate(far.code, "lis.far.example", by=administrator, at=timezone.now())


def test_workbook_tells_protocol_what_it_is_known_by_and_the_demanded_certificate(
    scene: Scene, administrator: User
) -> None:
    told = {"peer_address": "10.0.0.7", "listening_port": 4001, "control_specimens": "QC*"}
    AnalyzerFactory(code="BS", laboratory=scene.laboratory, **told)
    actions.require_certificate("SX", "lis.sx.example", by=administrator, at=timezone.now())

    tubes = ("Number of the specimen or tube (SPM-2, SPM-30, SAC-3)", 7)

    file = signed_in(administrator).get(reverse("exchange:senders-file")).content

    head, *rows = load_workbook(BytesIO(file)).active.iter_rows(values_only=True)
    assert head[1:10] == (
        *("Protocol", "Name (MSH-3, H-5 or AE title)", "MSH-4", "Address", "Port"),
        *("Name in the client certificate", "Specimen numbers of controls"),
        *("Number on the tubes", "Days for which a number is that of one tube"),
    )
    assert [tuple(value or "" for value in row[:10]) for row in rows] == [
        ("BS", "ASTM over TCP", "BS-240", "", "10.0.0.7", 4001, "", "QC*", *tubes),
        ("SX", "HL7 v2 over MLLP", "MEDLAB", "SX", "", "", "lis.sx.example", "", *tubes),
    ]
