"""What people send: a decision on a case, and why a link is undone."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

WHY = {"rows": 3, "class": "full"}
_REQUIRED = {"required": _("Say why: others will rely on it.")}


class DecisionForm(forms.Form):
    """The button pressed, and the reason."""

    decision = forms.ChoiceField(choices=[("same", ""), ("different", ""), ("open", ""), ("back", "")])
    why = forms.CharField(label=_("Why?"), widget=forms.Textarea(WHY), max_length=2000, error_messages=_REQUIRED)


class ReasonForm(forms.Form):
    """Why a merge is undone or a record is taken out."""

    why = forms.CharField(label=_("Why?"), widget=forms.Textarea(WHY), max_length=2000, error_messages=_REQUIRED)
