"""What people send: a file, a step, a certificate, a verdict on a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.eqa.actions import Line
from lienthong.registry.reads import ProcedureFacts

REQUIRED = gettext_lazy("Fill this in")
WIDE_FILE = forms.FileInput(attrs={"class": "full"})
RESULTS = ("", "passed", "failed")


class FileForm(forms.Form):
    """An Excel or CSV file, and whether its good rows are taken where others have faults."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=WIDE_FILE, error_messages={"required": gettext_lazy("Choose a file")}
    )
    good_rows_only = forms.BooleanField(label=gettext_lazy("Store the rows without a fault"), required=False)

    def data_and_name(self) -> tuple[bytes, str]:
        """Return the bytes of the file and its name."""
        upload: UploadedFile = self.cleaned_data["file"]
        return upload.read(), str(upload.name)


class CertificateForm(forms.Form):
    """A certificate of an outside provider; what it says of each procedure stands in fields of their own."""

    scheme = forms.ChoiceField(label=gettext_lazy("Scheme"), error_messages={"required": REQUIRED})
    round_code = forms.CharField(label=gettext_lazy("Round"), max_length=40, error_messages={"required": REQUIRED})
    finished_on = forms.DateField(
        label=gettext_lazy("Day on the report"),
        error_messages={"required": REQUIRED, "invalid": gettext_lazy("Write a day, such as 31/12/2026 or 2026-12-31")},
    )
    number = forms.CharField(
        label=gettext_lazy("Number of the certificate"), max_length=60, error_messages={"required": REQUIRED}
    )
    document = forms.FileField(
        label=gettext_lazy("Document"),
        widget=WIDE_FILE,
        error_messages={"required": gettext_lazy("Choose the document")},
    )

    def __init__(
        self, *args: object, schemes: Sequence[tuple[str, str]], procedures: Sequence[ProcedureFacts], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        self.fields["scheme"].choices = [("", "–"), *schemes]  # type: ignore[attr-defined]  # a ChoiceField
        self.procedures = procedures
        self.lines: list[Line] = []

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        self.lines = [line for one in self.procedures if (line := self._line(one)) is not None]
        if not self.lines and not self.has_error(None):
            self.add_error(None, _("Say for at least one measuring system what the certificate states"))
        return cleaned

    def answers(self) -> list[tuple[ProcedureFacts, str, str]]:
        """Return each procedure with what was chosen and written for it."""
        return [
            (one, self.data.get(f"result-{one.id}", ""), self.data.get(f"percent-{one.id}", ""))
            for one in self.procedures
        ]

    def _line(self, one: ProcedureFacts) -> Line | None:
        result, text = self.data.get(f"result-{one.id}", ""), self.data.get(f"percent-{one.id}", "").strip()
        if result not in RESULTS[1:]:
            return None
        percent = _percent(text)
        if text and percent is None:
            self.add_error(None, _("%(procedure)s: the score must lie between 0 and 100") % {"procedure": one.code})
        return Line(one.id, passed=result == "passed", percent=percent)


class CheckForm(forms.Form):
    """Accept, or refuse with a reason."""

    decision = forms.ChoiceField(
        choices=[("accept", gettext_lazy("Accept")), ("refuse", gettext_lazy("Refuse"))],
        error_messages={"required": gettext_lazy("Choose whether the certificate counts")},
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)

    def clean(self) -> dict[str, object]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("decision") == "refuse" and not cleaned.get("reason"):
            self.add_error("reason", _("Say why the certificate is refused"))
        return cleaned


def _percent(text: str) -> float | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return float(number) if 0 <= number <= 100 else None
