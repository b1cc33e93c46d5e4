"""Who sends: MSH-3 and MSH-4 name a registered source; its facility gives the time zone and the region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from lienthong.exchange.models import Source
from lienthong.interop.hl7v2 import Header, find_codec
from lienthong.registry import reads as registry
from lienthong.results.reads import NumberKind

# The same columns for the listener, which has no ORM.
LOAD = """
SELECT sending_application, sending_facility, code, default_charset, certificate FROM exchange_source
WHERE protocol = 'hl7v2'
"""


TUBE_KINDS: Mapping[str, NumberKind] = {"placer": "placer", "filler": "filler"}


@dataclass(frozen=True, slots=True)
class Sender:
    """What a listener knows of a source before it answers."""

    code: str
    default_charset: str
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source with its place: where its results are made, and in which zone and region."""

    id: int
    code: str
    name: str
    facility_id: int
    facility_code: str
    laboratory_id: int | None
    region_path: tuple[str, ...]
    zone: ZoneInfo
    default_charset: str
    protocol: str = "hl7v2"
    control_specimens: tuple[str, ...] = ()
    tube_number: str = "specimen"
    tube_days: int = 7
    dicomweb_url: str = ""

    @property
    def tube_kind(self) -> NumberKind:
        """Of what kind the numbers on its tubes are, where orders have them at all."""
        return TUBE_KINDS.get(self.tube_number, "specimen")

    def is_control_specimen(self, number: str) -> bool:
        """Whether the source's rule says that a specimen of this number is a control."""
        return bool(number) and any(fnmatchcase(number, pattern) for pattern in self.control_specimens)


@dataclass(frozen=True, slots=True)
class Directory:
    """The registered sources by what MSH says."""

    senders: Mapping[tuple[str, str], Sender]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, ...]]) -> Directory:
        """Take (application, facility, code, character set) and, where it is demanded, the name in a certificate.

        An unknown character set is read as UTF-8.
        """
        known: dict[str, str] = {}
        senders = {}
        for application, facility, code, charset, *certificate in rows:
            if charset not in known:
                known[charset] = charset if find_codec(charset) else "utf-8"
            senders[application, facility] = Sender(code, known[charset], *certificate)
        return cls(senders)

    def find(self, header: Header) -> Sender | None:
        """Return the source that MSH-3 and MSH-4 name as sent, else by their first components."""
        whole = (header.sending_application, header.sending_facility)
        component = header.delimiters.component
        first = (whole[0].split(component)[0], whole[1].split(component)[0])
        return self.senders.get(whole) or self.senders.get(first)


def directory() -> Directory:
    """Load the registered sources."""
    names = ("sending_application", "sending_facility", "code", "default_charset", "certificate")
    return Directory.of(Source.objects.filter(protocol="hl7v2").values_list(*names))


def sources_by_code(*, on: dt.date) -> dict[str, SourceFacts]:
    """Return the registered sources with the place of their facilities on a day."""
    return _placed(list(Source.objects.all()), on=on)


def sources_of_facility(facility_id: int, *, on: dt.date) -> dict[str, SourceFacts]:
    """Return the registered sources of one facility by their codes."""
    return _placed(list(Source.objects.filter(facility_id=facility_id)), on=on)


def source_by_code(code: str, *, on: dt.date) -> SourceFacts | None:
    """Return one registered source; None where there is none of that code."""
    return _placed(list(Source.objects.filter(code=code)), on=on).get(code)


def sender_label(header: Header) -> str:
    """Name a sender as MSH-3 and MSH-4 do, for people."""
    return " / ".join(part for part in (header.sending_application, header.sending_facility) if part)


def _placed(rows: Sequence[Source], *, on: dt.date) -> dict[str, SourceFacts]:
    facilities = registry.facilities({row.facility_id for row in rows}, on=on)
    return {row.code: _facts(row, facilities[row.facility_id]) for row in rows}


def _facts(row: Source, facility: registry.FacilityFacts) -> SourceFacts:
    return SourceFacts(
        id=row.pk,
        code=row.code,
        name=facility.name,
        facility_id=row.facility_id,
        facility_code=facility.code,
        laboratory_id=row.laboratory_id or registry.laboratory_of_facility(row.facility_id),
        region_path=facility.region_path,
        zone=ZoneInfo(facility.time_zone),
        default_charset=row.default_charset,
        protocol=row.protocol,
        control_specimens=tuple(row.control_specimens.split()),
        tube_number=row.tube_number,
        tube_days=row.tube_days,
        dicomweb_url=row.dicomweb_url,
    )
