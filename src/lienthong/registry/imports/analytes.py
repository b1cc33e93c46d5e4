"""What is measured or examined: LOINC code, specimen or region of the body, unit in which results are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer, Part
from lienthong.core.tabular import Column, Kind, Row
from lienthong.findings import Finding
from lienthong.interop import ucum
from lienthong.registry.imports.columns import NAME_FIELDS, NAMES, check_named
from lienthong.registry.models import Analyte

LOINC = re.compile(r"(\d{1,7})-(\d)")


def is_loinc(code: str) -> bool:
    """Say whether a code has LOINC's form and check digit (modulo 10, as in Luhn's scheme)."""
    found = LOINC.fullmatch(code)
    if not found:
        return False
    digits = [int(digit) for digit in reversed(found[1])]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return (10 - total % 10) % 10 == int(found[2])


def check_analyte(row: Row) -> Iterator[Finding]:
    """Find a row without a name, with a wrong LOINC code, or with a unit that doesn't fit its scale."""
    yield from check_named(row)
    if not is_loinc(row.text("loinc")):
        yield row.finding("loinc", "not-loinc", _("this is not a LOINC code, or its check digit is wrong"))
    unit = row.text("unit")
    if row.text("scale") == Analyte.Scale.QUANTITATIVE and not unit:
        yield row.finding("unit", "empty", _("a quantity needs the UCUM unit in which its results are compared"))
    if unit and row.text("scale") == Analyte.Scale.NARRATIVE:
        yield row.finding("unit", "unit-of-words", _("what is told in words has no unit; leave it empty"))
    if unit and not ucum.is_valid(unit):
        yield row.finding("unit", "not-ucum", _("this is not a UCUM unit; write it as mmol/L, g/L or 10*9/L"))


ANALYTES = Importer(
    kind="analytes",
    title=gettext_lazy("Analytes"),
    about=gettext_lazy("What is measured in which specimen, with its LOINC code and UCUM unit."),
    columns=(
        Column("key", gettext_lazy("Key"), longest=20),
        Column("loinc", gettext_lazy("LOINC code"), longest=10),
        *NAMES,
        Column("specimen", gettext_lazy("Specimen"), longest=20),
        Column("group", gettext_lazy("Group"), longest=20),
        Column(
            "scale",
            gettext_lazy("Scale"),
            kind=Kind.CHOICE,
            choices={
                "quantitative": ("định lượng", "定量"),
                "qualitative": ("định tính", "定性"),
                "narrative": ("mô tả bằng lời", "文字描述"),
            },
        ),
        Column("unit", gettext_lazy("Unit (UCUM)"), is_required=False, longest=30),
        Column("molar_mass", gettext_lazy("Molar mass, g/mol"), kind=Kind.NUMBER, is_required=False, least=1),
        Column("decimals", gettext_lazy("Decimals"), kind=Kind.INTEGER, is_required=False, least=0, most=6),
        Column(
            "cv_within",
            gettext_lazy("Within-subject biological variation, %"),
            kind=Kind.NUMBER,
            is_required=False,
            least=0,
            most=500,
        ),
        Column("charge", gettext_lazy("Charge of the ion"), kind=Kind.INTEGER, is_required=False, least=1, most=4),
        Column("synonyms", gettext_lazy("Other names, separated by ;"), is_required=False, longest=500),
    ),
    entity=Part(
        model=Analyte,
        keys={"key": "key"},
        fields=(
            *("loinc", *NAME_FIELDS, "specimen", "group", "scale"),
            *("unit", "molar_mass", "decimals", "cv_within", "charge", "synonyms"),
        ),
        defaults={"decimals": 1},
    ),
    is_of_region=True,
    prepare=lambda: check_analyte,
)
