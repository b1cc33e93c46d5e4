"""What the forms of connected systems and of outlets share: each registers something for a facility, for ever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from django import forms

from lienthong.findings import Finding

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WIDE = {"class": "full"}
CODE = {"class": "full", "spellcheck": "false", "autocomplete": "off"}


class EntryForm(forms.Form):
    """An entry under a name of its own (the field `named_by`), for one facility; neither changes once it is there."""

    named_by: ClassVar[str] = "code"

    def __init__(
        self, *args: object, facilities: Sequence[tuple[str, str]], is_registered: bool = False, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["facility"].choices = [("", "–"), *facilities]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields[self.named_by].disabled = self.fields["facility"].disabled = is_registered

    def take_faults(self, faults: Iterable[Finding]) -> None:
        """Show beside the field why it was refused, beside the name what is of no field."""
        for fault in faults:
            self.add_error(fault.where if fault.where in self.fields else self.named_by, fault.message)


def instant_field(label: str | _StrPromise) -> forms.DateTimeField:
    """Return a field for a date and a time that may be left empty."""
    return forms.DateTimeField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "in-m"}, format="%Y-%m-%dT%H:%M"),
    )
