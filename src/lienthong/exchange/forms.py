"""What people send: a proposed mapping, and why a message is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.exchange.terms.specimens import KINDS
from lienthong.exchange.wording import SPECIMENS
from lienthong.findings import Finding

OTHER = "other"
WIDE = {"class": "full"}
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")


def first_day_field() -> forms.DateField:
    """Return the field of a proposal that asks from which day it holds."""
    return forms.DateField(
        label=gettext_lazy("Holds from"),
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(attrs={"class": "in-m", "type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Give the day from which it holds"),
            "invalid": gettext_lazy("Write a day, such as 31/12/2026 or 2026-12-31"),
        },
    )


class ProposeForm(forms.Form):
    """What a code means: a suggested analyte or another one, if needed the measuring system, and from which day."""

    analyte = forms.CharField(
        label=gettext_lazy("What is it?"), error_messages={"required": gettext_lazy("Choose what the code means")}
    )
    another = forms.ChoiceField(label=gettext_lazy("Another analyte"), required=False, widget=forms.Select(WIDE))
    procedure = forms.ChoiceField(label=gettext_lazy("Measuring system"), required=False, widget=forms.Select(WIDE))
    equipment = forms.CharField(
        label=gettext_lazy("Only from this analyser"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs=WIDE),
    )
    specimen = forms.ChoiceField(label=gettext_lazy("Only in this specimen"), required=False, widget=forms.Select(WIDE))
    valid_from = first_day_field()

    def __init__(
        self,
        *args: object,
        analytes: Sequence[tuple[str, str]],
        procedures: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        empty = [("", "–")]
        self.fields["another"].choices = [*empty, *analytes]  # type: ignore[attr-defined]  # a ChoiceField
        kinds = [(kind, SPECIMENS[kind]) for kind in KINDS]
        self.fields["specimen"].choices = [("", _("any")), *kinds]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["procedure"].choices = [*empty, *procedures]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("analyte") == OTHER:
            cleaned["analyte"] = cleaned.get("another") or ""
            if not cleaned["analyte"]:
                self.add_error("another", _("Choose the other analyte"))
        return cleaned

    def take_faults(self, faults: Iterable[Finding]) -> None:
        """Show beside the analyte why it was refused."""
        for fault in faults:
            self.add_error("analyte", fault.message)


class MappingFileForm(forms.Form):
    """A table of mappings as a file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        error_messages={"required": gettext_lazy("Choose the file with the table")},
        widget=forms.ClearableFileInput(attrs={"class": "full", "accept": ".xlsx,.csv,.txt"}),
    )


class AffirmForm(forms.Form):
    """How it is known that what a held message says again holds now."""

    why = forms.CharField(
        label=gettext_lazy("Who in the laboratory said so, and why was it changed back?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, **WIDE}),
        error_messages={"required": gettext_lazy("Say who and why, without the patient's name")},
    )


class SetAsideForm(forms.Form):
    """Why a held message is closed for good."""

    why = forms.CharField(
        label=gettext_lazy("Why is it set aside?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, **WIDE}),
        error_messages={"required": gettext_lazy("Say why, without the patient's name")},
    )
