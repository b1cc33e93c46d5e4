"""Measuring systems and imaging services, with what held for each from a day on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.happenings import publish
from lienthong.core.imports.spec import Importer, Key, Part, RowCheck
from lienthong.core.tabular import Column, Kind, Row
from lienthong.findings import Finding
from lienthong.interop import ucum
from lienthong.registry.imports.columns import LABORATORY, VALID_FROM, VALID_TO
from lienthong.registry.models import Analyte, Instrument, Procedure, ProcedurePeriod

NEW_NEEDED = gettext_lazy(
    "this can't change: a measuring system with another method, analyte or laboratory is a new one; "
    "end the old one and give the new one a code of its own"
)
MODALITY = re.compile(r"[A-Z][A-Z0-9_]{1,15}")  # code string of DICOM's defined terms (PS3.3, C.7.3.1.1.1)
MOST_OF_INTERVAL = Decimal("999999999")


@dataclass(frozen=True, slots=True)
class Known:
    """What a row of procedures is checked against: units by analyte, models by laboratory and instrument, and the
    analytes that are examinations told in words.
    """

    analytes: Mapping[str, tuple[str, float | None]]
    instruments: Mapping[tuple[str, str], frozenset[str]]
    narrative: frozenset[str] = frozenset()


def check_procedure(row: Row, known: Known) -> Iterator[Finding]:
    """Find days that don't fit, a measuring system without reagent, an unknown instrument, a unit of another kind."""
    start, end, since = row.day("in_use_from"), row.day("in_use_to"), row.day("valid_from")
    if start and end and end <= start:
        yield row.finding("in_use_to", "ends-before-start", _("the end must lie after the beginning"))
    if start and since and since < start:
        yield row.finding("valid_from", "before-use", _("this can't hold before the procedure is in use"))
    yield from _check_interval(row)
    if row.text("kind") == Procedure.Kind.IMAGING:
        yield from _check_service(row, known)
    else:
        yield from _check_system(row, known)


def _check_service(row: Row, known: Known) -> Iterator[Finding]:
    """An imaging service examines what is told in words, by a modality and a device; it measures nothing."""
    modality = row.text("modality")
    if not modality:
        yield row.finding("modality", "empty", _("an imaging service needs its modality, such as US, CT, MR, DX"))
    elif not MODALITY.fullmatch(modality):
        yield row.finding("modality", "not-a-modality", _("write the modality as DICOM does, such as US, CT, MR, DX"))
    if not row.text("instrument_code"):
        yield row.finding("instrument_code", "empty", _("an imaging service needs its device"))
    if row.text("analyte") in known.analytes and row.text("analyte") not in known.narrative:
        told = _("an imaging service examines; this is measured. Choose an examination that is told in words")
        yield row.finding("analyte", "not-an-examination", told)
    limits = {key for key in ("reference_low", "reference_high") if row.decimal(key) is not None}
    texts = {key for key in ("reagent", "reagent_lot", "calibrator", "unit") if row.text(key)}
    for key in sorted(limits | texts):
        yield row.finding(key, "of-a-measuring-system", _("only a measuring system has this; leave it empty"))
    yield from _check_instrument(row, known)


def _check_interval(row: Row) -> Iterator[Finding]:
    low, high = row.decimal("reference_low"), row.decimal("reference_high")
    if low is not None and high is not None and high <= low:
        yield row.finding("reference_high", "empty-interval", _("the upper limit must lie above the lower one"))


def _check_system(row: Row, known: Known) -> Iterator[Finding]:
    for key in ("instrument_code", "instrument_model", "reagent", "reagent_lot"):
        if not row.text(key):
            yield row.finding(key, "empty", _("a measuring system needs its instrument, reagent and reagent lot"))
    for key in ("modality", "examiner"):
        if row.text(key):
            yield row.finding(key, "of-an-imaging-service", _("only an imaging service has this; leave it empty"))
    yield from _check_instrument(row, known)
    yield from _check_unit(row, known)


def _check_instrument(row: Row, known: Known) -> Iterator[Finding]:
    code, model = row.text("instrument_code"), row.text("instrument_model")
    models = known.instruments.get((row.text("laboratory"), code))
    if code and models is None:
        yield row.finding("instrument_code", "unknown-instrument", _("the laboratory has no instrument of this code"))
    elif code and model and model not in (models or ()):
        yield row.finding("instrument_model", "other-model", _("the laboratory's instrument is of another model"))


