"""What time ends: assertions that were used, tokens, and the counts of refusals."""

from __future__ import annotations

import datetime as dt

from lienthong.core.access.refusals import forget_refusals
from lienthong.core.assertions import forget_expired_assertions
from lienthong.core.models import AccessToken


def forget_expired_access(*, at: dt.datetime) -> int:
    """Delete what time refuses from now on; return how many rows. What was done with them stays in the audit log."""
    tokens, _rows = AccessToken.objects.filter(expires_at__lt=at).delete()
    return tokens + forget_expired_assertions(at=at) + forget_refusals(at=at)
