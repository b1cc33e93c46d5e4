"""Analysers and scanners of laboratories, from when to when."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer, Part
from lienthong.core.tabular import Column
from lienthong.registry.imports.columns import LABORATORY, VALID_FROM, VALID_TO
from lienthong.registry.models import Instrument

INSTRUMENTS = Importer(
    kind="instruments",
    title=gettext_lazy("Instruments"),
    about=gettext_lazy("Analysers and scanners, each under the code by which its laboratory knows it."),
    columns=(
        LABORATORY,
        Column("code", gettext_lazy("Code of the instrument"), longest=40),
        Column("manufacturer", gettext_lazy("Manufacturer"), longest=100),
        Column("model", gettext_lazy("Model"), longest=100),
        Column("serial_number", gettext_lazy("Serial number"), is_required=False, longest=60),
        VALID_FROM,
        VALID_TO,
    ),
    period=Part(
        model=Instrument,
        keys={"laboratory": "laboratory", "code": "code"},
        fields=("manufacturer", "model", "serial_number"),
        references={"laboratory": "code"},
    ),
    within={"laboratory": "laboratory"},
)
