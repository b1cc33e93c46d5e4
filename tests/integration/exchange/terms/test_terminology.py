"""Codes by analyser, specimen and day; suggestions by names of three languages and by how the numbers lie."""

from __future__ import annotations

import csv
import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import OBR, PID, CodeMappingFactory, message
from tests.factories.registry import AnalyteFactory, bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.processing.test_measured import GLUCOSE, code

from lienthong.cli.demo.catalogue import catalogue
from lienthong.core.actions import system_user
from lienthong.exchange import actions
from lienthong.exchange.models import CodeMapping
from lienthong.exchange.senders import sources_by_code
from lienthong.exchange.terms.codebook import CodeBook
from lienthong.exchange.terms.spread_fit import spread_fit
from lienthong.exchange.terms.suggestions import suggest, suggest_for
from lienthong.interop.hl7v2 import Coded
from lienthong.registry import reads as registry
from lienthong.registry.actions import import_table
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.models import Result
from lienthong.results.reads import Spread, fold_name, unmapped_codes

DAY = dt.date(2026, 11, 20)


def of_catalogue() -> list[AnalyteFacts]:
    """The demonstration's analytes, and two markers that it does not measure."""
    more = [("AFP", "1834-1", "[IU]/mL"), ("CEA", "2039-6", "ug/L"), ("TNI", "10839-9", "ug/L")]
    rows = [(one.key, one.loinc, one.unit, one.row) for one in catalogue().values()]
    rows += [(key, loinc, unit, {}) for key, loinc, unit in more]
    return [
        AnalyteFacts(
            id=number,
            key=key,
            loinc=loinc,
            name_vi=row.get("name_vi", ""),
            name_zh=row.get("name_zh", ""),
            name_en=row.get("name_en", ""),
            specimen=row.get("specimen", "serum"),
            group=row.get("group", ""),
            is_quantitative=True,
            unit=unit,
            molar_mass=float(row.get("molar_mass") or 0) or None,
            decimals=1,
            cv_within=None,
        )
        for number, (key, loinc, unit, row) in enumerate(rows)
    ]


CHINESE = {
    "HDL-C": "HDL", "LDL-C": "LDL", "BUN": "UREA", "Cr": "CREA", "FPG": "GLU", "HbA1c": "HBA1C", "FER": "FERR",
}  # fmt: skip
VIETNAMESE = {
    "Acid Uric": "UA", "Amylase": "AMY", "ALT": "ALT", "AST": "AST", "Bilirubin trực tiếp": "DBIL",
    "Bilirubin toàn phần": "TBIL", "Cholesterol": "TC", "Creatinin": "CREA", "Glucose": "GLU", "GGT": "GGT",
    "HbA1c": "HBA1C", "HDL-C": "HDL", "LDL-C": "LDL", "Triglycerid": "TG", "Troponin I": "TNI", "TSH": "TSH",
    "Urê": "UREA", "CRP": "CRP",
}  # fmt: skip


def first_for(name: str, unit: str = "") -> str:
    units = (unit,) if unit else ()
    found = suggest(code(local_code="X1", local_name=name, units=units, specimens=()), of_catalogue())
    return found[0].analyte.key if found and not found[0].refused else ""


