"""Files of results and plans: every row is stored, unchanged, or has a finding with its place."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import Workbook
from tests.factories.registry import AnalyteFactory, FacilityFactory, ProcedureFactory
from tests.integration.eqa.conftest import AFTER, HEADER, NOW, Scene

from lienthong.core.models import AuditEvent
from lienthong.eqa import actions
from lienthong.eqa.models import Enrolment, Round, SampleResult
from lienthong.errors import BadInput, Conflict, NotAllowed


@pytest.fixture
def opened(scene: Scene) -> Scene:
    """An open round of two samples in which two laboratories take part."""
    scene.open_round(samples=("A", "B"))
    scene.take_part(2)
    return scene


def bring(scene: Scene, data: bytes, **options: bool) -> actions.ImportOutcome:
    return actions.import_results("2026-3", data, "r.csv", by=scene.officer, at=NOW, **options)


def row(scene: Scene, **changes: str) -> bytes:
    """Return a file of one good row with some cells changed."""
    cells = {
        "participant": "101",
        "procedure": scene.procedures[0].code,
        "sample": "A",
        "value": "1.30",
        "unit": "mmol/L",
        "returned_at": "2026-10-14 09:00",
        **changes,
    }
    return "\n".join([",".join(cells), ",".join(cells.values())]).encode()


def test_same_file_again_changes_nothing(opened: Scene) -> None:
    data = opened.file((0, "A", "1.30"), (0, "B", "2.10"), (1, "A", "1.28"))
    first = bring(opened, data)
    rows, events = list(SampleResult.objects.values()), AuditEvent.objects.count()

    again = bring(opened, data)

    assert (first.stored, again.stored, again.changed, again.unchanged) == (3, 0, 0, 3)
    assert list(SampleResult.objects.values()) == rows
    assert AuditEvent.objects.count() == events


def test_changed_result_takes_the_place_and_the_earlier_one_stays(opened: Scene) -> None:
    bring(opened, opened.file((0, "A", "1.30")))

    outcome = bring(opened, opened.file((0, "A", "1.40")))

    assert outcome.changed == 1
    assert [one.reported_value for one in SampleResult.objects.order_by("pk")] == ["1.30", "1.40"]
    assert SampleResult.objects.current().get().value == 1.4


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"participant": "999"}, "A2", "unknown-participant"),
        ({"procedure": "P-NONE"}, "B2", "not-enrolled"),
        ({"sample": "Z"}, "C2", "unknown-sample"),
        ({"value": "<0.01"}, "D2", "not-a-number"),
        ({"value": ""}, "D2", "empty"),
        ({"unit": "U/L"}, "E2", "bad-unit"),
        ({"unit": "furlong"}, "E2", "bad-unit"),
        ({"unit": ""}, "E2", "empty"),
        ({"returned_at": "yesterday"}, "F2", "not-a-moment"),
        ({"returned_at": "2026-10-19 09:00"}, "F2", "in-the-future"),
    ],
    ids=lambda value: str(value),
)
def test_fault_of_a_row_is_found_in_its_cell_and_nothing_is_stored(
    opened: Scene, changes: dict[str, str], place: str, code: str
) -> None:
    outcome = bring(opened, row(opened, **changes))

    assert [(finding.where, finding.code) for finding in outcome.findings] == [(f"r.csv!{place}", code)]
    assert not outcome.is_written
    assert not SampleResult.objects.exists()


def test_sample_twice_in_a_file_is_a_fault_of_the_second_row(opened: Scene) -> None:
    outcome = bring(opened, opened.file((0, "A", "1.30"), (0, "A", "1.30")))

    assert [(finding.where, finding.code) for finding in outcome.findings] == [("r.csv!C3", "duplicate-row")]
    assert not SampleResult.objects.exists()


def test_good_rows_only_stores_them_and_reports_the_rest(opened: Scene) -> None:
    data = opened.file((0, "A", "1.30"), (1, "Q", "1.28"), (1, "B", "2.2"))

    outcome = bring(opened, data, good_rows_only=True)

    assert (outcome.stored, outcome.refused, outcome.is_written) == (2, 1, True)
    assert [finding.where for finding in outcome.findings] == ["r.csv!C3"]


@pytest.mark.parametrize(
    ("value", "unit", "stored"),
    [
        ("1,30", "mmol/L", 1.30),
        ("4.0", "mg/dL", 4.0 * 10 / 94.97),
        ("1300", "umol/L", 1.30),
        ("1300", "µmol/L", 1.30),
    ],
)
def test_value_is_stored_in_the_unit_of_the_analyte_and_as_reported(
    opened: Scene, value: str, unit: str, stored: float
) -> None:
    bring(opened, row(opened, value=f'"{value}"', unit=unit))

    result = SampleResult.objects.get()
    assert result.value == pytest.approx(stored, rel=1e-12)
    assert (result.reported_value, result.reported_unit) == (value, unit)


def test_mass_without_a_molar_mass_is_refused_with_the_reason(opened: Scene) -> None:
    opened.analyte.molar_mass = None
    opened.analyte.save()

    outcome = bring(opened, row(opened, unit="mg/dL"))

    assert "molar mass" in outcome.findings[0].message


def test_laboratory_code_names_the_participant_too(opened: Scene) -> None:
    laboratory = opened.laboratories[1]
    data = row(opened, participant="", procedure=opened.procedures[1].code)
    head, line = data.decode().splitlines()

    good = bring(opened, f"{head},laboratory\n{line},{laboratory.code}".encode())
    other = bring(opened, f"{head},laboratory\n101{line},{laboratory.code}".encode())

    assert good.stored == 1
    assert [finding.code for finding in other.findings] == ["codes-differ"]


def test_workbook_is_read_as_a_csv_is(opened: Scene) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append(["101", opened.procedures[0].code, "A", 1.3, "mmol/L", dt.datetime(2026, 10, 14, 9)])  # noqa: DTZ001 — Excel has no zones
    stream = io.BytesIO()
    book.save(stream)

    outcome = actions.import_results("CHEM/2026-3", stream.getvalue(), "r.xlsx", by=opened.officer, at=NOW)

    assert outcome.stored == 1
    assert SampleResult.objects.get().returned_at == dt.datetime(2026, 10, 14, 2, tzinfo=dt.UTC)


def test_late_result_is_taken_until_the_round_is_closed_and_never_after(opened: Scene) -> None:
    late = row(opened, returned_at="2026-10-20 20:00")

    taken = actions.import_results("2026-3", late, "r.csv", by=opened.officer, at=AFTER)
    actions.close_round(opened.round_id, by=opened.officer, at=AFTER)

    assert taken.stored == 1
    with pytest.raises(Conflict, match="is closed"):
        actions.import_results("2026-3", opened.file((1, "A", 1.3)), "r.csv", by=opened.officer, at=AFTER)


def test_round_code_of_two_schemes_must_name_its_scheme(opened: Scene) -> None:
    actions.create_scheme(
        code="HAEM",
        names={"en": "Haematology"},
        organiser="Centre",
        reach="province",
        region_ids=[opened.region.pk],
        is_own=True,
        verdict_read="z",
        by=opened.officer,
        at=NOW,
    )
    first = Round.objects.get()
    actions.create_round(
        scheme_code="HAEM",
        code="2026-3",
        sample_codes=["A"],
        opens_on=first.opens_on,
        closes_at=first.closes_at,
        by=opened.officer,
        at=NOW,
    )

    with pytest.raises(Conflict, match="SCHEME/2026-3"):
        bring(opened, opened.file((0, "A", 1.3)))
    assert actions.import_results("CHEM/2026-3", row(opened), "r.csv", by=opened.officer, at=NOW).stored == 1


def test_technician_may_not_enter_the_results_of_a_round(opened: Scene) -> None:
    technician = opened.user("technician", opened.laboratories[0])

    with pytest.raises(NotAllowed):
        actions.import_results("2026-3", row(opened), "r.csv", by=technician, at=NOW)


def test_qualitative_analyte_can_not_be_enrolled(opened: Scene) -> None:
    procedure = ProcedureFactory(
        laboratory=opened.laboratories[0], analyte=AnalyteFactory(key="HBSAG", scale="qualitative", unit="")
    )

    with pytest.raises(BadInput, match="qualitative"):
        actions.enrol(
            round_id=opened.round_id,
            laboratory_id=opened.laboratories[0].pk,
            participant_code="101",
            procedure_ids=[procedure.pk],
            by=opened.officer,
            at=NOW,
        )


@pytest.mark.parametrize(
    ("code", "message"), [("102", "is taken"), ("777", "takes part in round 2026-3 under code 101")]
)
def test_participant_code_belongs_to_one_laboratory(opened: Scene, code: str, message: str) -> None:
    with pytest.raises(Conflict, match=message):
        actions.enrol(
            round_id=opened.round_id,
            laboratory_id=opened.laboratories[0].pk,
            participant_code=code,
            procedure_ids=[opened.procedures[0].pk],
            by=opened.officer,
            at=NOW,
        )


PLAN = "scheme,round,opens_on,closes_at,samples,participant,procedure,peer_group"


def plan(*procedures: str, closes_at: str = "20/10/2026 17:00") -> bytes:
    lines = [f"CHEM,2026-9,01/10/2026,{closes_at},A B,{201 + n},{code}," for n, code in enumerate(procedures)]
    return "\n".join([PLAN, *lines]).encode()


def test_plan_makes_the_round_with_its_participants_once(opened: Scene) -> None:
    data = plan(*(procedure.code for procedure in opened.procedures))

    first = actions.import_plan(data, "plan.csv", by=opened.officer, at=NOW)
    again = actions.import_plan(data, "plan.csv", by=opened.officer, at=NOW)

    made = Round.objects.get(code="2026-9")
    assert (first.stored, again.stored, again.unchanged) == (2, 0, 2)
    assert list(made.samples.values_list("code", flat=True)) == ["A", "B"]
    assert made.closes_at == dt.datetime(2026, 10, 20, 10, tzinfo=dt.UTC)
    enrolled = Enrolment.objects.filter(participant__round=made)
    assert set(enrolled.values_list("participant__code", "peer_group")) == {
        ("201", "ion-selective electrode, C6"),
        ("202", "ion-selective electrode, C6"),
    }


def test_plan_with_a_fault_stores_nothing(opened: Scene) -> None:
    outcome = actions.import_plan(plan(opened.procedures[0].code, "P-NONE"), "p.csv", by=opened.officer, at=NOW)

    assert [(finding.where, finding.code) for finding in outcome.findings] == [("p.csv!G3", "unknown-procedure")]
    assert not Round.objects.filter(code="2026-9").exists()


def test_plan_of_another_region_s_scheme_is_refused_and_rolled_back(opened: Scene) -> None:
    stranger = opened.user("officer", FacilityFactory().region)

    with pytest.raises(NotAllowed):
        actions.import_plan(plan(opened.procedures[0].code), "p.csv", by=stranger, at=NOW)
    assert not Round.objects.filter(code="2026-9").exists()


def test_plan_that_clashes_with_a_stored_round_says_so(opened: Scene) -> None:
    actions.import_plan(plan(opened.procedures[0].code), "p.csv", by=opened.officer, at=NOW)

    outcome = actions.import_plan(
        plan(opened.procedures[0].code, closes_at="21/10/2026 17:00"), "p.csv", by=opened.officer, at=NOW
    )

    assert [finding.code for finding in outcome.findings] == ["conflict"]
