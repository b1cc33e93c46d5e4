"""Each kind of table: good rows, the same file again, changes with their dates, and each kind of bad row."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook
from tests.integration.registry import tables
from tests.integration.registry.conftest import AT

from lienthong.core.imports.run import ImportReport
from lienthong.core.imports.spec import Importer, importers
from lienthong.core.models import AuditEvent, Happening, User
from lienthong.core.tabular import template_bytes
from lienthong.errors import NotFound
from lienthong.registry.actions import import_table, preview_table
from lienthong.registry.imports.analytes import is_loinc
from lienthong.registry.models import (
    Analyte,
    Facility,
    FacilityClass,
    Instrument,
    Laboratory,
    Procedure,
    ProcedurePeriod,
    Region,
    StaffMember,
)
from lienthong.registry.reads import facilities, procedures, region_path, systems_resting_on

LATER = dt.datetime(2026, 6, 2, 3, 0, tzinfo=dt.UTC)
NEW_LOT = "L1-K-1;L1;K;ISE;2022-01-01;2026-05-01;A1;C6;ISE module;LOT2;mmol/L;3,5;5,1"


def bring(kind: str, text: str, by: User, *, at: dt.datetime = LATER, good_rows_only: bool = False) -> ImportReport:
    return import_table(kind, text.encode(), f"{kind}.csv", good_rows_only=good_rows_only, by=by, at=at)


@pytest.mark.parametrize(
    ("kind", "created", "changed"),
    [
        ("regions", 3, 1),
        ("facilities", 3, 0),
        ("laboratories", 3, 0),
        ("staff", 1, 0),
        ("instruments", 2, 0),
        ("analytes", 3, 0),
        ("procedures", 3, 0),
        ("comparability", 1, 0),
    ],
)
def test_import_of_each_kind_says_what_each_row_did(
    province: dict[str, ImportReport], kind: str, created: int, changed: int
) -> None:
    report = province[kind]

    assert report.findings == ()
    assert (report.created, report.changed, report.unchanged) == (created, changed, 0)
    assert report.is_written


@pytest.mark.parametrize("kind", tables.ALL)
def test_same_file_again_changes_nothing(province: dict[str, ImportReport], worker: User, kind: str) -> None:
    happened = Happening.objects.count()

    report = bring(kind, tables.ALL[kind], worker)

    assert (report.created, report.changed, report.findings) == (0, 0, ())
    assert report.unchanged == province[kind].good
    assert Happening.objects.count() == happened
    assert not ProcedurePeriod.objects.exclude(superseded_at=None).exists()


def test_what_was_imported_is_read_with_its_days(province: dict[str, ImportReport]) -> None:
    hospital = Facility.objects.get(code="00123")
    glucose = Procedure.objects.get(code="L1-GLU")

    before, after = (
        facilities([hospital.pk], on=day)[hospital.pk] for day in (dt.date(2024, 1, 1), dt.date(2025, 7, 1))
    )
    found = procedures([glucose.pk], on=dt.date(2026, 1, 1))[glucose.pk]

    assert before.region_path == ("VN", "VN-HD")
    assert after.region_path == ("VN", "VN-HP", "VN-HD")
    assert before.classes == {"hospital-class": "I"}
    assert after.classes == {"hospital-class": "I", "technical-level": "specialised"}
    assert (before.ownership, before.has_insurance_contract) == ("public", True)
    assert (found.reagent_lot, found.unit, found.reference_high) == ("G1", "mg/dL", Decimal(110))
    assert Laboratory.objects.get(code="L2").is_mobile
    assert StaffMember.objects.get().number == "0007"
    assert Analyte.objects.get(key="K").molar_mass == 39.098


def test_comparability_check_is_read_while_it_holds(province: dict[str, ImportReport]) -> None:
    enrolled, extended = Procedure.objects.get(code="L1-K-1").pk, Procedure.objects.get(code="L1-K-2").pk

    assert systems_resting_on([extended], on=dt.date(2026, 12, 31)) == {extended: [enrolled]}
    assert systems_resting_on([extended], on=dt.date(2027, 1, 1)) == {}


def test_changed_reagent_lot_opens_a_period_and_keeps_what_was_known(
    province: dict[str, ImportReport], worker: User
) -> None:
    system = Procedure.objects.get(code="L1-K-1")

    report = bring("procedures", tables.appended("procedures", NEW_LOT), worker)

    lots = {
        day: procedures([system.pk], on=day)[system.pk].reagent_lot
        for day in (dt.date(2026, 4, 30), dt.date(2026, 5, 1))
    }
    known_before = ProcedurePeriod.objects.held(dt.date(2026, 5, 1), known_at=LATER - dt.timedelta(days=1))
    assert (report.created, report.changed, report.unchanged) == (0, 1, 3)
    assert lots == {dt.date(2026, 4, 30): "LOT1", dt.date(2026, 5, 1): "LOT2"}
    assert known_before.get(procedure=system).reagent_lot == "LOT1"
    assert list(Happening.objects.filter(at=LATER).values_list("kind", "key")) == [("registry-changed", str(system.pk))]


def test_correction_of_a_stored_period_keeps_the_wrong_one_readable(
    province: dict[str, ImportReport], worker: User
) -> None:
    right = NEW_LOT.replace("2026-05-01", "2022-01-01").replace("LOT2", "LOT7")

    report = bring("procedures", tables.header_and("procedures", right), worker)

    rows = ProcedurePeriod.objects.filter(procedure__code="L1-K-1")
    assert report.lines[0].notes == ("corrects what was stored from 2022-01-01",)
    assert rows.known_at(None).get().reagent_lot == "LOT7"
    assert rows.known_at(LATER - dt.timedelta(seconds=1)).get().reagent_lot == "LOT1"


def test_period_that_repeats_what_holds_changes_nothing(province: dict[str, ImportReport], worker: User) -> None:
    same = NEW_LOT.replace("LOT2", "LOT1")

    report = bring("procedures", tables.header_and("procedures", same), worker)

    assert report.unchanged == 1


def test_period_before_those_stored_ends_where_they_begin(province: dict[str, ImportReport], worker: User) -> None:
    earlier = "00123;Bệnh viện A;VN-HD;public;yes;hospital-class;II;2010-01-01"

    bring("facilities", tables.header_and("facilities", earlier), worker)

    rows = FacilityClass.objects.known_at(None).filter(scheme="hospital-class").order_by("valid_from")
    assert list(rows.values_list("grade", "valid_from", "valid_to")) == [
        ("II", dt.date(2010, 1, 1), dt.date(2020, 1, 1)),
        ("I", dt.date(2020, 1, 1), None),
    ]


def test_column_that_a_file_does_not_have_leaves_what_is_stored(
    province: dict[str, ImportReport], worker: User
) -> None:
    text = "code;name_en;region;ownership\n00123;Hospital A;VN-HD;private\n"

    report = bring("facilities", text, worker)

    row = Facility.objects.get(code="00123")
    assert (row.name_vi, row.name_en, row.ownership, row.has_insurance_contract) == (
        *("Bệnh viện A", "Hospital A", "private"),
        True,
    )
    assert report.lines[0].notes == ("changed: Name in English, Ownership",)


def test_import_writes_one_audit_event_for_the_file(province: dict[str, ImportReport], worker: User) -> None:
    events = AuditEvent.objects.filter(action="import-table", object_kind="procedures")

    assert list(events.values_list("actor", "object_key", "detail")) == [
        (worker.username, "procedures.csv", {"created": 3, "changed": 0, "unchanged": 0})
    ]


BAD = [
    ("regions", "VN-X;X;X;Asia/Nowhere;VN;2020-01-01;", "D2", "unknown-time-zone"),
    ("regions", "VN-X;;;Asia/Ho_Chi_Minh;VN;2020-01-01;", "B2", "no-name"),
    ("regions", "VN-X;X;X;Asia/Ho_Chi_Minh;VN;;", "F2", "empty"),
    ("regions", "VN-X;X;X;Asia/Ho_Chi_Minh;VN-Y;2020-01-01;", "E2", "unknown-code"),
    ("regions", "VN-X;X;X;Asia/Ho_Chi_Minh;VN-X;2020-01-01;", "E2", "own-parent"),
    ("regions", "VN;Việt Nam;Viet Nam;Asia/Ho_Chi_Minh;VN-HD;2020-01-01;", "E2", "circle"),
    ("regions", "VN-X;X;X;Asia/Ho_Chi_Minh;VN;2020-01-01;2020-01-01", "G2", "ends-before-start"),
    ("regions", "VN-HD;Hải Dương;Hai Duong;Asia/Ho_Chi_Minh;VN;2024-01-01;2026-01-01", "G2", "overlap"),
    ("facilities", "00125;C;VN-ZZ;public;;;;", "C2", "unknown-code"),
    ("facilities", "00125;C;VN-HD;state;;;;", "D2", "not-a-choice"),
    ("facilities", "00125;C;VN-HD;public;perhaps;;;", "E2", "not-yes-or-no"),
    ("facilities", "00125;C;VN-HD;public;;hospital-class;;2020-01-01", "G2", "empty"),
    ("facilities", "00125;C;VN-HD;public;;hospital-class;I;31/02/2020", "H2", "not-a-date"),
    ("laboratories", "L9;X;00999;", "C2", "unknown-code"),
    ("laboratories", "L1;Khoa Hoá sinh;00124;không", "C2", "fixed"),
    ("laboratories", "L9;;00123;", "B2", "no-name"),
    ("staff", "L1;;A;B;có;2021-03-01;", "B2", "empty"),
    ("staff", "L9;1;A;B;có;2021-03-01;", "A2", "unknown-code"),
    ("instruments", "L1;A3;Helix;;;2022-01-01", "D2", "empty"),
    ("instruments", "L1;A3;Helix;C6;;tomorrow", "F2", "not-a-date"),
    ("analytes", "NA;2951-3;Natri;;;serum;chemistry;quantitative;mmol/L;;;", "B2", "not-loinc"),
    ("analytes", "NA;2951-2;Natri;;;serum;chemistry;quantitative;mmoll;;;", "I2", "not-ucum"),
    ("analytes", "NA;2951-2;Natri;;;serum;chemistry;quantitative;;;;", "I2", "empty"),
    ("analytes", "NA;2951-2;;;;serum;chemistry;quantitative;mmol/L;;;", "C2", "no-name"),
    ("procedures", NEW_LOT.replace("ISE;2022", "flame;2022"), "D2", "fixed"),
    ("procedures", NEW_LOT.replace(";L1;K;", ";L2;K;"), "G2", "unknown-instrument"),
    ("procedures", NEW_LOT.replace("2026-05-01", "2021-05-01"), "F2", "before-use"),
    ("procedures", NEW_LOT.replace("A1;C6", "A1;C7"), "H2", "other-model"),
    ("procedures", NEW_LOT.replace(";LOT2;", ";;"), "J2", "empty"),
    ("procedures", NEW_LOT.replace("mmol/L", "U/L"), "K2", "other-kind"),
    ("procedures", NEW_LOT.replace("mmol/L", "mmoll"), "K2", "not-ucum"),
    ("procedures", NEW_LOT.replace("3,5;5,1", "5,1;3,5"), "M2", "empty-interval"),
    ("procedures", NEW_LOT.replace("3,5", "3,5555555"), "L2", "too-many-decimals"),
    ("comparability", "L1-K-1;L1-GLU;có;x;2026-01-01;", "B2", "other-laboratory-or-analyte"),
    ("comparability", "L1-K-1;L1-K-1;có;x;2026-01-01;", "B2", "same-system"),
    ("comparability", "L1-K-1;L9-K;có;x;2026-01-01;", "B2", "unknown-code"),
]


@pytest.mark.parametrize(("kind", "line", "place", "code"), BAD, ids=[f"{row[0]} {row[3]} {row[2]}" for row in BAD])
def test_bad_row_is_found_by_row_and_column_and_nothing_is_written(
    province: dict[str, ImportReport], worker: User, kind: str, line: str, place: str, code: str
) -> None:
    report = bring(kind, tables.header_and(kind, line), worker)

    assert [(finding.where, finding.code) for finding in report.findings] == [(f"{kind}.csv!{place}", code)]
    assert not report.is_written
    assert not AuditEvent.objects.filter(action="import-table", at=LATER).exists()


def test_bad_row_among_good_ones_stops_the_file_unless_good_rows_are_wanted(
    province: dict[str, ImportReport], worker: User
) -> None:
    text = tables.header_and("laboratories", "L8;Tám;00123;", "L9;Chín;00999;")

    refused = bring("laboratories", text, worker)
    assert not Laboratory.objects.filter(code="L8").exists()
    taken = bring("laboratories", text, worker, good_rows_only=True)

    assert not refused.is_written
    assert taken.is_written
    assert taken.created == refused.created == 1
    assert [finding.where for finding in taken.findings] == ["laboratories.csv!C3"]
    assert Laboratory.objects.filter(code="L8").exists()
    assert not Laboratory.objects.filter(code="L9").exists()


def test_row_that_needs_a_bad_row_is_bad_too(province: dict[str, ImportReport], worker: User) -> None:
    text = tables.header_and(
        "regions",
        "VN-A-1;A1;;Asia/Ho_Chi_Minh;VN-A;2020-01-01;",
        "VN-A;A;;Mars;VN;2020-01-01;",
        "VN-B-1;B1;;Asia/Ho_Chi_Minh;VN-B;2020-01-01;",
        "VN-B;B;;Asia/Ho_Chi_Minh;VN;2020-01-01;",
    )

    report = bring("regions", text, worker, good_rows_only=True)

    assert [(finding.where, finding.code) for finding in report.findings] == [
        ("regions.csv!E2", "unknown-code"),
        ("regions.csv!D3", "unknown-time-zone"),
    ]
    assert region_path(Region.objects.get(code="VN-B-1").pk, on=dt.date(2021, 1, 1)) == ("VN", "VN-B", "VN-B-1")


def test_rows_that_contradict_one_another_are_found(province: dict[str, ImportReport], worker: User) -> None:
    text = tables.header_and("procedures", NEW_LOT, NEW_LOT.replace("LOT2", "LOT3"))

    report = bring("procedures", text, worker)

    assert [(finding.where, finding.code) for finding in report.findings] == [("procedures.csv!J3", "contradiction")]


def test_preview_says_the_same_and_writes_nothing(province: dict[str, ImportReport], worker: User) -> None:
    text = tables.appended("procedures", NEW_LOT)

    shown = preview_table("procedures", text.encode(), "procedures.csv", by=worker, at=LATER)
    assert ProcedurePeriod.objects.count() == 3
    done = bring("procedures", text, worker)

    assert not shown.is_written
    assert shown.lines == done.lines


def test_import_of_an_unknown_kind_is_refused(worker: User) -> None:
    with pytest.raises(NotFound):
        bring("colours", "code\nred\n", worker, at=AT)


@pytest.mark.parametrize("importer", importers(), ids=lambda importer: importer.kind)
def test_header_in_any_language_names_one_column_only(importer: Importer) -> None:
    titles = [title for column in importer.columns for title in column.titles()]

    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("language", ["vi", "zh-hans"])
def test_template_in_another_language_is_read_back(
    province: dict[str, ImportReport], worker: User, language: str
) -> None:
    columns = next(importer.columns for importer in importers() if importer.kind == "instruments")
    with translation.override(language):
        book = load_workbook(io.BytesIO(template_bytes("instruments", columns)))
    sheet = book.worksheets[0]
    for position, value in enumerate(("L1", "A9", "Helix", "C9", "00077", "2026-01-01"), start=1):
        sheet.cell(row=2, column=position, value=value)
    stream = io.BytesIO()
    book.save(stream)

    report = import_table("instruments", stream.getvalue(), "instruments.xlsx", by=worker, at=LATER)

    assert report.findings == ()
    assert Instrument.objects.get(code="A9").serial_number == "00077"


LOINC_CODES = [
    ("2823-3", True),
    ("14749-6", True),
    ("718-7", True),
    ("4548-4", True),
    ("2823-4", False),
    ("x-1", False),
]


@pytest.mark.parametrize(("code", "expected"), LOINC_CODES)
def test_loinc_check_digit_tells_right_from_wrong(code: str, expected: bool) -> None:
    assert is_loinc(code) is expected


def test_rows_of_one_file_may_stand_in_any_order(province: dict[str, ImportReport], worker: User) -> None:
    back = NEW_LOT.replace("2026-05-01", "2026-09-01").replace("LOT2", "LOT1")

    bring("procedures", tables.header_and("procedures", back, NEW_LOT), worker)

    periods = ProcedurePeriod.objects.known_at(None).filter(procedure__code="L1-K-1").order_by("valid_from")
    assert list(periods.values_list("reagent_lot", "valid_from", "valid_to")) == [
        ("LOT1", dt.date(2022, 1, 1), dt.date(2026, 5, 1)),
        ("LOT2", dt.date(2026, 5, 1), dt.date(2026, 9, 1)),
        ("LOT1", dt.date(2026, 9, 1), None),
    ]
