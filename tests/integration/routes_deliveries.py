"""What deliveries add to the scene: a form that waits to be confirmed, and a report with a PDF that was taken in."""

from __future__ import annotations

import base64
import io
from uuid import UUID

from pypdf import PdfWriter
from tests.integration.exchange.deliveries_scene import FORM, push, report
from tests.integration.routes import NOW, Sent
from tests.integration.routes_places import Places

from lienthong.core.actions import system_user
from lienthong.exchange.deliveries.actions import Parcel, confirmation_of, receive_delivery
from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.models import Delivery
from lienthong.exchange.processing.worker import process_waiting

FHIR_POSTS = ("root", "kind", "search", "last-observations", "match-patient", "export", "export-patients", "nothing")


class Deliveries(Places):
    """Gives the addresses of deliveries something to show; the sender SX is of hospital A."""

    def _deliveries(self) -> None:
        for name in ("push", "folder", "deliveries"):
            system_user(name)
        document = {"data": base64.b64encode(blank_pdf()).decode()}
        patient = {"number": "P77", "name": "Hoàng Thị Lụa", "birth_date": "1962-02-01", "sex": "F"}
        pushed = push(report(results=[], document=document, patient=patient))
        for data, wants_preview in ((FORM, True), (pushed, False)):
            parcel = Parcel(data=data, entrance="page", client="a", wants_preview=wants_preview)
            receive_delivery(parcel, source="SX", by=self.people["technician A"], at=NOW)
        work_deliveries(NOW)
        process_waiting(NOW)
        form = Delivery.objects.get(state="checked")
        own = "exchange:delivery exchange:delivery-errors exchange:delivery-confirm exchange:delivery-discard"
        self._name(f"{own} deliveries:delivery", number=form.number)
        self._name("exchange:delivery-form", name="results")
        self._name("deliveries:nowhere", elsewhere="reports")
        self._name("fhir:kind fhir:search", kind="Patient")
        self._name("fhir:instance fhir:history", kind="Patient", id_="1")
        self._name("fhir:version", kind="Patient", id_="1", version="1")
        self._name("fhir:nothing", path="a/b/c")
        self._name("fhir:export-status", key=UUID(int=1))
        self._name("fhir:export-file", key=UUID(int=1), name="Patient.1.ndjson")
        handed = {
            "source": "SX",
            "patient_number": "00123",
            "number": "R9",
            "service": "X-ray",
            "status": "final",
            "released_at": "2026-11-20T09:00",
        }
        self.forms |= {
            "exchange:hand-in": Sent({"source": "SX"}, {"file": ("f.csv", FORM.replace(b"R1", b"R8"))}),
            "exchange:hand-in-pdf": Sent(handed, {"file": ("x.pdf", blank_pdf())}),
            "exchange:delivery-confirm": Sent({"confirmation": confirmation_of(form)}),
            "exchange:delivery-discard": Sent(),
            "deliveries:push": Sent(),
            "deliveries:nowhere": Sent(),
            **{f"fhir:{name}": Sent() for name in FHIR_POSTS},
            "fhir": Sent(),
        }


def blank_pdf() -> bytes:
    """Return a PDF of one blank page."""
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
