"""The words for what is registered of a sender."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.exchange.registration.entry import ASTM, DICOM, FILES, HL7V2

PROTOCOLS = {
    HL7V2: gettext_lazy("HL7 v2 over MLLP"),
    ASTM: gettext_lazy("ASTM over TCP"),
    DICOM: gettext_lazy("DICOM"),
    FILES: gettext_lazy("Files, JSON push or FHIR, without a listener"),
}
TUBES = {
    "specimen": gettext_lazy("Number of the specimen or tube (SPM-2, SPM-30, SAC-3)"),
    "placer": gettext_lazy("Placer order number (OBR-2)"),
    "filler": gettext_lazy("Filler order number (OBR-3)"),
    "none": gettext_lazy("None that orders have"),
}


def protocol_words(protocol: str) -> str:
    return str(PROTOCOLS.get(protocol, protocol))


def action_words(action: str) -> str:
    words = {
        "register-source": _("registered"),
        "change-source": _("changed"),
        "open-certification": _("entrance test opened"),
        "close-certification": _("entrance test closed"),
    }
    return words.get(action, action)


def column_words(name: str) -> str:
    """Return what people call a column of a sender; of one that they know by no other name, the name itself."""
    words = {
        "protocol": _("Protocol"),
        "sending_application": _("Name (MSH-3, H-5 or AE title)"),
        "sending_facility": "MSH-4",
        "certificate": _("Name in the client certificate"),
        "peer_address": _("Address"),
        "listening_port": _("Port"),
        "control_specimens": _("Specimen numbers of controls"),
        "tube_number": _("Number on the tubes"),
        "tube_days": _("Days for which a number is that of one tube"),
        "dicomweb_url": _("Address of the image archive"),
        "facility_id": _("Facility"),
        "laboratory_id": _("Laboratory"),
        "default_charset": _("Character set"),
        "run": _("Test run"),
        "edition": _("Edition of the cases"),
        "has_passed": _("Cases passed"),
    }
    return words.get(name, name)


def value_words(name: str, value: object) -> str:
    """Return a value of the history, or two with an arrow, in words where the column keeps a code."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = {"protocol": PROTOCOLS, "tube_number": TUBES}.get(name)
    if words is None:
        return str(value)
    return " → ".join(str(words.get(part, part)) for part in str(value).split(" → "))
