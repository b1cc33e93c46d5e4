"""What the pages load: senders and mappings that a user may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.exchange.models import Certification, CodeMapping, Source, SourceDay
from lienthong.exchange.permissions import can_map, check_operator, sees_unknown
from lienthong.exchange.querysets import EVERYWHERE
from lienthong.registry.reads import Access
from lienthong.results import reads as results
from lienthong.results.reads import InboxFacts, UnmappedCode


def sources(access: Access) -> dict[str, Source]:
    """Return by code the senders whose messages or mappings a user may see."""
    rows = Source.objects.visible_to(access).select_related("facility")
    return {row.code: row for row in rows if can_map(access, row)}


def operated(access: Access) -> list[Source]:
    """Return the senders of the facilities that a user operates or administers."""
    rows = Source.objects.filter(facility_id__in=access.facilities_as(*EVERYWHERE))
    return list(rows.select_related("facility", "laboratory"))


def operated_source(access: Access, code: str) -> Source:
    """Return one of the senders that a user operates; raise NotFound where it is none of them."""
    for row in operated(access):
        if row.code == code:
            return row
    raise NotFound(_("There is no such sender."))


def days_of(codes: Collection[str], *, since: dt.date) -> list[SourceDay]:
    """Return what some senders sent on each day since a day, oldest first."""
    return list(SourceDay.objects.filter(source__in=list(codes), day__gte=since).order_by("day"))


def certifications(source: Source) -> list[Certification]:
    """Return the entrance tests of a sender, newest first."""
    rows = Certification.objects.filter(source=source).select_related("source__facility", "opened_by", "closed_by")
    return list(rows)


def certification(certification_id: int) -> Certification | None:
    related = Certification.objects.select_related("source__facility", "opened_by", "closed_by")
    return related.filter(pk=certification_id).first()


def operated_codes(access: Access, visible: Mapping[str, Source]) -> list[str]:
    """Return the codes of the senders that a user operates; for one who operates a region, the unknown (empty) too."""
    facilities = access.facilities_as(*EVERYWHERE)
    operated = [code for code, row in visible.items() if row.facility_id in facilities]
    return ["", *operated] if sees_unknown(access) else operated


def unmapped_code(visible: Mapping[str, Source], *, source: str, local_code: str, local_system: str) -> UnmappedCode:
    """Return the waiting code of a visible sender; raise NotFound where there is none."""
    place = {"source": source, "local_code": local_code, "local_system": local_system}
    if source in visible and (found := results.unmapped_code(**place)):
        return found
    raise NotFound(_("No result of this sender waits for this code; it may be mapped already."))


def mappings(visible: Iterable[Source]) -> list[CodeMapping]:
    """Return what is proposed or was confirmed for visible senders, as known now."""
    rows = CodeMapping.objects.known_at(None).filter(source__in=list(visible))
    related = rows.select_related("source__facility", "analyte", "procedure", "proposed_by", "confirmed_by")
    return list(related.order_by("source__code", "local_code", "valid_from"))


def mapping_history(source: Source, local_code: str) -> list[CodeMapping]:
    """Return every row that was ever recorded of a code, also what was declined or has been replaced, newest first."""
    rows = CodeMapping.objects.filter(source=source, local_code=local_code)
    related = rows.select_related("source__facility", "analyte", "procedure", "proposed_by", "confirmed_by")
    return list(related.order_by("-recorded_at", "-pk"))


def message(user: User, inbox_id: int, *, at: dt.datetime) -> tuple[InboxFacts, Source | None]:
    """Return a message that the user may see, and its sender if known."""
    found = results.inbox_message(inbox_id)
    if found is None:
        raise NotFound(_("There is no such message."))
    sender = Source.objects.filter(code=found.source).select_related("facility").first()
    check_operator(user, sender, at=at)
    return found, sender
