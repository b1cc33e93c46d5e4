"""Whom a source's messages are taken from: a source may demand a client certificate of its own."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import check_administrator


@transaction.atomic
def require_certificate(code: str, name: str, *, by: User, at: dt.datetime) -> None:
    """Take the messages of a source only from a connection whose certificate has this name; empty demands none.

    The name is the subject's common name or an alternative name (DNS, URI, address). Raises NotFound where there is no
    such source.
    """
    check_administrator(by, at=at)
    source = Source.objects.select_for_update().filter(code=code).first()
    if source is None:
        raise NotFound(_("There is no such sender."))
    before, source.certificate = source.certificate, name.strip()
    source.save(update_fields=["certificate"])
    detail = {"before": before, "certificate": source.certificate}
    audit.record("require-certificate", by=by, at=at, object_kind="source", object_key=code, detail=detail)
