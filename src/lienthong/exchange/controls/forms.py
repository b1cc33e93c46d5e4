"""What people send of a control material: the lot and level that it is, and from which day."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.exchange.controls.book import fits_material
from lienthong.exchange.forms import WIDE, first_day_field


class ControlMappingForm(forms.Form):
    """A lot and level of the laboratory's, and the material as sent or with `*` for what changes in it."""

    material = forms.CharField(
        label=gettext_lazy("Control material as sent"),
        max_length=100,
        widget=forms.TextInput(WIDE),
        error_messages={"required": gettext_lazy("Give the material as it is sent")},
    )
    control_lot = forms.TypedChoiceField(
        label=gettext_lazy("Lot and level"),
        coerce=int,
        widget=forms.Select(WIDE),
        error_messages={"required": gettext_lazy("Choose the lot and level that it is")},
    )
    valid_from = first_day_field()

    def __init__(self, *args: object, told: str, lots: Sequence[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.told = told
        self.fields["control_lot"].choices = [("", "–"), *lots]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_material(self) -> str:
        """A pattern must fit what was told, and say more than that anything may be told."""
        material = str(self.cleaned_data["material"])
        if not fits_material(material, self.told) or not material.strip("* "):
            raise forms.ValidationError(_("This does not fit the material that waits; * stands for any signs."))
        return material
