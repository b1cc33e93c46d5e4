"""What an administrator says of people: whom to list, and why something ends."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.registry.access import Role
from lienthong.registry.people.lookups import Standing, Wanted
from lienthong.registry.people.wording import STANDINGS


class PeopleForm(forms.Form):
    """Who is listed."""

    q = forms.CharField(label=gettext_lazy("Name or user name"), required=False, max_length=100)
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    standing = forms.ChoiceField(label=gettext_lazy("Which people"), required=False, choices=list(STANDINGS.items()))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices]
        )

    def wanted(self) -> Wanted:
        """Return whom to list; what can't be read counts as not said."""
        data = self.cleaned_data if self.is_valid() else {}
        return Wanted(
            text=data.get("q", ""), role=data.get("role", ""), standing=Standing(data.get("standing") or "in-role")
        )


class WhyForm(forms.Form):
    """Why a role or an account ends."""

    why = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        widget=forms.Textarea(attrs={"class": "full", "rows": 3}),
        error_messages={"required": gettext_lazy("Say why; it stands in the audit log.")},
    )