@pytest.mark.shared
def test_each_chinese_name_and_synonym_leads_to_its_analyte(shared_data: Path) -> None:
    with (shared_data / "terminology" / "chinese_analyte_names.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    wrong = {}
    for row in rows:
        expected = CHINESE.get(row["abbreviation"], row["abbreviation"])
        names = [row["name_zh"], row["abbreviation"], f"*{row['name_zh']}", *row["aliases_zh"].split(";")]
        found = {name: first_for(name, row["unit_as_reported"]) for name in names if name}
        wrong |= {name: (key, expected) for name, key in found.items() if key != expected}

    assert len(rows) == 26
    assert wrong == {}


@pytest.mark.shared
def test_each_vietnamese_service_name_leads_to_its_analyte_with_and_without_marks(shared_data: Path) -> None:
    with (shared_data / "terminology" / "vietnam_service_codes.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["name_vi"] for row in csv.DictReader(stream)]
    names = [name for name in names if name.startswith(("Định lượng", "Đo"))]
    known = {name: key for name in names for word, key in VIETNAMESE.items() if word in name}
    wrong = {}
    for name, expected in known.items():
        for written in (name, fold_name(name)):
            if (found := first_for(written)) != expected:
                wrong[written] = (found, expected)

    assert len(known) >= 17
    assert wrong == {}


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        pytest.param({"mmol/L": (4.1, 4.8, 5.3, 6.2, 11.0)}, "yes", id="same unit"),
        pytest.param({"mg/dL": (74, 86, 96, 112, 198)}, "yes", id="converted"),
        pytest.param({"mmol/L": (74, 86, 96, 112, 198)}, "no", id="mg/dL under the name of mmol/L"),
        pytest.param({"mmol/L": (135, 138, 140, 142, 146)}, "no", id="sodium"),
        pytest.param({"U/L": (4, 5, 5, 6, 11)}, "unknown", id="unit that does not convert"),
        pytest.param({}, "unknown", id="no numbers"),
    ],
)
def test_numbers_that_wait_are_compared_with_those_stored(waiting: dict[str, tuple[float, ...]], expected: str) -> None:
    stored = Spread(300, (3.9, 4.7, 5.2, 6.3, 11.8))

    assert spread_fit({unit: Spread(40, one) for unit, one in waiting.items()}, stored, GLUCOSE) == expected


@pytest.mark.parametrize(("waiting", "stored"), [(4, 300), (40, 19)], ids=["few wait", "few are stored"])
def test_few_numbers_tell_nothing(waiting: int, stored: int) -> None:
    spread = (3.9, 4.7, 5.2, 6.3, 11.8)

    assert spread_fit({"mmol/L": Spread(waiting, spread)}, Spread(stored, spread), GLUCOSE) == "unknown"


@pytest.mark.django_db
def test_stored_and_waiting_numbers_tell_two_analytes_of_the_same_name_apart(scene: Scene) -> None:
    """Two codes are called Glucose; the numbers of one lie where those of sodium do."""
    drawn = random.Random(7)  # noqa: S311 — numbers of a test
    for number in range(25):
        value = f"{drawn.gauss(5.4, 0.8):.1f}"
        obr = OBR.replace("SX1", f"S{number}")
        known = f"OBX|1|NM|2345-7^Glucose^LN||{value}|mmol/L|||||F|||20261120070000|||||20261120080000"
        waits = f"OBX|2|NM|G1^Glucose^L||{drawn.gauss(5.5, 0.8):.1f}|mmol/L|||||F"
        other = f"OBX|3|NM|G2^Glucose^L||{drawn.gauss(140, 3):.0f}|mmol/L|||||F"
        scene.process(message(PID, obr, known, waits, other, control_id=f"M{number}"))

    codes = {one.local_code: one for one in unmapped_codes(sources=["SX"])}
    first, second = (suggest_for(codes[one], on=DAY)[0] for one in ("G1", "G2"))

    assert (first.analyte.key, first.numbers, second.numbers) == ("GLU", "yes", "no")
    assert first.score > second.score
    assert first.stored is not None
    assert first.stored.count == 25


@pytest.mark.django_db
def test_narrowest_mapping_holds_by_analyser_specimen_and_day(scene: Scene) -> None:
    names = ("ANY", "CSF", "C8", "OLD")
    by_name = {name: AnalyteFactory(key=name, loinc=f"{number}-0") for number, name in enumerate(names)}
    new = dt.date(2026, 6, 1)
    CodeMappingFactory(source=scene.source, analyte=by_name["OLD"], valid_to=new)
    CodeMappingFactory(source=scene.source, analyte=by_name["ANY"], valid_from=new)
    CodeMappingFactory(source=scene.source, analyte=by_name["CSF"], valid_from=new, specimen="csf")
    CodeMappingFactory(source=scene.source, analyte=by_name["C8"], valid_from=new, equipment="Cobas-8000")
    book = CodeBook.load([sources_by_code(on=DAY)["SX"]])

    def meant(on: dt.date, **where: object) -> str:
        meaning = book.meaning("SX", Coded("GLUC", "", "L"), on=on, **where)  # type: ignore[arg-type]
        return meaning.analyte.key if meaning else ""

    assert meant(DAY) == "ANY"
    assert meant(DAY, specimen="SER") == "ANY"
    assert meant(DAY, specimen="CSF") == "CSF"
    assert meant(DAY, equipment=["COBAS-8000"]) == "C8"
    assert meant(DAY, specimen="CSF", equipment=["cobas-8000"]) == "C8"
    assert meant(new - dt.timedelta(days=1), specimen="CSF") == "OLD"
    assert meant(dt.date(2019, 1, 1)) == ""


