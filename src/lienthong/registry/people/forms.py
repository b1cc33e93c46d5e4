"""What an administrator says of people: whom to list, who gets which role where, and why something ends."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.registry.access import Role
from lienthong.registry.people.lookups import Standing, Wanted
from lienthong.registry.people.wording import KINDS, STANDINGS

WIDE = {"class": "full"}
MIDDLE = {"class": "in-m"}


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


class RoleForm(forms.Form):
    """A role, and the place in which it holds."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    kind = forms.ChoiceField(label=gettext_lazy("It holds in a"), choices=list(KINDS.items()))
    code = forms.CharField(
        label=gettext_lazy("Code of the place"),
        max_length=40,
        widget=forms.TextInput(attrs={**MIDDLE, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give the code of the place.")},
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"),
            choices=[("", _("Choose a role")), *Role.choices],
            error_messages={"required": _("Choose a role.")},
        )

    def place(self) -> dict[str, str]:
        """Return the code of the place under its kind."""
        return {self.cleaned_data["kind"]: self.cleaned_data["code"]}


class NewPersonForm(RoleForm):
    """A person who gets an account with a first role."""

    username = UsernameField(
        label=gettext_lazy("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={**MIDDLE, "autocapitalize": "none", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give a user name.")},
    )
    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=200,
        widget=forms.TextInput(attrs={**WIDE, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give the full name.")},
    )


class WhyForm(forms.Form):
    """Why a role or an account ends."""

    why = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        widget=forms.Textarea(attrs={**WIDE, "rows": 3}),
        error_messages={"required": gettext_lazy("Say why; it stands in the audit log.")},
    )
