"""Health facilities with their ownership and, by scheme, the class that they had from a day on."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer, Part
from lienthong.core.tabular import Column, Kind, Row
from lienthong.findings import Finding
from lienthong.registry.imports.columns import (
    NAME_FIELDS,
    NAMES,
    VALID_FROM_OPTIONAL,
    VALID_TO,
    check_named,
    check_together,
)
from lienthong.registry.models import Facility, FacilityClass


def check_facility(row: Row) -> Iterator[Finding]:
    """Find a row without a name or with half a class."""
    yield from check_named(row)
    yield from check_together(row, "scheme", "grade", "valid_from")


FACILITIES = Importer(
    kind="facilities",
    title=gettext_lazy("Facilities"),
    about=gettext_lazy("Health facilities; one that has a class in several schemes has a row for each."),
    columns=(
        Column("code", gettext_lazy("Code"), longest=40, aliases=("mã cskcb",)),
        *NAMES,
        Column("region", gettext_lazy("Code of the region"), longest=20),
        Column(
            "ownership",
            gettext_lazy("Ownership"),
            kind=Kind.CHOICE,
            choices={"public": ("công lập", "công", "公立"), "private": ("tư nhân", "tư", "民营", "私立")},
        ),
        Column(
            "has_insurance_contract", gettext_lazy("Health insurance contract"), kind=Kind.YES_NO, is_required=False
        ),
        Column("scheme", gettext_lazy("Scheme of the class"), is_required=False, longest=40),
        Column("grade", gettext_lazy("Class"), is_required=False, longest=40),
        VALID_FROM_OPTIONAL,
        VALID_TO,
    ),
    entity=Part(
        model=Facility,
        keys={"code": "code"},
        fields=(*NAME_FIELDS, "region", "ownership", "has_insurance_contract"),
        references={"region": "code"},
    ),
    period=Part(
        model=FacilityClass,
        keys={"facility": "code", "scheme": "scheme"},
        fields=("grade",),
        references={"facility": "code"},
    ),
    within={"region": "region"},
    place="facility",
    prepare=lambda: check_facility,
)
