"""The page of a report, and all versions of its results."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lienthong.assessment import reads as assessment
from lienthong.core.addresses import public_address
from lienthong.core.export import excel_response
from lienthong.core.packs import policy_for
from lienthong.errors import NotFound
from lienthong.portal.evidence import shelf_of
from lienthong.portal.marks import mark_proof
from lienthong.portal.presenters.imaging import imaging_view
from lienthong.portal.presenters.people import patient_strip
from lienthong.portal.presenters.proof import Code, code_of
from lienthong.portal.presenters.report import report_sheet, report_view, version_rows, version_sheet
from lienthong.portal.views.reading import log, reading_of, reads_records, time_of
from lienthong.registry import reads as registry
from lienthong.results import log_reads
from lienthong.results import reads as results


@require_GET
@reads_records
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Show a report with the intervals of its laboratory and the mark of each result, for screen and paper."""
    at = timezone.now()
    found = _known(report_id)
    reading = reading_of(request, found.patient, at=at)
    log(reading, {found.patient.record_id}, kind="report", key=report_id, at=at)
    issued = found.released_at or found.collected_at or at
    facility = registry.facilities([found.facility_id], on=timezone.localdate(issued))[found.facility_id]
    with time_of(facility):
        on = timezone.localdate(issued)
        shelf = shelf_of(found.results, on=on)
        page = report_view(
            found,
            facility=facility,
            level=assessment.levels([facility.id], on=on).get(facility.id),
            patient=patient_strip(found.patient, facility=facility, on=on),
            shelf=shelf,
            proof=mark_proof(shelf, policy=policy_for(facility.region_path, on)),
        )
        if request.GET.get("export") == "xlsx":
            return excel_response("report", *report_sheet(page))
        context = {
            "page": page,
            "relation": reading.relation,
            "code": _code(request, report_id),
            "beside": imaging_view(found.id, source=found.source),
            "service": found.service,
        }
        return render(request, "portal/report.html", context)


@require_GET
@reads_records
def report_versions(request: HttpRequest, report_id: int) -> HttpResponse:
    """Show every version of every result of a report; nothing that was reported is lost."""
    at = timezone.now()
    found = _known(report_id)
    reading = reading_of(request, found.patient, at=at)
    log(reading, {found.patient.record_id}, kind="report_versions", key=report_id, at=at)
    with time_of(reading.facility):
        rows = version_rows(found, shelf=shelf_of(found.versions, on=timezone.localdate(at)))
        if request.GET.get("export") == "xlsx":
            return excel_response("versions", *version_sheet(rows))
        context = {"rows": rows, "report_id": report_id, "number": found.number}
        return render(request, "portal/report_versions.html", context)


def _code(request: HttpRequest, report_id: int) -> Code | None:
    """Return the code that leads to the proof of what is shown; None where it is not sealed yet."""
    token = log_reads.proof_token(report_id)
    return code_of(public_address(request, reverse("portal:proof", kwargs={"token": token}))) if token else None


def _known(report_id: int) -> results.ReportFacts:
    found = results.report(report_id)
    if found is None:
        raise NotFound(_("There is no such report."))
    return found
