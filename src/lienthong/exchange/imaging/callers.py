"""Which registered sender calls by DICOM: by its application entity title, its address and its certificate."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lienthong.exchange.models import Source
from lienthong.exchange.senders import SourceFacts, source_by_code


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for an association: the calling AE title, the peer's address, the names of a checked certificate."""

    title: str
    address: str
    names: frozenset[str] = frozenset()


def sender_of(caller: Caller, *, on: dt.date) -> SourceFacts | None:
    """Return the sender registered under the title, if address and certificate are those that it must have."""
    row = Source.objects.filter(protocol=Source.Protocol.DICOM, sending_application=caller.title.strip()).first()
    if row is None:
        return None
    if row.peer_address and row.peer_address != caller.address.removeprefix("::ffff:"):
        return None
    if row.certificate and row.certificate not in caller.names:
        return None
    return source_by_code(row.code, on=on)
