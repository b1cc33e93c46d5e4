"""China's reports in CDA from document to results: versions, replacements, character sets, and what waits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from tests.factories.exchange import CodeMappingFactory, moment
from tests.factories.national import cluster, document, examination, item, laboratory, section
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries.conftest import Deliver

from lienthong.exchange.deliveries import cn_cda
from lienthong.exchange.senders import sources_by_code
from lienthong.results.models import HeldResult, InboxMessage, PatientRecord, Report, Result

pytestmark = pytest.mark.django_db

REAL = '<value xsi:type="REAL" value="{}"/>'


@pytest.fixture(autouse=True)
def codes(exporter: Scene) -> None:
    """GLU and K are what the documents call glucose and potassium."""
    for code, analyte in (("GLU", exporter.glucose), ("K", exporter.potassium)):
        CodeMappingFactory(source=exporter.source, local_code=code, analyte=analyte)


def findings() -> set[tuple[str, str]]:
    return {(one["where"], one["code"]) for row in InboxMessage.objects.all() for one in row.findings}


def test_document_is_stored_with_what_it_tells_and_what_is_filled_in(exporter: Scene, deliver: Deliver) -> None:
    deliver(cn_cda, document())

    row, report, record = Result.objects.get(), Report.objects.get(), PatientRecord.objects.get()
    assert exporter.states() == [("stored", "")]
    assert (row.value, row.reported_unit, row.status) == (Decimal("5.6"), "mmol/L", "final")
    assert (row.reference_range, row.reference_low, row.reference_high) == ("", Decimal("3.9"), Decimal("6.4"))
    assert row.filled_in.split() == ["status", "loinc", "reference_range"]
    assert (row.collected_at, row.measured_at) == (moment("2026-11-20 07:00"), moment("2026-11-20 08:00"))
    assert row.released_at == moment("2026-11-20 09:30")
    assert (report.number, report.placer_number, report.service, report.specimen) == ("JY0001", "SQ1", "生化", "血清")
    assert report.requester == "内科"
    assert (record.local_id, record.full_name, record.sex) == ("MZ20261120001", "李晓梅", "F")
    assert set(record.identifiers.values_list("system", "value")) == {
        ("2.16.156.10011.1.11", "MZ20261120001"),
        ("NI", "360727199003071244"),
    }


@pytest.mark.parametrize("charset", ["GB18030", "UTF-16"])
def test_same_document_in_another_character_set_changes_nothing(
    exporter: Scene, deliver: Deliver, charset: str
) -> None:
    deliver(cn_cda, document())
    deliver(cn_cda, document(charset=charset))
    deliver(cn_cda, document(charset=charset))

    assert [state for state, _ in exporter.states()] == ["stored", "duplicate", "duplicate"]
    assert PatientRecord.objects.get().full_name == "李晓梅"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"numbers": "", "set_id": "S1"}, {"numbers": "", "set_id": "S1"}),
        ({"numbers": ""}, {"numbers": ""}),
    ],
    ids=["number of the report", "set of versions", "replaced document"],
)
def test_document_that_replaces_another_makes_new_versions(
    exporter: Scene, deliver: Deliver, first: dict[str, str], second: dict[str, str]
) -> None:
    items = (item(), item("K", REAL.format("4.1"), name="钾"))
    deliver(cn_cda, document(laboratory(*items), **first))
    changed = (item(value=REAL.format("6.5")), items[1])
    deliver(cn_cda, document(laboratory(*changed), id="RN002", replaces="RN001", **second))

    assert Report.objects.count() == 1
    assert list(Result.objects.order_by("local_code", "version").values_list("local_code", "version", "status")) == [
        ("GLU", 1, "final"),
        ("GLU", 2, "corrected"),
        ("K", 1, "final"),
        ("K", 2, "corrected"),
    ]
    assert (("setId", "replacement-chain") in findings()) == ("set_id" not in first and "numbers" in first)


def test_value_that_is_blank_or_only_a_code_gives_no_result(exporter: Scene, deliver: Deliver) -> None:
    blank, coded = item("K", REAL.format("")), item("HBS01", '<value xsi:type="CD" code="2"/>')

    deliver(cn_cda, document(laboratory(item(), blank, coded)))

    assert Result.objects.get().local_code == "GLU"
    assert findings() == {("item[2]/value", "no-value"), ("item[3]/value", "no-value")}


def test_words_and_limits_are_read_as_what_they_are(exporter: Scene, deliver: Deliver) -> None:
    words = item("HBS01", '<value xsi:type="ST">阴性</value>', unit="")
    below = item(value='<value xsi:type="IVL_PQ"><high value="0.5" unit="mmol/L" inclusive="false"/></value>')

    deliver(cn_cda, document(laboratory(words, below)))

    found = {one.local_code: (one.outcome, one.comparator, one.value) for one in Result.objects.all()}
    assert found == {"HBS01": ("negative", "", None), "GLU": ("", "<", Decimal("0.5"))}


def test_items_of_two_specimens_keep_their_times(exporter: Scene, deliver: Deliver) -> None:
    deliver(cn_cda, document(laboratory(item(), item("K", specimen="尿", collected=""))))

    found = {one.local_code: one.collected_at for one in Result.objects.all()}
    assert found["GLU"] == moment("2026-11-20 07:00")
    assert found.get("K") is None


def test_unknown_code_waits_by_the_places_of_the_document(exporter: Scene, deliver: Deliver) -> None:
    deliver(cn_cda, document(laboratory(item(), item("NEW"))))

    held = HeldResult.objects.get()
    assert (held.local_code, held.local_name, held.position) == ("NEW", "葡萄糖", "item[2]/code")
    assert findings() == {("item[2]/code", "code-unknown")}


def test_examination_waits_for_its_service_with_findings_and_conclusion(exporter: Scene, deliver: Deliver) -> None:
    deliver(cn_cda, examination())

    oru, _ = cn_cda.parse(examination(), sources_by_code(on=timezone.localdate())["SX"])
    (order,) = oru.orders
    assert exporter.states() == [("held", "code-unknown")]
    assert (order.service.code, order.filler_order_number) == ("US-ABD", "JC0001")
    assert [(one.code.code, one.text) for one in order.observations] == [
        ("59776-5", "肝脏大小形态正常。"),
        ("19005-8", "肝胆胰脾未见明显异常。"),
    ]
    assert order.collected_at is not None
    assert order.collected_at.text == "20261120081000"


@pytest.mark.parametrize(
    ("registered", "state"),
    [("123607270000000011", ("held", "other-facility")), ("45873002X", ("stored", ""))],
    ids=["another of its form", "of another form"],
)
def test_document_of_another_institution_is_held(
    exporter: Scene, deliver: Deliver, registered: str, state: tuple[str, str]
) -> None:
    facility = exporter.laboratory.facility
    facility.code = registered
    facility.save()

    deliver(cn_cda, document(institution="123607270000000010"))

    assert exporter.states() == [state]


def test_document_that_is_no_report_gives_no_piece(exporter: Scene) -> None:
    found = cn_cda.split(document(kind="C0034", template=""))

    assert found.pieces == ()
    assert [one.code for one in found.findings] == ["document-kind"]


def test_flat_cluster_and_own_form_make_the_same_results(exporter: Scene, deliver: Deliver) -> None:
    deliver(cn_cda, document(section(cluster(item()))))
    deliver(cn_cda, document(section("".join(f"<entry>{one}</entry>" for one in item()))))

    assert Result.objects.count() == 1
