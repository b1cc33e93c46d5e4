"""The public page to which the code on a printed report leads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lienthong.core.packs import policy_for
from lienthong.portal.evidence import shelf_of
from lienthong.portal.marks import mark_proof
from lienthong.portal.presenters.proof import proof_view
from lienthong.portal.views.reading import time_of
from lienthong.registry import reads as registry
from lienthong.results import log_reads
from lienthong.results import reads as results

# The address is a secret of whoever holds the paper.
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@require_GET
def proof(request: HttpRequest, token: str) -> HttpResponse:
    """Show laboratory, date, status and mark of a report, and that it is in the log; nothing of its patient."""
    at = timezone.now()
    found = log_reads.proven_report(token)
    issued = timezone.localdate(found.issued_at or at)
    facility = registry.facilities([found.facility_id], on=issued)[found.facility_id]
    with time_of(facility):
        on = timezone.localdate(found.issued_at or at)
        shelf = shelf_of(results.results_by_id(found.results), on=on)
        page = proof_view(
            found,
            facility=facility,
            on=on if found.issued_at else None,
            shelf=shelf,
            proof=mark_proof(shelf, policy=policy_for(facility.region_path, on)),
        )
        answer = render(request, "portal/proof.html", {"page": page})
    for name, value in HEADERS.items():
        answer.headers[name] = value
    return answer
