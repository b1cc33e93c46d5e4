"""What people fill in on the pages of patients and orders."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from lienthong.policy import Policy
from lienthong.portal.presenters.people import IDENTITY, INSURANCE
from lienthong.recognition import reads as recognition
from lienthong.registry.reads import FacilityFacts

UNKNOWN, NONE, SOME = "unknown", "none", "some"


class LookUpForm(forms.Form):
    """An identity number or insurance card with the birth date: both must fit exactly."""

    system = forms.ChoiceField(
        choices=[(IDENTITY, _("Identity number")), (INSURANCE, _("Insurance card"))],
        error_messages={"required": _("Choose which number this is.")},
    )
    number = forms.CharField(max_length=40, error_messages={"required": _("Enter the whole number.")})
    birth_date = forms.DateField(
        error_messages={
            "required": _("Enter the birth date."),
            "invalid": _("The birth date is not a date. Write it as in 1968-03-12 or 12/03/1968."),
        }
    )

    def clean_number(self) -> str:
        return "".join(str(self.cleaned_data["number"]).split())


class OrderForm(forms.Form):
    """What is ordered, and what is known of the visit. Nothing is taken for granted: unknown is an answer."""

    facility = forms.TypedChoiceField(coerce=int, error_messages={"required": _("Choose the facility that orders.")})
    number = forms.CharField(max_length=60)
    items = forms.MultipleChoiceField(
        error_messages={
            "required": _("Choose at least one test."),
            "invalid_choice": _("A test is not in the list in force. Choose from the list."),
        }
    )
    encounter_class = forms.ChoiceField(
        choices=[
            ("outpatient", _("Outpatient visit")),
            ("inpatient", _("Inpatient stay")),
            ("emergency", _("Emergency")),
            (UNKNOWN, _("Not known")),
        ],
        error_messages={"required": _("Say what kind of visit this is, or that it is not known.")},
    )
    purpose = forms.ChoiceField(
        choices=[
            (NONE, _("None of them applies")),
            (SOME, _("One or more of them applies")),
            (UNKNOWN, _("Not known")),
        ],
        required=False,
    )
    purposes = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: object, policy: Policy, facilities: list[FacilityFacts], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on to Django's form
        code = policy.pack.code
        self.purpose_codes = [one.code for one in policy.exceptions if one.automatic == "purpose"]
        names = [(one, recognition.exception_name(one, jurisdiction=code)) for one in self.purpose_codes]
        self._offer("facility", [(str(one.id), one.name) for one in facilities])
        self._offer("items", [(item.code, item.code) for item in policy.items])
        self._offer("purposes", names)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = choices

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if self.purpose_codes and not cleaned.get("purpose"):
            self.add_error("purpose", _("Say whether one of these applies, or that it is not known."))
        if cleaned.get("purpose") == SOME and not cleaned.get("purposes"):
            self.add_error("purpose", _("Choose which of them applies."))
        return cleaned

    @property
    def patient_class(self) -> str | None:
        """The class of the visit; None where it is not known."""
        chosen = str(self.cleaned_data["encounter_class"])
        return None if chosen == UNKNOWN else chosen

    @property
    def known_purposes(self) -> frozenset[str] | None:
        """The purposes that apply; None where nobody knows, or where the rules ask for none."""
        answer = self.cleaned_data.get("purpose")
        if not self.purpose_codes or answer == UNKNOWN:
            return None
        return frozenset(self.cleaned_data["purposes"]) if answer == SOME else frozenset()
