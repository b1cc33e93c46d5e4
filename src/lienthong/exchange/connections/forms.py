"""What an administrator says of a connected system, and the public keys that its engineer handed over."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.access.keys import PublicKey, read_keys
from lienthong.core.access.registration import LONGEST_NAME, SystemEntry
from lienthong.core.access.scopes import fault_of
from lienthong.errors import BadInput
from lienthong.exchange.connections.wording import SCOPES, scope_fault_words
from lienthong.exchange.entry_forms import CODE, WIDE, EntryForm, instant_field
from lienthong.findings import Finding

LARGEST_FILE = 64 * 1024  # bytes


class KeyForm(forms.Form):
    """A JWKS, pasted or as a file."""

    jwks_file = forms.FileField(label=gettext_lazy("File with the public keys (JWKS)"), required=False)
    jwks = forms.CharField(
        label=gettext_lazy("Or the JWKS as text"),
        required=False,
        max_length=LARGEST_FILE,
        widget=forms.Textarea(attrs={**CODE, "rows": 6}),
    )
    keys_of: tuple[PublicKey, ...] = ()

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        try:
            self.keys_of = read_keys(self._text(cleaned))
        except BadInput as refused:
            self._forget()
            for fault in refused.findings:
                self.add_error("jwks", fault.message if fault.where == "jwks" else f"{fault.where}: {fault.message}")
        return cleaned

    def _text(self, cleaned: dict[str, object]) -> str:
        file = cleaned.get("jwks_file")
        if file is None:
            text = str(cleaned.get("jwks") or "")
            if not text.strip():
                raise BadInput([Finding("jwks", "keys-missing", _("Choose a file or paste a JWKS."))])
            return text
        if file.size > LARGEST_FILE:  # type: ignore[attr-defined]  # an uploaded file
            raise BadInput([Finding("jwks", "too-long", _("The file is too long for a JWKS."))])
        try:
            return str(file.read().decode("utf-8-sig"))  # type: ignore[attr-defined]  # an uploaded file
        except UnicodeDecodeError:
            raise BadInput([Finding("jwks", "not-json", _("This is not JSON; a JWKS is needed."))]) from None

    def _forget(self) -> None:
        """Don't show again what was pasted: it may have been a private key."""
        self.data = {name: value for name, value in self.data.items() if name != "jwks"}


class SystemForm(EntryForm):
    """A system's names, its facility, and what it may do."""

    named_by = "client_id"

    client_id = forms.CharField(label="client_id", max_length=100, widget=forms.TextInput(attrs=CODE))
    name = forms.CharField(
        label=gettext_lazy("Name of the system"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs=WIDE)
    )
    facility = forms.ChoiceField(label=gettext_lazy("Facility that it speaks for"), widget=forms.Select(WIDE))
    contact = forms.CharField(
        label=gettext_lazy("Whom to call about it"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs=WIDE),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        required=False,
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    more_scopes = forms.CharField(
        label=gettext_lazy("Further scopes"), required=False, max_length=2000, widget=forms.TextInput(attrs=CODE)
    )
    sources = forms.CharField(
        label=gettext_lazy("Only for these senders"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs=CODE),
    )

    def clean_more_scopes(self) -> str:
        written = str(self.cleaned_data["more_scopes"])
        for scope in written.split():
            if fault := fault_of(scope):
                self.add_error("more_scopes", f"{fault.where}: {scope_fault_words(fault.code)}")
        return written

    def entry(self) -> SystemEntry:
        """Return what is to be registered."""
        given = self.cleaned_data
        return SystemEntry(
            client_id=given["client_id"],
            name=given["name"],
            facility=given["facility"],
            contact=given["contact"],
            scopes=(*given["scopes"], *given["more_scopes"].split()),
            sources=tuple(dict.fromkeys(given["sources"].split())),
        )


class EndKeyForm(forms.Form):
    """Until when a key holds; nothing: it ends now, and its tokens with it."""

    ends_at = instant_field(gettext_lazy("It holds until"))

    def ends(self, *, at: dt.datetime) -> dt.datetime:
        given: dt.datetime | None = self.cleaned_data["ends_at"]
        return given or at


class SuspendForm(forms.Form):
    """Why a system is let in no longer."""

    why = forms.CharField(
        label=gettext_lazy("Why is it suspended?"), max_length=300, widget=forms.Textarea(attrs={**WIDE, "rows": 3})
    )
