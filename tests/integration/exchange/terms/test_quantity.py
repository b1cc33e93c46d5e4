"""What can't be the same quantity is refused with its reason: on suggestion, on proposal, and at intake."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from tests.factories.exchange import OBR, PID, CodeMappingFactory, message
from tests.factories.registry import AnalyteFactory
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.errors import BadInput
from lienthong.exchange import actions
from lienthong.exchange.terms.quantity import Clues, clashes
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.models import HeldResult, Result


def analyte(name: str, unit: str, *, loinc: str = "", specimen: str = "serum", **changes: object) -> AnalyteFacts:
    return AnalyteFacts(
        id=1,
        key=name,
        loinc=loinc,
        name_vi="",
        name_zh="",
        name_en=name,
        specimen=specimen,
        group="",
        is_quantitative=True,
        unit=unit,
        molar_mass=changes.get("molar_mass"),  # type: ignore[arg-type]
        decimals=1,
        cv_within=None,
        charge=changes.get("charge"),  # type: ignore[arg-type]
    )


UREA = analyte("Urea", "mmol/L", loinc="22664-7", molar_mass=60.056)
UREA_NITROGEN = analyte("Urea nitrogen", "mmol/L", loinc="14937-7", molar_mass=28.0134)
CKMB_MASS = analyte("CK-MB mass", "ug/L")
CKMB_ACTIVITY = analyte("CK-MB activity", "U/L")
NEUT_COUNT = analyte("Neutrophils, count", "10*9/L", specimen="blood")
NEUT_SHARE = analyte("Neutrophils", "%", specimen="blood")
SEDIMENT = analyte("Leukocytes in urine sediment", "/[HPF]", specimen="urine")
URINE_CELLS = analyte("Leukocytes in urine", "/uL", specimen="urine")
PT = analyte("Prothrombin time", "s", specimen="plasma")
INR = analyte("INR", "{INR}", specimen="plasma")
PT_SHARE = analyte("Prothrombin activity", "%", specimen="plasma")
HBA1C = analyte("HbA1c", "%", specimen="blood", loinc="4548-4")
DIMER_FEU = analyte("D-dimer", "mg/L{FEU}", specimen="plasma", loinc="48067-3")
DIMER_DDU = analyte("D-dimer", "ug/L{DDU}", specimen="plasma")
DIMER = analyte("D-dimer", "mg/L", specimen="plasma")
TRANSFERRIN = analyte("Transferrin", "g/L", molar_mass=79570.0)
TIBC = analyte("TIBC", "umol/L")
TITRE = analyte("ASO titre", "{titer}")
ASO = analyte("ASO", "[IU]/mL")
BILIRUBIN = analyte("Bilirubin, total", "umol/L", molar_mass=584.66)
POTASSIUM = analyte("Potassium", "mmol/L", charge=1)
CALCIUM = analyte("Calcium, total", "mmol/L", charge=2, molar_mass=40.078)
GLUCOSE = analyte("Glucose", "mmol/L", molar_mass=180.156)
URINE_GLUCOSE = analyte("Glucose in urine", "mmol/L", specimen="urine", molar_mass=180.156)


def found(name: str, unit: str, of: AnalyteFacts, specimen: str = "", loinc: str = "") -> list[str]:
    sent = Clues(name, "", (unit,) if unit else (), (specimen,) if specimen else (), (loinc,) if loinc else ())
    return [one.code for one in clashes(sent, of)]


@pytest.mark.parametrize(
    ("name", "unit", "of", "code"),
    [
        pytest.param("CK-MB", "U/L", CKMB_MASS, "unit-kind", id="activity of a mass"),
        pytest.param("CK-MB mass", "ng/mL", CKMB_ACTIVITY, "unit-kind", id="mass of an activity"),
        pytest.param("CK-MB (khối lượng)", "", CKMB_ACTIVITY, "mass-and-activity", id="mass by name, Vietnamese"),
        pytest.param("CK-MB 活性", "", CKMB_MASS, "mass-and-activity", id="activity by name, Chinese"),
        pytest.param("NEUT%", "%", NEUT_COUNT, "unit-kind", id="share of a count"),
        pytest.param("NEUT#", "10^9/L", NEUT_SHARE, "unit-kind", id="count of a share"),
        pytest.param("NEUT#", "", NEUT_SHARE, "share-and-count", id="count by name"),
        pytest.param("中性粒细胞百分比", "", NEUT_COUNT, "share-and-count", id="share by name, Chinese"),
        pytest.param("Tỷ lệ bạch cầu trung tính", "", NEUT_COUNT, "share-and-count", id="share by name, Vietnamese"),
        pytest.param("LEU", "/uL", SEDIMENT, "unit-kind", id="volume and field"),
        pytest.param("LEU", "/LPF", SEDIMENT, "unit-kind", id="two fields"),
        pytest.param("LEU", "/HP", URINE_CELLS, "unit-kind", id="field and volume"),
        pytest.param("BUN", "mg/dL", UREA, "urea-and-nitrogen", id="nitrogen of urea"),
        pytest.param("Urea nitrogen", "mg/dL", UREA, "urea-and-nitrogen", id="nitrogen of urea by name"),
        pytest.param("尿素氮", "mg/dL", UREA, "urea-and-nitrogen", id="nitrogen of urea, Chinese"),
        pytest.param("Urê", "mg/dL", UREA_NITROGEN, "urea-and-nitrogen", id="urea of nitrogen, Vietnamese"),
        pytest.param("BUN (Urea)", "mg/dL", UREA, "urea-and-nitrogen", id="both words in mg/dL"),
        pytest.param("BUN", "", UREA, "urea-and-nitrogen", id="nitrogen without unit"),
        pytest.param("PT-INR", "", PT, "coagulation", id="ratio by name"),
        pytest.param("PT", "%", PT, "unit-kind", id="activity of a time"),
        pytest.param("PT", "giây", INR, "unit-kind", id="time of a ratio"),
        pytest.param("PT", "s", PT_SHARE, "unit-kind", id="time of an activity"),
        pytest.param("HbA1c", "mmol/mol", HBA1C, "unit-kind", id="IFCC and NGSP"),
        pytest.param("D-Dimer", "ng/mL DDU", DIMER_FEU, "unit-kind", id="DDU of FEU"),
        pytest.param("D-Dimer", "µg/mL FEU", DIMER_DDU, "unit-kind", id="FEU of DDU"),
        pytest.param("D-Dimer", "mg/L FEU", DIMER, "unit-kind", id="FEU of what does not say"),
        pytest.param("D-dimer (DDU)", "mg/L", DIMER_FEU, "d-dimer-units", id="DDU by name"),
        pytest.param("TIBC", "umol/L", TRANSFERRIN, "transferrin-and-capacity", id="capacity of transferrin"),
        pytest.param("Transferrin", "", TIBC, "transferrin-and-capacity", id="transferrin of capacity"),
        pytest.param("总铁结合力", "", TRANSFERRIN, "transferrin-and-capacity", id="capacity, Chinese"),
        pytest.param("ASO", "titre", ASO, "unit-kind", id="titre of a concentration"),
        pytest.param("ASO", "IU/mL", TITRE, "unit-kind", id="concentration of a titre"),
        pytest.param("ASO hiệu giá", "", ASO, "titre-and-concentration", id="titre by name"),
        pytest.param("Bilirubin trực tiếp", "umol/L", BILIRUBIN, "part-of-whole", id="direct of total"),
        pytest.param("Ca ion hóa", "mmol/L", CALCIUM, "part-of-whole", id="ionised of total"),
        pytest.param("Glucose", "mEq/L", GLUCOSE, "unit-kind", id="equivalents without charge"),
    ],
)
def test_two_quantities_are_refused_with_the_reason(name: str, unit: str, of: AnalyteFacts, code: str) -> None:
    expected = {code, "charge"} if unit == "mEq/L" else {code}

    assert expected & set(found(name, unit, of))


@pytest.mark.parametrize(
    ("name", "unit", "of"),
    [
        pytest.param("CK-MB", "ng/mL", CKMB_MASS, id="mass"),
        pytest.param("Đo hoạt độ CK-MB", "U/L", CKMB_ACTIVITY, id="activity"),
        pytest.param("NEUT#", "G/L", NEUT_COUNT, id="count"),
        pytest.param("NEUT%", "%", NEUT_SHARE, id="share"),
        pytest.param("Urê máu", "mg/dL", UREA, id="urea in mg/dL"),
        pytest.param("尿素氮", "mmol/L", UREA, id="molecules under the name of nitrogen"),
        pytest.param("BUN", "mg/dL", UREA_NITROGEN, id="nitrogen"),
        pytest.param("D-Dimer", "ug/mL FEU", DIMER_FEU, id="FEU"),
        pytest.param("K+", "mEq/L", POTASSIUM, id="equivalents of an ion"),
        pytest.param("Canxi toàn phần", "mEq/L", CALCIUM, id="equivalents of two charges"),
        pytest.param("Glucose [máu toàn phần]", "mg/dL", GLUCOSE, id="whole blood is no total"),
        pytest.param("PT", "giây", PT, id="seconds"),
    ],
)
def test_same_quantity_is_not_refused(name: str, unit: str, of: AnalyteFacts) -> None:
    assert found(name, unit, of) == []


@pytest.mark.parametrize(
    ("sent", "of", "is_refused"),
    [
        ("UR", GLUCOSE, True),
        ("Nước tiểu", GLUCOSE, True),
        ("尿液", GLUCOSE, True),
        ("SER", URINE_GLUCOSE, True),
        ("CSF", GLUCOSE, True),
        ("SER", GLUCOSE, False),
        ("PLAS", GLUCOSE, False),
        ("BLD", GLUCOSE, False),
        ("swab of the throat", GLUCOSE, False),
    ],
)
def test_specimen_of_another_kind_is_refused(sent: str, of: AnalyteFacts, is_refused: bool) -> None:
    assert ("specimen-kind" in found("Glucose", "mmol/L", of, specimen=sent)) is is_refused


def test_analyte_of_any_specimen_takes_each() -> None:
    assert found("Glucose", "mmol/L", analyte("Glucose", "mmol/L", specimen="any"), specimen="UR") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("obr", "obx"),
    [
        pytest.param(
            OBR.replace("|||||||||||||||20261120090000", "||||||||UR|||||||20261120090000"),
            "OBX|1|NM|GLUC^Glucose^L||5.6|mmol/L|||||F",
            id="urine mapped to serum",
        ),
        pytest.param(OBR, "OBX|1|NM|GLUC^Glucose tự do so với toàn phần^L||5.6|U/L|||||F", id="unit"),
    ],
)
def test_result_that_can_not_be_its_analyte_is_held_at_intake(scene: Scene, obr: str, obx: str) -> None:
    CodeMappingFactory(source=scene.source, analyte=scene.glucose)

    scene.process(message(PID, obr, obx))

    assert not Result.objects.exists()
    assert HeldResult.objects.get().reason in ("quantity", "unit")


@pytest.mark.django_db
def test_nitrogen_in_mg_dl_mapped_to_urea_is_held_at_intake_with_the_reason(scene: Scene) -> None:
    urea = AnalyteFactory(key="UREA", loinc="22664-7", unit="mmol/L", molar_mass=60.056, name_en="Urea")
    CodeMappingFactory(source=scene.source, local_code="U1", analyte=urea)

    scene.process(message(PID, OBR, "OBX|1|NM|U1^BUN^L||14|mg/dL|||||F"))
    scene.process(message(PID, OBR, "OBX|1|NM|U1^Urea^L||30|mg/dL|||||F", control_id="M2"))

    assert Scene.states() == [("held", "quantity"), ("received", "")]
    assert not Result.objects.exists()


@pytest.mark.django_db
def test_proposal_of_another_quantity_is_refused(scene: Scene) -> None:
    AnalyteFactory(key="UREA", loinc="22664-7", unit="mmol/L", molar_mass=60.056, name_en="Urea")
    scene.process(message(PID, OBR, "OBX|1|NM|U1^BUN^L||14|mg/dL|||||F"))

    with pytest.raises(BadInput, match=r"2[.,]14 .*\[urea-and-nitrogen\]"):
        actions.propose_mapping(
            source="SX",
            local_code="U1",
            local_system="L",
            analyte="UREA",
            valid_from=dt.date(2026, 11, 1),
            by=system_user("mapper"),
            at=timezone.now(),
        )


@pytest.mark.django_db
def test_equivalents_of_an_ion_become_amounts_at_intake(scene: Scene) -> None:
    calcium = AnalyteFactory(key="CA", loinc="2000-8", unit="mmol/L", charge=2, name_en="Calcium, total")
    CodeMappingFactory(source=scene.source, local_code="CA", analyte=calcium)

    scene.process(message(PID, OBR, "OBX|1|NM|CA^Calcium^L||5.0|mEq/L|4.3-5.3||||F"))

    stored = Result.objects.get()
    assert (float(stored.value), float(stored.reference_low or 0)) == (2.5, 2.15)


@pytest.mark.django_db
def test_power_whose_caret_was_not_escaped_is_understood(scene: Scene) -> None:
    AnalyteFactory(key="WBC", loinc="6690-2", unit="10*9/L", specimen="blood", name_en="White blood cells")

    scene.process(message(PID, OBR, "OBX|1|NM|6690-2^WBC^LN||5.6|10^9/L|4.0-10.0||||F"))

    stored = Result.objects.get()
    assert (float(stored.value), stored.reported_unit) == (5.6, "10^9/L")
