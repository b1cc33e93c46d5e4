"""CDS Hooks 2.0: discovery, the services at order-select and order-sign, and feedback.

Every call but discovery carries a signed assertion of a registered system, which speaks for one facility.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from lienthong.core.access import CDS_HOOKS
from lienthong.core.actions import system_user
from lienthong.core.assertions import AssertionRefused, Client, check_assertion
from lienthong.errors import BadInput, LienthongError, NotAllowed, NotFound
from lienthong.findings import Finding
from lienthong.interop import cds_hooks
from lienthong.portal.cards import reason_system
from lienthong.portal.hooks import cards_of, missing_prefetch
from lienthong.recognition import actions as recognition_actions
from lienthong.registry import reads as registry

SYSTEM = "cds-hooks"
HOOK_OF: dict[str, cds_hooks.Hook] = {"lienthong-order-select": "order-select", "lienthong-order-sign": "order-sign"}
Answer = Callable[[HttpRequest, str, registry.FacilityFacts], HttpResponse]


@csrf_exempt
@require_GET
def discovery(request: HttpRequest) -> HttpResponse:
    """List the services; public, as the specification asks."""
    services = (
        cds_hooks.Service(
            id=service_id,
            hook=hook,
            title=_("Earlier results that stand"),
            description=_("Says which ordered tests have an earlier result that is recognised here, and why."),
        )
        for service_id, hook in HOOK_OF.items()
    )
    return JsonResponse(cds_hooks.services_document(services))


def for_client(answer: Answer) -> Callable[[HttpRequest, str], HttpResponse]:
    """Let in who proves to be a registered system, and hand on the facility that it speaks for."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def guarded(request: HttpRequest, service_id: str) -> HttpResponse:
        at = timezone.now()
        address = request.build_absolute_uri(request.path)
        try:
            client = check_assertion(request.headers.get("Authorization", ""), audience=address, at=at)
        except AssertionRefused as refused:
            response = _refusal(refused, status=401)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        client.check_scope(CDS_HOOKS)
        if service_id not in HOOK_OF:
            raise NotFound("there is no such service")
        return answer(request, service_id, _facility(client, at=at))

    return guarded


@for_client
def service(request: HttpRequest, service_id: str, facility: registry.FacilityFacts) -> HttpResponse:
    """Answer with one card or none. Who the patient is not known here gets none; nothing is created."""
    at = timezone.now()
    asked, findings = cds_hooks.read_request(_body(request))
    if asked is None:
        raise BadInput(findings)
    if asked.hook != HOOK_OF[service_id]:
        raise BadInput([Finding("hook", "hook-other", f"this service is for the hook {HOOK_OF[service_id]}")])
    missing = missing_prefetch(asked)
    if missing:
        return _refusal(BadInput([missing]), status=412)
    cards = cards_of(asked, facility=facility, by=system_user(SYSTEM), at=at, absolute=request.build_absolute_uri)
    return JsonResponse(cds_hooks.to_json(cards))


@for_client
def feedback(request: HttpRequest, service_id: str, facility: registry.FacilityFacts) -> HttpResponse:
    """Keep what became of cards; the same feedback again changes nothing."""
    entries, findings = cds_hooks.read_feedback(_body(request))
    system = reason_system(facility.region_path[0].lower())
    findings += tuple(fault for one in entries for fault in _feedback_faults(one, system=system))
    if findings:
        raise BadInput(findings)
    for one in entries:
        recognition_actions.record_feedback(
            card_uuid=one.card,
            outcome=one.outcome,
            by=system_user(SYSTEM),
            at=timezone.now(),
            facility_id=facility.id,
            accepted=one.accepted_suggestions if one.outcome == "accepted" else None,
            reason_code=one.reason_code,
            reason_text=one.comment,
        )
    return JsonResponse({})


def _feedback_faults(one: cds_hooks.Feedback, *, system: str) -> list[Finding]:
    faults = []
    if one.outcome == "accepted" and not one.accepted_suggestions:
        message = "acceptedSuggestions must name the suggestions that were accepted."
        faults.append(Finding("feedback.acceptedSuggestions", "required", message))
    if one.reason_code and one.reason_system not in ("", system):
        faults.append(Finding("feedback.overrideReason.reason.system", "reason-system", f"system must be {system}."))
    return faults


def _body(request: HttpRequest) -> cds_hooks.Json:
    try:
        body: cds_hooks.Json = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadInput([Finding("body", "not-json", "The body must be one JSON object in UTF-8.")]) from None
    return body


def _facility(client: Client, *, at: dt.datetime) -> registry.FacilityFacts:
    known = registry.facilities(on=timezone.localdate(at)).values()
    found = next((one for one in known if one.code == client.facility), None)
    if found is None:
        raise NotAllowed("the facility of this system is not in the registry")
    return found


def _refusal(error: LienthongError, *, status: int) -> JsonResponse:
    """Answer with an error that has no status of its own, in the shape of all errors."""
    listed = [{"where": one.where, "code": one.code, "message": one.message} for one in getattr(error, "findings", ())]
    return JsonResponse({"code": error.code, "message": str(error), "findings": listed}, status=status)
