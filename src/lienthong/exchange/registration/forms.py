"""What an administrator says of a sender, and a message that is tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.exchange.registration.entry import ASTM, DICOM, HL7V2, LONGEST, SenderEntry
from lienthong.exchange.registration.wording import PROTOCOLS, TUBES
from lienthong.findings import Finding
from lienthong.interop import hl7v2

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WIDE = {"class": "full"}
# The field in which a sender of each protocol is named.
NAME_FIELDS = {HL7V2: "sending_application", ASTM: "analyzer_name", DICOM: "ae_title"}
# What senders in the region write where MSH-18 is empty; the codes are those of HL7 table 0211 where it has them.
CHARSETS = (
    ("utf-8", "UTF-8"),
    ("GB 18030-2000", "GB18030 (GBK, GB2312)"),
    ("TCVN3", "TCVN3 (ABC)"),
    ("VISCII", "VISCII"),
    ("8859/1", "ISO 8859-1"),
    ("ASCII", "ASCII"),
)


def _name(label: _StrPromise) -> forms.CharField:
    """A name that may be left blank."""
    return forms.CharField(label=label, max_length=LONGEST, required=False, widget=forms.TextInput(attrs=WIDE))


class SenderForm(forms.Form):
    """A sender's own code, its protocol, what it is known by in that protocol, where it stands, and how it is read.

    `sending_application`, `analyzer_name` and `ae_title` are one column: MSH-3 of a system, H-5 of an analyser, the
    title of a DICOM entity.
    """

    code = forms.SlugField(
        label=gettext_lazy("Code of the sender"),
        max_length=60,
        widget=forms.TextInput(attrs=WIDE),
        error_messages={
            "required": gettext_lazy("Give the sender a code"),
            "invalid": gettext_lazy("Write the code with letters A–Z, digits, - and _ only"),
        },
    )
    protocol = forms.ChoiceField(
        label=gettext_lazy("Protocol"), choices=list(PROTOCOLS.items()), initial=HL7V2, widget=forms.Select(WIDE)
    )
    sending_application = _name(gettext_lazy("MSH-3, the sending application"))
    sending_facility = _name(gettext_lazy("MSH-4, the sending facility"))
    certificate = _name(gettext_lazy("Name that its client certificate must carry"))
    analyzer_name = _name(gettext_lazy("H-5, the name of the analyser"))
    ae_title = _name(gettext_lazy("Application entity title by which it calls"))
    dicomweb_url = _name(gettext_lazy("Address of its image archive (DICOMweb)"))
    peer_address = forms.GenericIPAddressField(
        label=gettext_lazy("Address from which it calls"),
        required=False,
        widget=forms.TextInput(attrs=WIDE),
        error_messages={"invalid": gettext_lazy("Write the address as numbers, such as 10.0.0.7")},
    )
    listening_port = forms.IntegerField(
        label=gettext_lazy("Port that it calls"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "in-m"}),
        error_messages={"invalid": gettext_lazy("Give the port as a number from 1 to 65535")},
    )
    control_specimens = _name(gettext_lazy("Specimen numbers of controls"))
    tube_number = forms.ChoiceField(
        label=gettext_lazy("Number on the tubes"),
        choices=list(TUBES.items()),
        initial="specimen",
        required=False,
        widget=forms.Select(WIDE),
    )
    tube_days = forms.IntegerField(
        label=gettext_lazy("Days for which a number is that of one tube"),
        initial=7,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "in-m"}),
        error_messages={"invalid": gettext_lazy("Give the days as a number")},
    )
    facility = forms.ChoiceField(
        label=gettext_lazy("Facility"),
        widget=forms.Select(WIDE),
        error_messages={
            "required": gettext_lazy("Choose the facility whose results it sends"),
            "invalid_choice": gettext_lazy("Choose the facility whose results it sends"),
        },
    )
    laboratory = forms.ChoiceField(label=gettext_lazy("Laboratory"), required=False, widget=forms.Select(WIDE))
    default_charset = forms.ChoiceField(
        label=gettext_lazy("Character set where the message names none"), initial="utf-8", widget=forms.Select(WIDE)
    )

    def __init__(
        self,
        *args: object,
        facilities: Sequence[tuple[str, str]],
        laboratories: Sequence[tuple[str, str]],
        is_registered: bool = False,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["facility"].choices = [("", "–"), *facilities]  # type: ignore[attr-defined]  # a ChoiceField
        only = (("", _("the facility's only one")), *laboratories)
        self.fields["laboratory"].choices = only  # type: ignore[attr-defined]  # a ChoiceField
        kept = self.initial.get("default_charset")
        offered = [pair for pair in CHARSETS if hl7v2.find_codec(pair[0])]
        more = [] if kept in (None, *(code for code, _name in offered)) else [(kept, kept)]
        self.fields["default_charset"].choices = [*offered, *more]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["code"].disabled = is_registered

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        protocol = str(cleaned.get("protocol"))
        own = NAME_FIELDS.get(protocol)
        for other in NAME_FIELDS.values():
            if protocol in PROTOCOLS and other != own and cleaned.get(other):
                self.add_error(other, _("The sender speaks another protocol; leave this empty."))
        return cleaned

    def entry(self) -> SenderEntry:
        """Return what is to be registered."""
        given = self.cleaned_data
        columns = "code facility protocol sending_facility certificate listening_port default_charset control_specimens"
        columns += " dicomweb_url"
        return SenderEntry(
            **{name: given[name] for name in columns.split()},
            sending_application=given.get(self._name_field(), ""),
            peer_address=given["peer_address"] or None,
            tube_number=given["tube_number"] or "specimen",
            tube_days=7 if given["tube_days"] is None else given["tube_days"],
            laboratory_id=int(given["laboratory"]) if given["laboratory"] else None,
        )

    def take_faults(self, faults: Iterable[Finding]) -> None:
        """Show beside the field why it was refused."""
        for fault in faults:
            where = self._name_field() if fault.where == "sending_application" else fault.where
            self.add_error(where if where in self.fields else "code", fault.message)

    def _name_field(self) -> str:
        return NAME_FIELDS.get(self.cleaned_data["protocol"], "sending_application")


class TryForm(forms.Form):
    """A message that is tried: pasted, or a file as it went over the wire."""

    file = forms.FileField(label=gettext_lazy("File with one message"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or the message as text"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "full", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        if not cleaned.get("file") and not str(cleaned.get("text") or "").strip():
            self.add_error("text", _("Choose a file or paste a message"))
        return cleaned

    def message(self) -> bytes:
        """Return the bytes: of text, in UTF-8 and with the carriage returns that browsers turn into line ends."""
        if file := self.cleaned_data.get("file"):
            return bytes(file.read())
        lines = [line.strip("\r\n") for line in self.cleaned_data["text"].strip().splitlines()]
        return ("\r".join(lines) + "\r").encode()
