"""What people hand in by a page: a file with results, or a PDF with what is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.limits import most_delivery_bytes
from lienthong.exchange.deliveries.report_form import LONGEST, PatientForm, ReportForm, encode_report
from lienthong.exchange.models import Source
from lienthong.findings import Finding

WIDE = {"class": "full"}
SEXES = (("U", gettext_lazy("not known")), ("F", gettext_lazy("female")), ("M", gettext_lazy("male")))
STATUSES = (
    ("final", gettext_lazy("final")),
    ("preliminary", gettext_lazy("preliminary")),
    ("corrected", gettext_lazy("corrected")),
)


def _text(label: object, longest: int, *, is_required: bool = False) -> forms.CharField:
    missing = {"required": gettext_lazy("Fill this in")}
    widget = forms.TextInput(attrs=WIDE)
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # a text that is translated when it is shown
        max_length=longest,
        required=is_required,
        widget=widget,
        error_messages=missing,
    )


class _Handed(forms.Form):
    """For which sender, and the file."""

    source = forms.ChoiceField(label=gettext_lazy("Sender"), widget=forms.Select(attrs=WIDE))
    file = forms.FileField(
        label=gettext_lazy("File"),
        error_messages={"required": gettext_lazy("Choose the file"), "empty": gettext_lazy("The file is empty")},
        widget=forms.ClearableFileInput(attrs=WIDE),
    )

    def __init__(self, *args: object, sources: Iterable[Source], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        choices = [(one.code, f"{one.code}: {one.facility.name}") for one in sources]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean_file(self) -> object:
        file, most = self.cleaned_data["file"], most_delivery_bytes()
        if file.size > most:
            raise forms.ValidationError(_("The file is larger than %(most)d MB") % {"most": most // 1024**2})
        return file

    def take_faults(self, faults: Iterable[Finding]) -> None:
        """Show beside the file why it was refused."""
        for fault in faults:
            self.add_error("file", fault.message)


class FileForm(_Handed):
    """A file with results."""


class PdfForm(_Handed):
    """A report as a PDF, and what is known of it."""

    patient_number = _text(gettext_lazy("Patient number"), LONGEST, is_required=True)
    name = _text(gettext_lazy("Patient's name"), 200)
    birth_date = forms.DateField(
        label=gettext_lazy("Birth date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=SEXES, required=False)
    national_number = _text(gettext_lazy("National number"), LONGEST)
    number = _text(gettext_lazy("Report number"), LONGEST, is_required=True)
    service = _text(gettext_lazy("Service"), 200, is_required=True)
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=STATUSES)
    collected_at = forms.DateTimeField(
        label=gettext_lazy("Examined at"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    released_at = forms.DateTimeField(
        label=gettext_lazy("Released at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def metadata(self) -> bytes:
        """Return what is said of the PDF as a report without it."""
        said = self.cleaned_data
        born: dt.date | None = said["birth_date"]
        patient = PatientForm(
            number=said["patient_number"],
            name=said["name"],
            birth_date=born.isoformat() if born else "",
            sex=said["sex"] or "U",
            national_number=said["national_number"],
        )
        report = ReportForm(
            number=said["number"],
            patient=patient,
            service=said["service"],
            status=said["status"],
            collected_at=_local(said["collected_at"]),
            released_at=_local(said["released_at"]),
        )
        return encode_report(report)


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return timezone.localtime(moment) if moment else None
