"""What the pages ask for."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

Choices = list[tuple[str, str]]
SORTS = ("item", "laboratory", "until")


class RegisterForm(forms.Form):
    """What to look for in the register; everything may be left out."""

    q = forms.CharField(label=_("Test"), max_length=100, required=False)
    laboratory = forms.TypedChoiceField(label=_("Laboratory"), required=False, coerce=int, empty_value=None)
    region = forms.ChoiceField(label=_("Recognised within"), required=False)
    on = forms.DateField(
        label=_("On the day"), required=False, error_messages={"invalid": _("Write the day as 2026-11-23.")}
    )
    sort = forms.ChoiceField(choices=[(name, name) for name in SORTS], required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, laboratories: Choices, regions: Choices, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's form takes
        self.fields["laboratory"].choices = [("", _("All laboratories")), *laboratories]  # type: ignore[attr-defined]
        self.fields["region"].choices = [("", _("Any range")), *regions]  # type: ignore[attr-defined]


class RightsForm(forms.Form):
    """Which rights of one's own laboratories to show."""

    STATES = (
        ("", _("Any state")),
        ("in_force", _("In force")),
        ("suspended", _("Suspended")),
        ("revoked", _("Revoked")),
        ("refused", _("Refused")),
    )
    q = forms.CharField(label=_("Test"), max_length=100, required=False)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    laboratory = forms.TypedChoiceField(label=_("Laboratory"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: object, laboratories: Choices, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's form takes
        self.fields["laboratory"].choices = [("", _("All laboratories")), *laboratories]  # type: ignore[attr-defined]


class RulesForm(forms.Form):
    """Whose rules to show, and of which day."""

    region = forms.ChoiceField(label=_("Region"), required=False)
    on = forms.DateField(
        label=_("On the day"), required=False, error_messages={"invalid": _("Write the day as 2026-11-23.")}
    )

    def __init__(self, *args: object, regions: Choices, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's form takes
        self.fields["region"].choices = [("", ""), *regions]  # type: ignore[attr-defined]


class RevokeForm(forms.Form):
    """From which day a right is taken away, and why."""

    since = forms.DateField(
        label=_("From the day"),
        error_messages={"required": _("Write the day."), "invalid": _("Write the day as 2026-11-23.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write the reason, in 500 characters at most."),
            "max_length": _("Write the reason, in 500 characters at most."),
        },
    )


class LiftForm(forms.Form):
    """Why a revocation ends."""

    reason = RevokeForm.base_fields["reason"]


def day_of(form: forms.Form, today: dt.date) -> dt.date:
    """Return the day that a valid form names, else today."""
    return form.cleaned_data.get("on") or today if form.is_valid() else today
