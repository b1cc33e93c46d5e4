"""Finding a patient, reading what is known of one, emergency access, and who read a record."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import excel_response
from lienthong.errors import BadInput, NotFound
from lienthong.portal import actions, relations
from lienthong.portal.access_log import access_log
from lienthong.portal.evidence import shelf_of
from lienthong.portal.forms import LookUpForm
from lienthong.portal.presenters.log import log_rows, log_sheet
from lienthong.portal.presenters.people import patient_strip
from lienthong.portal.presenters.timeline import readable_reports, timeline_sheet, timeline_view
from lienthong.portal.views.reading import known_patient, log, reader, reading_of, reads_records, session_of, time_of
from lienthong.registry import reads as registry
from lienthong.results import reads as results

SHORTEST_NAME = 2


@require_http_methods(["GET", "POST"])
@login_required
def patients(request: HttpRequest) -> HttpResponse:
    """Search the clinician's own patients by name, or look one up by an exact number to order tests."""
    at = timezone.now()
    own = {one.id: one for one in relations.own_facilities(reader(request), on=timezone.localdate(at))}
    form = LookUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = actions.look_up_patient(by=reader(request), at=at, **form.cleaned_data)
        if found:
            return _to_order(request, found, at=at)
        form.add_error(None, _("Nobody is known under this number and birth date. Check both."))
    text = request.GET.get("q", "").strip()
    is_short = 0 < len(text) < SHORTEST_NAME
    listed = actions.search_patients(text, by=reader(request), at=at) if len(text) >= SHORTEST_NAME else []
    on = timezone.localdate(at)
    context = {
        "form": form,
        "text": text,
        "is_short": is_short,
        "is_searched": len(text) >= SHORTEST_NAME,
        "is_cut": len(listed) == actions.LIST_LENGTH,
        "strips": [patient_strip(one, facility=own.get(one.facility_id), on=on) for one in listed],
        "facilities": [one.name for one in own.values()],
    }
    return render(request, "portal/patients.html", context, status=422 if form.errors else 200)


@require_GET
@reads_records
def patient(request: HttpRequest, record_id: int) -> HttpResponse:
    """Show a patient's reports and results, newest first; those of other facilities need an order."""
    at = timezone.now()
    found = known_patient(record_id)
    reading = reading_of(request, found, at=at)
    reports = results.reports_of_patient(record_id)
    readable = readable_reports(reports, reading=reading)
    shown = {record_id, *(report.patient.record_id for report in readable)}
    log(reading, shown, kind="patient", key=record_id, at=at)
    with time_of(reading.facility):
        on = timezone.localdate(at)
        shelf = shelf_of([one for report in readable for one in report.results], on=on)
        page = timeline_view(readable, shelf=shelf, hidden=len(reports) - len(readable))
        if request.GET.get("export") == "xlsx":
            return excel_response("results", *timeline_sheet(page))
        facility = registry.facilities([found.facility_id], on=on)[found.facility_id]
        strip = patient_strip(found, facility=facility, on=on)
        context = {"page": page, "patient": strip, "may_order": relations.CLINICIAN in reading.access.roles}
        return render(request, "portal/patient.html", context)


@require_POST
@reads_records
def break_glass(request: HttpRequest, record_id: int) -> HttpResponse:
    """Open a record in an emergency, with a reason that the patient can read."""
    at, reason = timezone.now(), request.POST.get("reason", "")
    clinician = registry.check_role(reader(request), relations.CLINICIAN, on=timezone.localdate(at))
    relations.check_country(known_patient(record_id), clinician, on=timezone.localdate(at))
    records = relations.records_of_person(record_id)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = ""
    try:
        actions.break_glass(record_ids=records, reason=reason, by=reader(request), at=at)
    except BadInput as fault:
        context = {"record_id": record_id, "next": back, "reason": reason, "findings": fault.findings}
        return render(request, "portal/break_glass.html", context, status=422)
    relations.register(session_of(request), records, relations.BREAK_GLASS, at=at)
    return redirect(back) if back else redirect("portal:patient", record_id=record_id)


@require_GET
@reads_records
def record_access_log(request: HttpRequest, record_id: int) -> HttpResponse:
    """Show who read a record, to staff of the facility that keeps it."""
    at = timezone.now()
    found = known_patient(record_id)
    access = registry.access_of(reader(request), on=timezone.localdate(at))
    if results.relation_to_patient(access, record_id) != relations.SAME_FACILITY:
        raise NotFound(_("There is no such record, or it is not yours to see."))
    reading = reading_of(request, found, at=at)
    log(reading, {record_id}, kind="access_log", key=record_id, at=at)
    with time_of(reading.facility):
        events = access_log(record_id)
        rows = log_rows(events, registry.facility_names({one.facility for one in events}))
        if request.GET.get("export") == "xlsx":
            return excel_response("access-log", *log_sheet(rows))
        strip = patient_strip(found, facility=reading.facility, on=timezone.localdate(at))
        return render(request, "portal/access_log.html", {"rows": rows, "patient": strip})


def _to_order(request: HttpRequest, found: results.PatientFacts, *, at: dt.datetime) -> HttpResponse:
    relations.register(session_of(request), relations.records_of_person(found.record_id), relations.ORDER, at=at)
    return redirect("portal:order", record_id=found.record_id)
