"""Forms of quality control: the corrective action, a typed run, a reset event, a file."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.errors import BadInput
from lienthong.iqc.models import CorrectiveAction, ResetEvent
from lienthong.iqc.targets import TargetFacts

LARGEST_FILE = 10 * 1024 * 1024
DOUBTFUL_Z = 10  # a value this many SD away is more likely mistyped than measured


class NumberField(forms.CharField):
    """A number with a decimal comma or point."""

    def __init__(self, **more: Any) -> None:
        attributes = {"class": "in-s num", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **more)

    def clean(self, value: Any) -> float | None:
        text = super().clean(value).replace(",", ".").replace("−", "-").strip()
        if not text:
            return None
        try:
            number = float(Decimal(text))
        except InvalidOperation as error:
            raise forms.ValidationError(_("This is not a number; write it as 7.5 or 7,5.")) from error
        if not math.isfinite(number):
            raise forms.ValidationError(_("This is not a number; write it as 7.5 or 7,5."))
        return number


def moment_field(label: Any, **more: Any) -> forms.DateTimeField:
    """Return a field for day and time to the minute, in the active zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "in-m"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **more)


class ActionForm(forms.Form):
    """Cause and action, for the violations that one chooses."""

    violations = forms.MultipleChoiceField(
        label=gettext_lazy("Which broken rules does it answer?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose the broken rules that the action answers.")},
    )
    cause = forms.ChoiceField(
        label=gettext_lazy("What was the cause?"),
        widget=forms.RadioSelect,
        choices=CorrectiveAction.Cause.choices,
        error_messages={"required": gettext_lazy("Choose what was the cause.")},
    )
    action = forms.CharField(
        label=gettext_lazy("What did you do?"),
        help_text=gettext_lazy("One or two sentences. The manager reads this at the end of the month."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": gettext_lazy("Say what you did, in one or two sentences.")},
    )
    done_at = moment_field(
        gettext_lazy("When was it done?"), required=False, help_text=gettext_lazy("Empty: just now.")
    )

    def __init__(self, *given: Any, violations: Sequence[tuple[int, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["violations"].choices = [(str(key), words) for key, words in violations]  # type: ignore[attr-defined]

    def violation_ids(self) -> list[int]:
        return [int(key) for key in self.cleaned_data["violations"]]


class RunForm(forms.Form):
    """A run with a field for each level."""

    measured_at = moment_field(gettext_lazy("Measured at"))
    operator = forms.CharField(
        label=gettext_lazy("Operator"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "in-m", "autocomplete": "off"}),
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("The values are what the analyser printed"), required=False, widget=forms.CheckboxInput
    )

    def __init__(self, *given: Any, targets: Iterable[TargetFacts], **more: Any) -> None:
        super().__init__(*given, **more)
        self.targets = {target.level: target for target in targets}
        for level, target in sorted(self.targets.items()):
            parts = {"level": level, "unit": target.unit or "1"}
            self.fields[f"level_{level}"] = NumberField(
                label=_("Level %(level)s, %(unit)s") % parts,
                help_text=_("%(material)s, lot %(lot)s") % {"material": target.material, "lot": target.lot},
                required=False,
            )
        self.order_fields([*(f"level_{level}" for level in sorted(self.targets)), "measured_at", "operator", "is_sure"])

    def level_fields(self) -> list[forms.BoundField]:
        return [self[f"level_{level}"] for level in sorted(self.targets)]

    def values(self) -> dict[int, float]:
        found = {level: self.cleaned_data.get(f"level_{level}") for level in self.targets}
        return {level: value for level, value in found.items() if value is not None}

    @property
    def is_doubtful(self) -> bool:
        return any(error.code == "doubtful" for errors in self.errors.as_data().values() for error in errors)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.values():
            raise forms.ValidationError(_("Enter the value of at least one level."))
        for level, value in self.values().items():
            if abs(self.targets[level].z(value)) > DOUBTFUL_Z and not cleaned.get("is_sure"):
                message = _("This lies very far from the target. Is the decimal point missing?")
                self.add_error(f"level_{level}", forms.ValidationError(message, code="doubtful"))
        return cleaned


class ResetForm(forms.Form):
    """What happened to which systems of an instrument."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened?"), widget=forms.RadioSelect, choices=ResetEvent.Kind.choices
    )
    systems = forms.MultipleChoiceField(
        label=gettext_lazy("Which measuring systems does it concern?"), widget=forms.CheckboxSelectMultiple
    )
    at_event = moment_field(gettext_lazy("When?"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For example the lot of reagent or calibrator."),
        widget=forms.TextInput(attrs={"class": "full"}),
    )

    def __init__(self, *given: Any, systems: Sequence[tuple[int, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["systems"].choices = [(str(key), name) for key, name in systems]  # type: ignore[attr-defined]

    def system_ids(self) -> list[int]:
        return [int(key) for key in self.cleaned_data["systems"]]


class ExcludeForm(forms.Form):
    """Why a value does not count."""

    reason = forms.CharField(
        label=gettext_lazy("Why does this value not count?"),
        help_text=gettext_lazy("Only for a documented analytical reason, such as a wrong vial or a clot."),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "full"}),
    )


class LotForm(forms.Form):
    """The day on which a control lot expires, corrected."""

    expires_on = forms.DateField(
        label=gettext_lazy("On which day does the lot expire?"),
        help_text=gettext_lazy("As printed on the package; the lot may still be used on that day."),
        widget=forms.DateInput(attrs={"class": "in-m", "type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("How do you know?"),
        help_text=gettext_lazy("For example where the right day is printed, or how the wrong one came about."),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "full"}),
    )


class FileForm(forms.Form):
    """A file of control runs or targets, as `label` says."""

    file = forms.FileField(
        help_text=gettext_lazy("Excel (.xlsx) or CSV, from the template. Nothing is stored before you have seen it."),
        widget=forms.FileInput(attrs={"class": "full", "accept": ".csv,.xlsx"}),
    )

    def __init__(self, *given: Any, label: Promise, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["file"].label = str(label)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 10 MB; bring it in parts."))
        return file


def add_findings(form: forms.Form, error: BadInput) -> None:
    """Put each finding beside the field that it names."""
    for finding in error.findings:
        field = finding.where.replace("level ", "level_")
        form.add_error(field if field in form.fields else None, finding.message)


def this_minute(at: dt.datetime) -> dt.datetime:
    """Return the minute of an instant, as forms write it."""
    return timezone.localtime(at).replace(second=0, microsecond=0)