def _check_unit(row: Row, known: Known) -> Iterator[Finding]:
    unit = row.text("unit")
    compared, molar_mass = known.analytes.get(row.text("analyte"), ("", None))
    if not unit:
        if compared:
            yield row.finding("unit", "empty", _("a quantity needs the unit in which the laboratory reports it"))
    elif not ucum.is_valid(unit):
        yield row.finding("unit", "not-ucum", _("this is not a UCUM unit; write it as mmol/L, g/L or 10*9/L"))
    elif compared and not _converts(unit, compared, molar_mass):
        message = _("this unit can't be converted to %(unit)s, in which results of the analyte are compared")
        yield row.finding("unit", "other-kind", message % {"unit": compared})


def _converts(unit: str, compared: str, molar_mass: float | None) -> bool:
    try:
        ucum.convert(Decimal(1), unit, compared, molar_mass=molar_mass)
    except ucum.UnitError:
        return False
    return True


def _prepare() -> RowCheck:
    instruments: dict[tuple[str, str], frozenset[str]] = {}
    for laboratory, code, model in Instrument.objects.known_at(None).values_list("laboratory__code", "code", "model"):
        instruments[laboratory, code] = instruments.get((laboratory, code), frozenset()) | {model}
    rows = list(Analyte.objects.all())
    analytes = {row.key: (row.unit, row.molar_mass) for row in rows}
    narrative = frozenset(row.key for row in rows if row.scale == Analyte.Scale.NARRATIVE)
    known = Known(analytes, instruments, narrative)
    return lambda row: check_procedure(row, known)


def _followed(keys: Collection[Key], at: dt.datetime) -> None:
    changed = Procedure.objects.filter(code__in=[key[0] for key in keys]).order_by("id")
    publish("registry-changed", changed.values_list("id", flat=True), at=at)


PROCEDURES = Importer(
    kind="procedures",
    title=gettext_lazy("Measuring systems and imaging services"),
    about=gettext_lazy("A new reagent lot, calibrator, unit or interval is a new row from its day on."),
    columns=(
        Column("code", gettext_lazy("Code"), longest=60),
        LABORATORY,
        Column(
            "kind",
            gettext_lazy("Kind"),
            kind=Kind.CHOICE,
            is_required=False,
            choices={"measuring_system": ("hệ thống đo", "检测系统"), "imaging": ("chẩn đoán hình ảnh", "影像检查")},
        ),
        Column("analyte", gettext_lazy("Key of the analyte"), longest=20),
        Column("method", gettext_lazy("Method"), longest=100),
        Column("in_use_from", gettext_lazy("In use from"), kind=Kind.DAY),
        Column("in_use_to", gettext_lazy("In use until, that day not included"), kind=Kind.DAY, is_required=False),
        VALID_FROM,
        VALID_TO,
        Column("instrument_code", gettext_lazy("Code of the instrument"), is_required=False, longest=40),
        Column("instrument_model", gettext_lazy("Model of the instrument"), is_required=False, longest=100),
        Column("reagent", gettext_lazy("Reagent"), is_required=False, longest=100),
        Column("reagent_lot", gettext_lazy("Reagent lot"), is_required=False, longest=40),
        Column("calibrator", gettext_lazy("Calibrator"), is_required=False, longest=100),
        Column("unit", gettext_lazy("Unit (UCUM)"), is_required=False, longest=30),
        Column(
            "reference_low",
            gettext_lazy("Lower reference limit"),
            kind=Kind.NUMBER,
            is_required=False,
            decimals=5,
            most=MOST_OF_INTERVAL,
        ),
        Column(
            "reference_high",
            gettext_lazy("Upper reference limit"),
            kind=Kind.NUMBER,
            is_required=False,
            decimals=5,
            most=MOST_OF_INTERVAL,
        ),
        Column("modality", gettext_lazy("Modality of an imaging service"), is_required=False, longest=16),
        Column("examiner", gettext_lazy("Examiner of an imaging service"), is_required=False, longest=200),
    ),
    entity=Part(
        model=Procedure,
        keys={"code": "code"},
        fields=("laboratory", "kind", "analyte", "method", "modality", "in_use_from", "in_use_to"),
        references={"laboratory": "code", "analyte": "key"},
        fixed=dict.fromkeys(("laboratory", "kind", "analyte", "method", "modality"), NEW_NEEDED),
        defaults={"kind": Procedure.Kind.MEASURING_SYSTEM.value},
    ),
    period=Part(
        model=ProcedurePeriod,
        keys={"procedure": "code"},
        fields=(
            *("instrument_code", "instrument_model", "reagent", "reagent_lot", "calibrator", "unit"),
            *("reference_low", "reference_high", "examiner"),
        ),
        references={"procedure": "code"},
    ),
    within={"laboratory": "laboratory"},
    place="procedure",
    prepare=_prepare,
    followed=_followed,
)
