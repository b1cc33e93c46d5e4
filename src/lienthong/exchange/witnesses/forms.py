"""What an administrator says of a witness."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy

from lienthong.exchange.entry_forms import CODE, WIDE
from lienthong.exchange.witnesses.entry import LONGEST_KEY, LONGEST_NAME, LONGEST_URL, WitnessEntry
from lienthong.findings import Finding


class WitnessForm(forms.Form):
    """Name, address and key."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs=WIDE))
    url = forms.CharField(label=gettext_lazy("Address"), max_length=LONGEST_URL, widget=forms.TextInput(attrs=CODE))
    key = forms.CharField(
        label=gettext_lazy("Key of the witness"), max_length=LONGEST_KEY, widget=forms.TextInput(attrs=CODE)
    )

    def entry(self) -> WitnessEntry:
        """Return what is to be added."""
        given = self.cleaned_data
        return WitnessEntry(name=given["name"], url=given["url"], key=given["key"])

    def take_faults(self, found: Iterable[Finding]) -> None:
        """Show what is wrong at the fields."""
        for one in found:
            self.add_error(one.where, one.message)
