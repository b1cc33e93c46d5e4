"""How one receiver of HL7 v2 is reached and what it wants: the settings of its outlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from lienthong.core.addresses import outside_address
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import find_codec

ORDERS, REACH, ALL = "orders", "reach", "all"
ORIGINAL, ENHANCED = "original", "enhanced"
CHARSETS = ("UNICODE UTF-8", "GB 18030-2000", "GBK", "WINDOWS-1258")
LANGUAGES = ("vi", "zh-hans", "en")
LONGEST_HD = 180  # of HD, as MSH-3 to MSH-6 hold it (v2.5.1, table of field lengths 227)
MOST_SECONDS = 300
NO_FILES, LINKS, EMBEDDED = "none", "links", "embedded"
MOST_KILOBYTES = 10 * 1024  # Base64 makes 13.4 MB of it; receivers often take no message above 16 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Hl7Settings:
    """Where a receiver listens and what it is sent.

    `tls_name` is the name that its certificate must have, where that is not `host`. `reports` says which: those that
    answer an order of the facility (`orders`), all of other facilities that it may read (`reach`), or its own as well
    (`all`). `acknowledgment` is HL7's original mode (AA, AE, AR) or the enhanced one (CA, CE, CR; MSH-15 AL, MSH-16
    NE). `withdrawn` is OBX-11 of a withdrawn result, W or D. `language` is that of the notes on marks.

    `attachments` says what is told of the files and pictures beside a report: nothing (`none`), where they are read
    (`links`), or themselves (`embedded`), `attachment_kilobytes` of them in a message at most and the rest as links.
    """

    host: str = ""
    port: int = 0
    tls: bool = True
    tls_name: str = ""
    sending_application: str = "LIENTHONG"
    sending_facility: str = "LIENTHONG"
    receiving_application: str = ""
    receiving_facility: str = ""
    charset: str = CHARSETS[0]
    reports: str = ORDERS
    acknowledgment: str = ORIGINAL
    withdrawn: str = "W"
    language: str = "vi"
    attachments: str = NO_FILES
    attachment_kilobytes: int = 2048
    answer_seconds: int = 30

    def plain(self) -> dict[str, Any]:
        """Return the settings as an outlet keeps them."""
        return asdict(self)


def read_settings(kept: Mapping[str, Any]) -> Hl7Settings:
    """Return the settings of an outlet; what is not among them has its usual value."""
    names = {one.name for one in fields(Hl7Settings)}
    return Hl7Settings(**{name: value for name, value in kept.items() if name in names})


def faults(one: Hl7Settings) -> list[Finding]:
    """Return what of settings can't be, by their names."""
    checks = (
        ("host", bool(one.host) and not any(sign.isspace() for sign in one.host), _("Name the receiver's host.")),
        ("port", 1 <= one.port <= 65535, _("A port is a number from 1 to 65535.")),
        ("charset", find_codec(one.charset) is not None, _("This character set is not known (HL7 table 0211).")),
        ("reports", one.reports in (ORDERS, REACH, ALL), _("Choose orders, reach or all.")),
        ("acknowledgment", one.acknowledgment in (ORIGINAL, ENHANCED), _("Choose original or enhanced.")),
        ("withdrawn", one.withdrawn in ("W", "D"), _("Choose W or D.")),
        ("language", one.language in LANGUAGES, _("Choose vi, zh-hans or en.")),
        ("attachments", one.attachments in (NO_FILES, LINKS, EMBEDDED), _("Choose none, links or embedded.")),
        (
            "files",
            one.attachments == NO_FILES or bool(outside_address("/")),
            _("For links the operator must set LIENTHONG_PUBLIC_URL."),
        ),
        (
            "attachment_kilobytes",
            1 <= one.attachment_kilobytes <= MOST_KILOBYTES,
            _("A message takes from 1 to 10240 kilobytes of files."),
        ),
        ("answer_seconds", 1 <= one.answer_seconds <= MOST_SECONDS, _("Wait from 1 to 300 seconds for an answer.")),
    )
    found = [Finding(name, name, told) for name, holds, told in checks if not holds]
    for name in ("sending_application", "sending_facility", "receiving_application", "receiving_facility"):
        text = getattr(one, name)
        if len(text) > LONGEST_HD or any(sign in "|~\\&\r\n" for sign in text):
            told = _("At most 180 signs, without | ~ \\ & and line ends; ^ parts components.")
            found.append(Finding(name, name, told))
    return found
