"""What people may enter on the pages of the registry."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer
from lienthong.registry.models import Facility

MOST_BYTES = 10 * 1024 * 1024


class FacilitiesForm(forms.Form):
    """Which facilities are listed."""

    q = forms.CharField(label=gettext_lazy("Name or code"), required=False, max_length=100)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    ownership = forms.ChoiceField(label=gettext_lazy("Ownership"), required=False)

    def __init__(self, data: QueryDict, *, regions: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["region"] = forms.ChoiceField(
            label=_("Region"), required=False, choices=[("", _("All regions")), *regions]
        )
        self.fields["ownership"] = forms.ChoiceField(
            label=_("Ownership"), required=False, choices=[("", _("Public and private")), *Facility.Ownership.choices]
        )


class TableForm(forms.Form):
    """A file and the kind of table that it holds: one of those that the user may bring in."""

    kind = forms.ChoiceField(label=gettext_lazy("What does the file hold?"))
    file = forms.FileField(label=gettext_lazy("File"), max_length=200)

    def __init__(
        self,
        kinds: Iterable[Importer],
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
    ) -> None:
        super().__init__(data, files)
        choices = [("", _("Choose what it holds")), *((one.kind, str(one.title)) for one in kinds)]
        self.fields["kind"] = forms.ChoiceField(
            label=_("What does the file hold?"),
            choices=choices,
            error_messages={"required": _("Choose what the file holds.")},
        )
        self.fields["file"] = forms.FileField(
            label=_("File"),
            max_length=200,
            error_messages={
                "required": _("Choose a file, Excel (.xlsx) or CSV."),
                "empty": _("The file is empty; save it again and choose it anew."),
            },
        )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB; bring it in parts."))
        return file
