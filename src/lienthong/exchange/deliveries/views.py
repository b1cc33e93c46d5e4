"""The pages of deliveries: the list, handing in a file or a PDF, looking at what it would do, confirming it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import EXCEL, excel_response
from lienthong.core.limits import most_delivery_bytes
from lienthong.errors import BadInput, NotFound
from lienthong.exchange.deliveries import facts as known
from lienthong.exchange.deliveries import presenters
from lienthong.exchange.deliveries.actions import Parcel, Receipt, confirm_delivery, discard_delivery, receive_delivery
from lienthong.exchange.deliveries.form_columns import TEMPLATES, template
from lienthong.exchange.deliveries.models import DELIVERERS
from lienthong.exchange.deliveries.multipart import compose
from lienthong.exchange.deliveries.queue import work_delivery
from lienthong.exchange.deliveries.upload_forms import FileForm, PdfForm
from lienthong.exchange.deliveries.wording import delivery_words
from lienthong.exchange.querysets import EVERYWHERE
from lienthong.exchange.signed_in import user_of
from lienthong.findings import Finding
from lienthong.registry.reads import Access, check_role

AT_ONCE = 200_000  # bytes of a file that is checked while its sender waits; a larger one is left to the worker
MOST_LISTED = 20_000


@login_required
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """List the latest deliveries for the user's facilities; `?format=xlsx` gives them as a workbook."""
    rows = presenters.delivery_rows(known.visible_deliveries(_access(request)))
    if request.GET.get("format") == "xlsx":
        return excel_response("deliveries", presenters.delivery_header(), [row.cells() for row in rows])
    return render(request, "exchange/delivery_list.html", {"rows": rows, "forms": list(TEMPLATES)})


@login_required
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take a file and show what it would do before anything of it counts."""
    access, now = _access(request), timezone.now()
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent, sources=known.sources_for(access))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        receipt = _received(request, form, file.read(), name=file.name, wants_preview=True, at=now)
        if receipt:
            if file.size <= AT_ONCE:
                work_delivery(receipt.id, at=now)
            return redirect("exchange:delivery", receipt.number)
    context = {"form": form, "most": most_delivery_bytes() // 1024**2, "forms": list(TEMPLATES)}
    return render(request, "exchange/delivery_hand_in.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def hand_in_pdf(request: HttpRequest) -> HttpResponse:
    """Take a report as a PDF with what is known of it."""
    access, now = _access(request), timezone.now()
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PdfForm(*sent, sources=known.sources_for(access))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        data = compose(form.metadata(), file.read(), title=file.name)
        receipt = _received(request, form, data, name=file.name, wants_preview=False, at=now)
        if receipt:
            work_delivery(receipt.id, at=now)
            return redirect("exchange:delivery", receipt.number)
    context = {"form": form, "most": most_delivery_bytes() // 1024**2}
    return render(request, "exchange/delivery_hand_in_pdf.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def delivery(request: HttpRequest, number: str) -> HttpResponse:
    """Show one delivery: how far it is, what is wrong with it, what became of its reports."""
    access = _access(request)
    found = _visible(access, number)
    reports = known.reports_of(found.row, limit=presenters.SHOWN)
    operates = found.row.source.facility_id in access.facilities_as(*EVERYWHERE)
    context = {"page": presenters.delivery_page(found, reports), "operates": operates}
    return render(request, "exchange/delivery_detail.html", context)


@login_required
@require_GET
def delivery_errors(request: HttpRequest, number: str) -> HttpResponse:
    """Give all that is wrong with a delivery as a workbook."""
    found = _visible(_access(request), number)
    reports = known.reports_of(found.row, limit=MOST_LISTED)
    cells = presenters.error_cells(found, reports)
    return excel_response(f"errors-{number}", presenters.error_header(), cells)


@login_required
@require_POST
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """Let a delivery count that was looked at."""
    found, now = _visible(_access(request), number), timezone.now()
    confirm_delivery(number, confirmation=request.POST.get("confirmation", ""), by=user_of(request), at=now)
    if found.row.size <= AT_ONCE:
        work_delivery(found.row.pk, at=now)
    messages.success(request, _("The delivery is confirmed; its reports are stored one after the other."))
    return redirect("exchange:delivery", number)


@login_required
@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Let nothing of a delivery count."""
    _visible(_access(request), number)
    discard_delivery(number, by=user_of(request), at=timezone.now())
    messages.success(request, _("Nothing of the file was stored."))
    return redirect("exchange:deliveries")


@login_required
@require_GET
def delivery_form(request: HttpRequest, name: str) -> HttpResponse:
    """Give an empty form."""
    _access(request)
    if name not in TEMPLATES:
        raise NotFound(_("There is no such form."))
    response = HttpResponse(template(name), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _received(
    request: HttpRequest, form: FileForm | PdfForm, data: bytes, *, name: str, wants_preview: bool, at: dt.datetime
) -> Receipt | None:
    """Keep what was handed in; what is refused stands beside the field."""
    user = user_of(request)
    parcel = Parcel(
        data=data,
        entrance="page",
        client=user.username,
        name=name,
        language=get_language() or "vi",
        wants_preview=wants_preview,
    )
    try:
        receipt = receive_delivery(parcel, source=form.cleaned_data["source"], by=user, at=at)
    except BadInput as refused:
        form.take_faults([Finding(one.where, one.code, delivery_words(one)) for one in refused.findings])
        return None
    if receipt.is_repeated:
        messages.info(request, _("This file was delivered before; it changes nothing. This is what became of it."))
    return receipt


def _access(request: HttpRequest) -> Access:
    return check_role(user_of(request), *DELIVERERS, on=timezone.localdate())


def _visible(access: Access, number: str) -> known.DeliveryFacts:
    found = known.visible_delivery(access, number)
    if found is None:
        raise NotFound(_("There is no such delivery."))
    return found
