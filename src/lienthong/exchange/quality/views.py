"""The pages of the senders' quality: all senders, one sender day by day, and the messages behind a number."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lienthong.core.export import excel_response
from lienthong.exchange import lookups
from lienthong.exchange import presenters as exchange
from lienthong.exchange.quality import presenters
from lienthong.exchange.quality.presenters import MONTH
from lienthong.exchange.quality.score import quality, total
from lienthong.exchange.querysets import EVERYWHERE
from lienthong.exchange.signed_in import user_of
from lienthong.exchange.wording import state_words
from lienthong.registry import reads as registry
from lienthong.registry.reads import Access
from lienthong.results import reads as results

STATES = ("held", "rejected", "duplicate", "stored", "training")
MOST_MESSAGES = 200


@login_required
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """List the senders by the quality of what they sent in the last 30 days; `?format=xlsx` gives a workbook."""
    access, today = _access(request), timezone.localdate()
    senders = lookups.operated(access)
    days = lookups.days_of([one.code for one in senders], since=today - dt.timedelta(days=MONTH - 1))
    rows = presenters.source_rows(senders, days, today=today)
    if request.GET.get("format") == "xlsx":
        return excel_response("senders-quality", presenters.source_header(), [row.cells() for row in rows])
    counted = max((row.last_counted for row in rows if row.last_counted), default=None)
    return render(request, "exchange/quality_list.html", {"rows": rows, "counted": counted})


@login_required
@require_GET
def source(request: HttpRequest, code: str) -> HttpResponse:
    """Show one sender day by day, what its results lack, and where its messages are; `?format=xlsx` gives the days."""
    access, today = _access(request), timezone.localdate()
    sender = lookups.operated_source(access, code)
    days = lookups.days_of([sender.code], since=today - dt.timedelta(days=MONTH - 1))
    rows = presenters.day_rows(reversed(days))
    if request.GET.get("format") == "xlsx":
        return excel_response(f"quality-{sender.code}", presenters.day_header(), [row.cells() for row in rows])
    month = quality(total(map(presenters.counts_of, days)), results.DELAY_ENDS)
    context = {
        "sender": sender,
        "days": rows,
        "month": month,
        "tone": presenters.tone_of(month.score),
        "missing": presenters.missing_rows(month.counts),
        "median": presenters.duration(month.delay_median),
        "p95": presenters.duration(month.delay_p95),
    }
    return render(request, "exchange/quality_detail.html", context)


@login_required
@require_GET
def source_messages(request: HttpRequest, code: str) -> HttpResponse:
    """List the messages of one sender, day and state: `?day=2026-11-20&state=held`; `&format=xlsx` gives a workbook."""
    sender = lookups.operated_source(_access(request), code)
    day, state = _day(request.GET.get("day", "")), request.GET.get("state", "")
    state = state if state in STATES else "held"
    start = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    end = start + dt.timedelta(days=1)
    found = results.messages_of_source(source=sender.code, state=state, start=start, end=end, limit=MOST_MESSAGES)
    rows = exchange.message_rows(found)
    if request.GET.get("format") == "xlsx":
        return excel_response(f"messages-{sender.code}", exchange.message_header(), [row.cells() for row in rows])
    context = {
        "sender": sender,
        "day": day,
        "asked": state,
        "state": state_words(state),
        "rows": rows,
        "states": [(one, state_words(one), one == state) for one in STATES],
        "is_cut": len(found) == MOST_MESSAGES,
    }
    return render(request, "exchange/quality_messages.html", context)


def _day(asked: str) -> dt.date:
    try:
        return dt.date.fromisoformat(asked)
    except ValueError:
        return timezone.localdate()


def _access(request: HttpRequest) -> Access:
    return registry.check_role(user_of(request), *EVERYWHERE, on=timezone.localdate())
