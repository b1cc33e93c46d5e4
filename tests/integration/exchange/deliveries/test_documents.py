"""A PDF with its metadata becomes a report whose document is read by who may, and each reading is logged."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfWriter
from tests.factories.core import UserFactory
from tests.factories.recognition import hai_duong
from tests.factories.registry import LaboratoryFactory, bind
from tests.factories.results import documents_of
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries.conftest import written
from tests.integration.exchange.deliveries_scene import push, report, take_in
from tests.integration.exchange.pushing import System

from lienthong.core.models import AuditEvent
from lienthong.exchange.deliveries.pdf import pdf_fault
from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.models import Delivery
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.imaging.reads import document_versions
from lienthong.results.models import InboxMessage, Report, ReportDocument

pytestmark = pytest.mark.django_db


def signed_in(place: object, role: str) -> Client:
    user = UserFactory(full_name="Lê Văn An")
    bind(user, role, place)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def with_document(pdf: bytes, **changes: object) -> bytes:
    document = {"data": base64.b64encode(pdf).decode(), "title": "scan.pdf"}
    return push(report(number="D1", results=[], service="Abdominal ultrasound", document=document) | changes)


def test_pdf_is_stored_shown_and_given_to_who_may_read(mapped: Scene, pdf: bytes) -> None:
    facility = mapped.source.facility
    facility.region = hai_duong()
    facility.save()
    done = take_in(with_document(pdf))
    stored, document = Report.objects.get(), ReportDocument.objects.get()
    client = signed_in(facility, "clinician")

    page = client.get(reverse("portal:report", args=[stored.pk])).content.decode()
    address = reverse("portal:report-file", args=[stored.pk, document.pk])
    answer = client.get(address)

    assert done.stored == 1
    assert (address in page, "Abdominal ultrasound" in page) == (True, True)
    assert (answer.content, answer["Content-Type"]) == (pdf, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert AuditEvent.objects.filter(action="read", object_kind="report_file").count() == 1


def test_pdf_is_not_given_to_others(mapped: Scene, pdf: bytes) -> None:
    take_in(with_document(pdf))
    address = reverse("portal:report-file", args=[Report.objects.get().pk, ReportDocument.objects.get().pk])

    elsewhere = signed_in(LaboratoryFactory(), "technician").get(address)

    assert elsewhere.status_code == 404
    assert Client().get(address).status_code == 302
    assert not AuditEvent.objects.filter(object_kind="report_file").exists()


def test_other_pdf_takes_the_place_and_the_same_changes_nothing(mapped: Scene, pdf: bytes) -> None:
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=100)
    other = written(writer)
    later = {"released_at": "2026-11-20T12:00:00+07:00"}

    counts = [
        take_in(with_document(pdf)),
        take_in(with_document(pdf, **later)),
        take_in(with_document(other, **later)),
    ]

    assert [(one.stored, one.duplicate) for one in counts] == [(1, 0), (0, 1), (1, 0)]
    facility = mapped.source.facility
    facility.region = hai_duong()
    facility.save()
    versions = document_versions(Report.objects.get().pk)
    assert [(one.is_current, one.size) for one in versions] == [(True, len(other)), (False, len(pdf))]
    client = signed_in(facility, "clinician")
    page = client.get(reverse("portal:report", args=[versions[0].report_id])).content.decode()
    assert page.count("an earlier file, which was replaced") == 1
    addresses = [reverse("portal:report-file", args=[one.report_id, one.id]) for one in versions]
    assert [client.get(address).content for address in addresses] == [other, pdf]


def test_report_in_words_is_stored_with_its_text(mapped: Scene) -> None:
    done = take_in(push(report(number="W1", results=[], text="Liver of normal size.\nNo stones.")))

    assert done.stored == 1
    assert Report.objects.get().comment == "Liver of normal size.\nNo stones."


def test_report_in_words_that_changed_is_corrected(mapped: Scene) -> None:
    later = {"released_at": "2026-11-20T12:00:00+07:00"}
    take_in(push(report(number="W1", results=[], text="Liver of normal size.")))

    take_in(push(report(number="W1", results=[], text="Liver enlarged.") | later))

    stored = Report.objects.get()
    assert (stored.comment, stored.status, stored.version) == ("Liver enlarged.", "corrected", 2)
    assert [one.kind for one in documents_of(stored.pk)] == ["text"]


def test_multipart_brings_pdf_and_metadata(system: System, pdf: bytes) -> None:
    metadata = json.dumps(report(number="D2", results=[], service="X-ray"))

    answer = system.push({"metadata": metadata, "document": SimpleUploadedFile("x.pdf", pdf, "application/pdf")})
    work_deliveries(timezone.now())
    process_waiting(timezone.now())
    told = json.loads(system.ask(answer["Location"]).content)

    assert answer.status_code == 202
    assert [(one["number"], one["state"]) for one in told["reports"]] == [("D2", "stored")]
    assert ReportDocument.objects.get().title == "x.pdf"


def test_page_takes_a_pdf_with_its_metadata(mapped: Scene, pdf: bytes) -> None:
    client = signed_in(mapped.laboratory, "technician")
    sent = {
        "source": "SX",
        "file": SimpleUploadedFile("x.pdf", pdf, "application/pdf"),
        "patient_number": "00123",
        "birth_date": "1980-05-17",
        "sex": "F",
        "number": "D3",
        "service": "Ultrasound",
        "status": "final",
        "released_at": "2026-11-20T09:00",
    }

    answer = client.post(reverse("exchange:hand-in-pdf"), sent, follow=True)
    process_waiting(timezone.now())

    assert (answer.status_code, Delivery.objects.get().state) == (200, "split")
    assert Report.objects.get().released_at.isoformat() == "2026-11-20T02:00:00+00:00"
    assert InboxMessage.objects.get().state == "stored"


def _encrypted() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=100, height=100)
    writer.encrypt("secret", algorithm="RC4-128")
    return written(writer)


def _with_file() -> bytes:
    writer = PdfWriter()
    writer.add_attachment("x.txt", b"x")
    return written(writer)


def _with_link(action: bytes) -> bytes:
    return written(PdfWriter()).replace(b"/Type /Page\n", b"/Type /Page\n/AA << /O << /S /" + action + b" >> >>\n")


def _packed(filters: bytes = b"", kind: bytes = b"/ObjStm") -> bytes:
    """A PDF of one page whose objects stand in a stream of objects (ISO 32000-1, 7.5.7) that is packed so."""
    objects = (
        b"<< /Type /Catalog /Pages 3 0 R >>",
        b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] >>",
    )
    places = [sum(len(one) + 1 for one in objects[:before]) for before in range(3)]
    head = b"".join(b"%d %d " % pair for pair in zip((2, 3, 5), places, strict=True))
    packed = head + b" ".join(objects)
    begin = b"%PDF-1.5\n"
    stream = b"1 0 obj\n<< /Type %b /N 3 /First %d /Length %d %b >>\nstream\n%b\nendstream\nendobj\n"
    first = stream % (kind, len(head), len(packed), filters, packed)
    after = len(begin) + len(first)
    rows = ((0, 0, 0), (1, len(begin), 0), (2, 1, 0), (2, 1, 1), (1, after, 0), (2, 1, 2))
    table = b"".join(bytes([form, *place.to_bytes(2, "big"), index]) for form, place, index in rows)
    last = b"4 0 obj\n<< /Type /XRef /Size 6 /W [1 2 1] /Root 2 0 R /Length %d >>\nstream\n%b\nendstream\nendobj\n"
    return begin + first + last % (len(table), table) + b"startxref\n%d\n%%%%EOF\n" % after


def test_pdf_whose_objects_stand_in_a_stream_is_taken() -> None:
    assert pdf_fault(_packed()) is None


def test_nothing_of_a_pdf_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    pdf_fault(_packed(b"/Filter /Foo /DecodeParms (Nguyen)"))

    assert [record.getMessage() for record in caplog.records] == ["a PDF could not be read: NotImplementedError"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(lambda: b"GIF89a", "not-a-pdf", id="other"),
        pytest.param(lambda: b"%PDF-1.7\nrubbish", "pdf-damaged", id="damaged"),
        pytest.param(lambda: _packed(b"/Filter /BrotliDecode"), "pdf-damaged", id="brotli"),
        pytest.param(lambda: _packed(b"/Filter /JBIG2Decode"), "pdf-damaged", id="jbig2"),
        pytest.param(lambda: _packed(b"/Filter /Foo"), "pdf-damaged", id="unknown-filter"),
        pytest.param(lambda: _packed(b"/Filter /Crypt /DecodeParms << /Name /A >>"), "pdf-damaged", id="crypt"),
        pytest.param(lambda: _packed(kind=b"/Foo"), "pdf-damaged", id="wrong-type"),
        pytest.param(_encrypted, "pdf-encrypted", id="encrypted"),
        pytest.param(lambda: _with_link(b"JavaScript /JS (1)"), "pdf-active", id="script"),
        pytest.param(_with_file, "pdf-embedded", id="file-inside"),
        pytest.param(lambda: _with_link(b"Launch"), "pdf-active", id="launch"),
        pytest.param(lambda: _with_link(b"SubmitForm"), "pdf-active", id="submit"),
    ],
)
def test_pdf_that_acts_or_is_closed_is_refused_with_the_reason(make: Callable[[], bytes], code: str) -> None:
    found = pdf_fault(make())

    assert found is not None
    assert found.code == code


def test_faulty_pdf_refuses_its_report_only(mapped: Scene) -> None:
    document = {"data": base64.b64encode(b"GIF89a").decode()}

    done = take_in(push(report(number="D1", document=document), report()))

    assert done.stored == 1
    assert [(one["where"], one["code"]) for one in Delivery.objects.get().findings] == [
        ("$.reports[0].document.data", "not-a-pdf")
    ]