@pytest.mark.django_db
def test_code_means_another_analyte_by_analyser_at_intake(scene: Scene) -> None:
    CodeMappingFactory(source=scene.source, local_code="X", analyte=scene.glucose)
    CodeMappingFactory(source=scene.source, local_code="X", analyte=scene.potassium, equipment="C6")
    obx = "OBX|1|NM|X^X^L||4.4|mmol/L|||||F|||20261120070000||||{}|20261120080000"

    scene.process(
        message(PID, OBR, obx.format("C6")), message(PID, OBR.replace("SX1", "SX2"), obx.format("C1"), control_id="M2")
    )

    stored = Result.objects.order_by("id").values_list("analyte_id", flat=True)
    assert list(stored) == [scene.potassium.pk, scene.glucose.pk]


@pytest.mark.django_db
def test_mapping_in_the_middle_leaves_neither_gap_nor_overlap(scene: Scene) -> None:
    first, second = UserFactory(), UserFactory()
    for user in (first, second):
        bind(user, "operator", scene.laboratory.facility)
    days = [dt.date(2026, month, 1) for month in (1, 9, 5)]

    for day, key in zip(days, ("GLU", "K", "HBSAG"), strict=True):
        mapping = actions.propose_mapping(
            source="SX", local_code="Z", analyte=key, valid_from=day, by=first, at=timezone.now()
        )
        actions.confirm_mapping(mapping, by=second, at=timezone.now())

    rows = (
        CodeMapping.objects.known_at(None).order_by("valid_from").values_list("analyte__key", "valid_from", "valid_to")
    )
    assert list(rows) == [("GLU", days[0], days[2]), ("HBSAG", days[2], None)]


@pytest.mark.django_db
def test_synonym_of_the_installation_is_a_name(scene: Scene) -> None:
    AnalyteFactory(key="SORB", loinc="1-8", unit="mmol/L", name_en="Sorbitol", synonyms="Đường rượu; SB9")

    scene.process(message(PID, OBR, "OBX|1|NM|X1^duong ruou^L||4.4|mmol/L|||||F"))

    [waiting] = unmapped_codes(sources=["SX"])
    assert suggest_for(waiting, on=DAY)[0].analyte.key == "SORB"


def test_median_is_the_middle_percentile() -> None:
    assert Spread(3, (1.0, 2.0, 3.0, 4.0, 5.0)).median == float(Decimal(3))


@pytest.mark.django_db
def test_table_of_analytes_brings_charges_and_other_names() -> None:
    table = (
        "key,loinc,name_vi,name_zh,name_en,specimen,group,scale,unit,molar_mass,decimals,cv_within,charge,synonyms\n"
        "CA,2000-8,Canxi,钙,Calcium,serum,biochemistry,quantitative,mmol/L,40.078,2,1.8,2,Ca++; Calci máu\n"
    )

    report = import_table("analytes", table.encode(), "a.csv", by=system_user("importer"), at=timezone.now())

    [found] = registry.analytes().values()
    assert report.is_written
    assert (found.charge, found.synonyms) == (2, ("Ca++", "Calci máu"))


@pytest.mark.django_db
def test_charge_that_no_ion_has_is_refused() -> None:
    table = "key,loinc,name_en,specimen,group,scale,unit,charge\nCA,2000-8,Ca,serum,b,quantitative,mmol/L,9\n"

    report = import_table("analytes", table.encode(), "a.csv", by=system_user("importer"), at=timezone.now())

    assert not report.is_written
    assert report.findings[0].where == "a.csv!H2"
