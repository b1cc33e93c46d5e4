"""Ordering tests: the form, the check of what stands, the choice, and the receipt."""

from __future__ import annotations

import datetime as dt
import secrets

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.packs import policy_for
from lienthong.errors import BadInput, Conflict
from lienthong.policy import Policy
from lienthong.portal import actions, relations
from lienthong.portal.choices import read_choices
from lienthong.portal.evidence import Shelf, results_of_check, shelf_of
from lienthong.portal.forms import OrderForm
from lienthong.portal.presenters.order_check import check_view
from lienthong.portal.presenters.order_form import item_groups, order_form_view
from lienthong.portal.presenters.people import patient_strip
from lienthong.portal.presenters.receipt import receipt_view
from lienthong.portal.presenters.signing import signing_view
from lienthong.portal.views.reading import (
    is_current,
    known_patient,
    log,
    own_check,
    reader,
    reading_of,
    reads_records,
    relation_of_check,
    session_of,
    time_of,
)
from lienthong.recognition import actions as recognition_actions
from lienthong.recognition import reads as recognition
from lienthong.registry import reads as registry

PAGE = "page"


@require_http_methods(["GET", "POST"])
@reads_records
def order(request: HttpRequest, record_id: int) -> HttpResponse:
    """Pick the tests to order and say what is known of the visit; then check them."""
    at = timezone.now()
    patient = known_patient(record_id)
    own = relations.own_facilities(reader(request), on=timezone.localdate(at))
    reading = reading_of(request, patient, at=at)
    policy = _policy(own[0], at=at)
    form = OrderForm(request.POST or None, initial=_initial(request.GET, own[0]), policy=policy, facilities=own)
    if request.method == "POST" and form.is_valid():
        check = _check(request, form, record_id=record_id, at=at)
        return redirect("portal:order-check", check_id=check.id)
    log(reading, {record_id}, kind="order", key=record_id, at=at)
    with time_of(own[0]):
        facility = registry.facilities([patient.facility_id], on=policy.on)[patient.facility_id]
        context = {
            "patient": patient_strip(patient, facility=facility, on=policy.on),
            "form": form,
            "page": order_form_view(form, groups=item_groups(policy)),
        }
        return render(request, "portal/order.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@reads_records
def order_check(request: HttpRequest, check_id: int) -> HttpResponse:
    """Show which earlier results stand and why; keep what the clinician chose for each."""
    at = timezone.now()
    check = own_check(request, check_id, at=at)
    if check.signed_at:
        return redirect("portal:order-receipt", check_id=check_id)
    if request.method == "GET":
        return _check_page(request, check, at=at)
    choices = read_choices(request.POST.dict(), check)
    try:
        recognition_actions.sign_order(check_id=check_id, choices=choices, by=reader(request), at=at)
    except BadInput as fault:
        return _check_page(request, check, at=at, fault=fault)
    except Conflict as changed:
        return _check_page(request, check, at=at, changed=str(changed))
    return redirect("portal:order-receipt", check_id=check_id)


@require_POST
@reads_records
def order_check_again(request: HttpRequest, check_id: int) -> HttpResponse:
    """Decide an order anew, because a result or a window changed since."""
    at = timezone.now()
    check = own_check(request, check_id, at=at)
    try:
        relation_of_check(request, check, at=at)
    except relations.NoRelation:
        return redirect("portal:order-check", check_id=check_id)  # which asks for the reason
    decided = recognition_actions.check_order(
        number=check.number,
        channel=check.channel,
        patient_record_id=check.patient_record_id,
        facility_id=check.facility_id,
        items=[line.item for line in check.lines],
        encounter_class=check.encounter_class,
        purposes=check.purposes,
        by=reader(request),
        user_label=reader(request).full_name,
        at=at,
        draft_ids={line.item: line.draft_id for line in check.lines},
    )
    return redirect("portal:order-check", check_id=decided.id)


@require_GET
@reads_records
def order_receipt(request: HttpRequest, check_id: int) -> HttpResponse:
    """Show what a signed order reuses, what it orders, and what that saves."""
    at = timezone.now()
    check = own_check(request, check_id, at=at)
    if check.signed_at is None:
        return redirect("portal:order-check", check_id=check_id)
    shelf = _shelf(check, at=at)
    facility = _facility(check)
    _log_check(request, check, shelf, kind="order_receipt", at=at)
    with time_of(facility):
        context = {
            "page": receipt_view(check, facility=facility, shelf=shelf),
            "patient": _strip(check, at=at),
            "record_id": check.patient_record_id,
        }
        return render(request, "portal/order_receipt.html", context)


def _check(request: HttpRequest, form: OrderForm, *, record_id: int, at: dt.datetime) -> recognition.OrderCheckFacts:
    check = recognition_actions.check_order(
        number=form.cleaned_data["number"],
        channel=PAGE,
        patient_record_id=record_id,
        facility_id=form.cleaned_data["facility"],
        items=form.cleaned_data["items"],
        encounter_class=form.patient_class,
        purposes=form.known_purposes,
        by=reader(request),
        user_label=reader(request).full_name,
        at=at,
    )
    relations.register(session_of(request), relations.records_of_person(record_id), relations.ORDER, at=at)
    return check


def _check_page(
    request: HttpRequest,
    check: recognition.OrderCheckFacts,
    *,
    at: dt.datetime,
    fault: BadInput | None = None,
    changed: str = "",
) -> HttpResponse:
    shelf, facility = _shelf(check, at=at), _facility(check)
    _log_check(request, check, shelf, kind="order_check", at=at)
    with time_of(facility):
        page = check_view(check, facility=facility, shelf=shelf)
        signing = signing_view(
            check,
            posted=request.POST.dict(),
            findings=fault.findings if fault else (),
            jurisdiction=facility.region_path[0].lower(),
        )
        context = {
            "page": page,
            "asked": [(line, signing.items[line.code]) for line in page.with_result],
            "signing": signing,
            "patient": _strip(check, at=at),
            "record_id": check.patient_record_id,
            "changed": changed,
        }
        return render(request, "portal/order_check.html", context, status=422 if fault else 409 if changed else 200)


def _log_check(
    request: HttpRequest, check: recognition.OrderCheckFacts, shelf: Shelf, *, kind: str, at: dt.datetime
) -> None:
    """Log each record whose results the page shows; an order that lasts opens them for this session."""
    shown = {check.patient_record_id, *(one.result.patient_record_id for one in shelf.shown.values())}
    relation = relation_of_check(request, check, at=at)
    if is_current(check, at=at):
        relations.register(session_of(request), shown, relation, at=at)
    actions.log_reads(
        shown,
        object_kind=kind,
        object_key=check.id,
        facility=_facility(check).code,
        relation=relation,
        by=reader(request),
        at=at,
    )


def _shelf(check: recognition.OrderCheckFacts, *, at: dt.datetime) -> Shelf:
    return shelf_of(results_of_check(check), on=timezone.localdate(at))


def _facility(check: recognition.OrderCheckFacts) -> registry.FacilityFacts:
    return registry.facilities([check.facility_id], on=timezone.localdate(check.at))[check.facility_id]


def _strip(check: recognition.OrderCheckFacts, *, at: dt.datetime) -> object:
    patient, on = known_patient(check.patient_record_id), timezone.localdate(at)
    facility = registry.facilities([patient.facility_id], on=on)[patient.facility_id]
    return patient_strip(patient, facility=facility, on=on)


def _policy(facility: registry.FacilityFacts, *, at: dt.datetime) -> Policy:
    with time_of(facility):
        return policy_for(facility.region_path, timezone.localdate(at))


def _initial(asked: QueryDict, facility: registry.FacilityFacts) -> dict[str, object]:
    """Fill the form as an order left it that one comes back from; a new order gets a number."""
    number = f"{timezone.localdate():%y%m%d}-{secrets.token_hex(3).upper()}"
    return {
        "facility": facility.id,
        "number": number,
        "items": asked.getlist("items"),
        "encounter_class": asked.get("encounter_class", ""),
        "purpose": asked.get("purpose", ""),
        "purposes": asked.getlist("purposes"),
    }
