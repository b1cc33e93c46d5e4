"""What is registered of a sender, and whether it makes sense by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from django.utils.translation import gettext as _

from lienthong.exchange.imaging.archive import origin_of
from lienthong.findings import Finding
from lienthong.interop import hl7v2

HL7V2, ASTM, DICOM, FILES = "hl7v2", "astm", "dicom", "files"
LONGEST_TITLE = 16  # of an application entity (PS3.5, VR AE)
MOST_DAYS = 366
TUBE_NUMBERS = ("specimen", "placer", "filler", "none")
LONGEST = 200  # characters of a name and of the patterns, as the columns hold them
_STANDS_FOR_ANY = re.compile(r"\[[^\]]*\]|[*?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderEntry:
    """A sender as it is registered; `facility` is its licence code.

    MSH-3 and MSH-4 name one that speaks HL7, and `certificate` is the name (the subject's common name or an
    alternative name) that its client certificate must carry, if one is demanded. An analyser (`protocol` is `astm`) is
    known by `sending_application` (H-5), the address it calls from and the port that it calls, as far as these are
    given. `control_specimens` are patterns, apart by spaces, of specimen numbers that are controls. `tube_number` says
    which number of an order a tube bears (specimen, placer, filler, none), `tube_days` for how many calendar days no
    number is given to a second tube: by these an order tells the patient where the message does not. An archive or a
    device that speaks DICOM is known by its application entity title (`sending_application`) and, where they are given,
    by address and certificate. One of files (`protocol` is `files`) calls no listener and is known by its code alone.
    `dicomweb_url` is the address of the sender's image archive.
    """

    code: str
    facility: str
    laboratory_id: int | None = None
    protocol: str = HL7V2
    sending_application: str = ""
    sending_facility: str = ""
    certificate: str = ""
    peer_address: str | None = None
    listening_port: int | None = None
    default_charset: str = "utf-8"
    control_specimens: str = ""
    tube_number: str = "specimen"
    tube_days: int = 7
    dicomweb_url: str = ""

    @property
    def is_analyzer(self) -> bool:
        return self.protocol == ASTM

    def in_order(self) -> SenderEntry:
        """Return it as it is kept: without needless spaces, the address in its usual form."""
        patterns = " ".join(self.control_specimens.split())
        address = (self.peer_address or "").strip()
        return replace(
            self,
            peer_address=_usual_form(address) or address or None,
            certificate=self.certificate.strip(),
            dicomweb_url=self.dicomweb_url.strip().rstrip("/"),
            control_specimens=patterns,
        )


def faults(entry: SenderEntry) -> list[Finding]:
    """Check an entry to its end; where a fault is, is the name of the field."""
    own = {HL7V2: _of_hl7, ASTM: _of_analyzer, DICOM: _of_dicom, FILES: _of_files}.get(entry.protocol, _of_no_protocol)
    return [*own(entry), *_of_any(entry)]


def _of_no_protocol(_entry: SenderEntry) -> Iterator[Finding]:
    yield Finding("protocol", "protocol-unknown", _("Choose one of the ways that are offered."))


def _of_hl7(entry: SenderEntry) -> Iterator[Finding]:
    if not (entry.sending_application or entry.sending_facility):
        told = _("Give MSH-3 or MSH-4, or both, exactly as the system sends them")
        yield Finding("sending_application", "empty", told)
    told = _("Only an analyser that speaks ASTM is known by this; leave it empty.")
    if entry.peer_address:
        yield Finding("peer_address", "not-of-protocol", told)
    if entry.listening_port:
        yield Finding("listening_port", "not-of-protocol", told)


def _of_analyzer(entry: SenderEntry) -> Iterator[Finding]:
    if not (entry.sending_application or entry.peer_address or entry.listening_port):
        message = _("Give what the analyser is known by: the name in H-5, its address, or the port that it calls.")
        yield Finding("sending_application", "empty", message)
    if entry.sending_facility:
        told = _("Only a system that speaks HL7 v2 sends it; leave it empty.")
        yield Finding("sending_facility", "not-of-protocol", told)
    if entry.certificate:
        told = _("ASTM has no certificates: only of a system that speaks HL7 v2 can one be demanded. Leave it empty.")
        yield Finding("certificate", "not-of-protocol", told)
    if entry.peer_address and not _usual_form(entry.peer_address):
        yield Finding("peer_address", "address", _("Write the address as numbers, such as 10.0.0.7"))
    if entry.listening_port is not None and not 0 < entry.listening_port < 65536:
        yield Finding("listening_port", "port", _("Give the port as a number from 1 to 65535"))


def _of_dicom(entry: SenderEntry) -> Iterator[Finding]:
    title = entry.sending_application.strip()
    if not 0 < len(title) <= LONGEST_TITLE or not title.isascii() or "\\" in title:
        told = _("Give the application entity title by which it calls: 1 to 16 letters, digits or signs.")
        yield Finding("sending_application", "title", told)
    if entry.sending_facility:
        told = _("Only a system that speaks HL7 v2 sends it; leave it empty.")
        yield Finding("sending_facility", "not-of-protocol", told)
    if entry.listening_port:
        told = _("Only an analyser that speaks ASTM is known by this; leave it empty.")
        yield Finding("listening_port", "not-of-protocol", told)
    if entry.peer_address and not _usual_form(entry.peer_address):
        yield Finding("peer_address", "address", _("Write the address as numbers, such as 10.0.0.7"))


def _of_files(entry: SenderEntry) -> Iterator[Finding]:
    told = _("It calls no listener, so that nothing names it there; leave it empty.")
    for name in ("sending_application", "sending_facility", "certificate", "peer_address", "listening_port"):
        if getattr(entry, name):
            yield Finding(name, "not-of-protocol", told)


def _of_any(entry: SenderEntry) -> Iterator[Finding]:
    if hl7v2.find_codec(entry.default_charset) is None:
        yield Finding("default_charset", "charset-unknown", _("This character set is not known."))
    if entry.dicomweb_url and origin_of(entry.dicomweb_url) is None:
        told = _("Write the address of the archive as https://pacs.example.org/dicom-web, without a user’s name")
        yield Finding("dicomweb_url", "address", told)
    if entry.tube_number not in TUBE_NUMBERS:
        yield Finding("tube_number", "tube-number-unknown", _("Choose which number the tubes bear."))
    if not 0 < entry.tube_days <= MOST_DAYS:
        told = _("Give the days as a number from 1 to %(number)s") % {"number": MOST_DAYS}
        yield Finding("tube_days", "tube-days", told)
    long = _("This is longer than %(number)s characters.") % {"number": LONGEST}
    for name in ("sending_application", "sending_facility", "certificate", "control_specimens", "dicomweb_url"):
        if len(getattr(entry, name)) > LONGEST:
            yield Finding(name, "too-long", long)
    # A pattern that fits every number would keep the results of all patients from them.
    if not all(_STANDS_FOR_ANY.sub("", pattern) for pattern in entry.control_specimens.split()):
        message = _(
            "A pattern that fits every number would take each patient for a control; write the signs they share."
        )
        yield Finding("control_specimens", "fits-all", message)


def _usual_form(address: str) -> str:
    """Return an IPv4 or IPv6 address as RFC 5952 writes it; empty where it is none."""
    try:
        return str(ip_address(address))
    except ValueError:
        return ""
