"""Imaging services beside measuring systems: their table, what it asks of a row, and their page."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import ProcedureFactory, bind
from tests.integration.registry.test_imports import bring

from lienthong.core.imports.run import ImportReport
from lienthong.core.models import User
from lienthong.registry.models import Analyte, Procedure, ProcedurePeriod, Region
from lienthong.registry.reads import procedures

ANALYTES = """\
key;loinc;name_vi;name_zh;name_en;specimen;group;scale;unit
US-ABDOMEN;24558-9;Siêu âm ổ bụng;腹部超声;Abdominal ultrasound;abdomen;ultrasound;mô tả bằng lời;
"""
INSTRUMENTS = """\
laboratory;code;manufacturer;model;serial_number;valid_from
L1;US1;Sonara;Sonara 7;;2022-01-01
"""
HEAD = "code;laboratory;kind;analyte;method;in_use_from;valid_from;instrument_code;instrument_model;modality;examiner"
ROW = "L1-US;L1;imaging;US-ABDOMEN;transabdominal;2022-01-01;2022-01-01;US1;Sonara 7;US;BS. Lê Minh"


@pytest.fixture
def room(province: dict[str, ImportReport], worker: User) -> User:
    """The laboratory L1 with an ultrasound device and its examination in the catalogue."""
    bring("analytes", ANALYTES, worker)
    bring("instruments", INSTRUMENTS, worker)
    return worker


def codes(report: ImportReport) -> list[tuple[str, str]]:
    return [(finding.where.rpartition("!")[2], finding.code) for finding in report.findings]


def test_imaging_service_is_brought_by_the_table_of_procedures(room: User) -> None:
    report = bring("procedures", f"{HEAD}\n{ROW}\n", room)

    assert codes(report) == []
    made = Procedure.objects.get(code="L1-US")
    assert (made.kind, made.modality, made.analyte.scale) == ("imaging", "US", Analyte.Scale.NARRATIVE)
    facts = procedures([made.pk], on=made.in_use_from)[made.pk]
    assert (facts.is_imaging, facts.examiner, facts.instrument) == (True, "BS. Lê Minh", "Sonara 7")


def test_new_examiner_is_a_new_period(room: User) -> None:
    bring("procedures", f"{HEAD}\n{ROW}\n", room)

    bring(
        "procedures", f"{HEAD}\n{ROW.replace('2022-01-01;US1', '2026-03-01;US1').replace('Lê Minh', 'Đỗ Hà')}\n", room
    )

    current = ProcedurePeriod.objects.filter(procedure__code="L1-US", superseded_at=None).order_by("valid_from")
    assert [one.examiner for one in current] == ["BS. Lê Minh", "BS. Đỗ Hà"]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param(";US;BS", ";;BS", "empty", id="no modality"),
        pytest.param(";US;BS", ";siêu âm;BS", "not-a-modality", id="modality in words"),
        pytest.param("US-ABDOMEN", "K", "not-an-examination", id="measures"),
        pytest.param("US1;Sonara 7", "US9;Sonara 7", "unknown-instrument", id="unknown device"),
        pytest.param("US1;Sonara 7", ";", "empty", id="no device"),
        pytest.param("L1-US;L1;imaging", "L1-US;L1;measuring_system", "of-an-imaging-service", id="other kind"),
    ],
)
def test_row_that_is_no_imaging_service_is_told(room: User, before: str, after: str, code: str) -> None:
    report = bring("procedures", f"{HEAD}\n{ROW.replace(before, after)}\n", room)

    assert code in [one for _where, one in codes(report)]
    assert not Procedure.objects.filter(code="L1-US").exists()


def test_examination_has_no_unit(room: User) -> None:
    report = bring("analytes", ANALYTES.replace("lời;", "lời;mm").replace("US-ABDOMEN", "US-NECK"), room)

    assert [code for _where, code in codes(report)] == ["unit-of-words"]


@pytest.mark.django_db
def test_measuring_system_can_have_no_modality() -> None:
    with pytest.raises(IntegrityError, match="registry_procedure_modality_of_imaging"), transaction.atomic():
        ProcedureFactory(modality="US")


def test_page_of_a_service_shows_device_and_examiner(room: User, client: Client) -> None:
    bring("procedures", f"{HEAD}\n{ROW}\n", room)
    made = Procedure.objects.get(code="L1-US")
    officer = UserFactory()
    bind(officer, "officer", Region.objects.get(code="VN-HD"))
    client.force_login(officer)
    client.cookies["django_language"] = "en"

    page = client.get(reverse("registry:procedure", args=[made.pk])).content.decode()

    assert "BS. Lê Minh" in page
    assert "Reagent" not in page
