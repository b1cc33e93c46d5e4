"""What an administrator says of an outlet of HL7 v2, and why one is paused or ended, or a dead letter closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy

from lienthong.exchange.entry_forms import CODE, WIDE, EntryForm, instant_field
from lienthong.exchange.outbound.entry import LONGEST_NAME, OutletEntry
from lienthong.exchange.outbound.hl7v2.settings import (
    CHARSETS,
    LANGUAGES,
    LONGEST_HD,
    MOST_KILOBYTES,
    MOST_SECONDS,
    Hl7Settings,
    read_settings,
)
from lienthong.exchange.outbound.models import Outlet
from lienthong.exchange.outbound.reads import OutletState
from lienthong.exchange.outbound.wording import FILES, MODES, REPORTS, WITHDRAWN

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

OWN_NAMES = dict(zip(LANGUAGES, ("Tiếng Việt", "中文", "English"), strict=True))


def _text(label: str | _StrPromise, *, longest: int = LONGEST_HD, required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs=CODE)
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget)


def _choice(label: str | _StrPromise, choices: Iterable[tuple[str, object]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices), widget=forms.Select(WIDE))


class OutletForm(EntryForm):
    """Code, facility, and how the receiver is reached; code and facility never change."""

    code = _text(gettext_lazy("Code"), longest=60)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs=WIDE))
    facility = forms.ChoiceField(label=gettext_lazy("Facility to which the reports go"), widget=forms.Select(WIDE))
    reports = _choice(gettext_lazy("Which reports"), REPORTS.items())
    host = _text(gettext_lazy("Host"), longest=253)
    port = forms.IntegerField(
        label=gettext_lazy("Port"), min_value=1, max_value=65535, widget=forms.NumberInput(attrs={"class": "in-s"})
    )
    tls = forms.BooleanField(label=gettext_lazy("Connect by TLS"), required=False, initial=True)
    tls_name = _text(gettext_lazy("Name in the receiver's certificate"), longest=253, required=False)
    sending_application = _text(gettext_lazy("MSH-3, the sending application"), required=False)
    sending_facility = _text(gettext_lazy("MSH-4, the sending facility"), required=False)
    receiving_application = _text(gettext_lazy("MSH-5, the receiving application"), required=False)
    receiving_facility = _text(gettext_lazy("MSH-6, the receiving facility"), required=False)
    charset = _choice(gettext_lazy("MSH-18, the character set"), [(one, one) for one in CHARSETS])
    acknowledgment = _choice(gettext_lazy("Acknowledgment"), MODES.items())
    withdrawn = _choice(gettext_lazy("Withdrawn results"), WITHDRAWN.items())
    language = _choice(gettext_lazy("Language of the notes"), OWN_NAMES.items())
    attachments = _choice(gettext_lazy("Files and pictures beside a report"), FILES.items())
    attachment_kilobytes = forms.IntegerField(
        label=gettext_lazy("Kilobytes of files in a message"),
        min_value=1,
        max_value=MOST_KILOBYTES,
        widget=forms.NumberInput(attrs={"class": "in-s"}),
    )
    answer_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds to wait for an answer"),
        min_value=1,
        max_value=MOST_SECONDS,
        widget=forms.NumberInput(attrs={"class": "in-s"}),
    )
    valid_to = instant_field(gettext_lazy("Until when"))

    def settings(self) -> Hl7Settings:
        """Return how the receiver is reached."""
        given = self.cleaned_data
        return Hl7Settings(**{one.name: given[one.name] for one in fields(Hl7Settings)})

    def entry(self) -> OutletEntry:
        """Return what is to be registered."""
        given = self.cleaned_data
        return OutletEntry(
            code=given["code"],
            name=given["name"],
            channel=Outlet.Channel.HL7V2,
            facility=given["facility"],
            settings=self.settings().plain(),
            valid_to=given["valid_to"],
        )


class WhyForm(forms.Form):
    """Why something is stopped."""

    why = forms.CharField(label=gettext_lazy("Why?"), max_length=300, widget=forms.Textarea(attrs={**WIDE, "rows": 3}))


def values_of(facts: OutletState, facility: str) -> dict[str, object]:
    """Return what the form shows of a registered outlet; `facility` is the code of its facility."""
    told = {"code": facts.code, "name": facts.name, "facility": facility, "valid_to": facts.valid_to}
    return {**told, **read_settings(facts.settings).plain()}
