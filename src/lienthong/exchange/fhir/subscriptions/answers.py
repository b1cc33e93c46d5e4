"""What a subscriber's answer means: taken, refused for good, or to be tried again.

The HTTP status says what it is about (RFC 9110, 15). Statuses that speak of the endpoint or of the way in (a redirect,
a password that is not believed, too many requests, a server that fails) hold for everything that comes: all waits until
it is put right. Others speak of the one thing that was sent.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from lienthong.exchange.outbound.channels import Sent
from lienthong.exchange.outbound.http.calling import Answer

LONGEST_WAIT = dt.timedelta(days=1)
_OF_ENDPOINT = frozenset((401, 403, 407, 408, 421, 425, 429))
_ADVICE = {
    401: "the headers of the Subscription don't let us in",
    403: "the headers of the Subscription don't let us in",
    410: "there is nothing there any more: turn the Subscription off",
}


def sent_by(answer: Answer, *, version: int, at: dt.datetime) -> Sent:
    """Return what became of a thing that was told at a version."""
    status = answer.status
    if 200 <= status < 300:
        return Sent(outcome="delivered", version=version)
    code, text = f"http-{status}", _text(status)
    if status in _OF_ENDPOINT or not 400 <= status < 500:
        return Sent(outcome="again", code=code, text=text, retry_after=wait_of(answer.retry_after, at=at))
    return Sent(outcome="refused", code=code, text=text)


def wait_of(text: str, *, at: dt.datetime) -> dt.timedelta | None:
    """Read Retry-After (RFC 9110, 10.2.3), seconds or a date, a day at most; None where it says nothing."""
    if text.isdecimal() and text.isascii():
        return min(dt.timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - at
    return min(max(wait, dt.timedelta()), LONGEST_WAIT)


def _text(status: int) -> str:
    if 300 <= status < 400:
        return f"the endpoint answers {status}; redirects are not followed: write the new address into the Subscription"
    name = next((one.phrase for one in HTTPStatus if one == status), "")
    advice = f"; {_ADVICE[status]}" if status in _ADVICE else ""
    return f"the endpoint answers {status} {name}".strip() + advice
