"""The pages of targets: the list, and a file that is looked at before it sets anything."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.integration.iqc.bench import NOW, Bench

from lienthong.core.models import User
from lienthong.iqc import actions
from lienthong.iqc.models import ControlFileDraft, ControlLot, ControlTarget
from lienthong.iqc.target_file import COLUMNS
from lienthong.registry.models import Procedure

pytestmark = pytest.mark.django_db
HEADER = "procedure,material,lot,level,expires_on,mean,sd,unit,source,valid_from"
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon of 30 November 2026."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def bench() -> Bench:
    return Bench.open()


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def row(system: Procedure, **change: object) -> str:
    given: dict[str, object] = {
        "procedure": system.code,
        "material": "Duotrol",
        "lot": "4471",
        "level": 1,
        "expires_on": "2027-12-31",
        "mean": "4.00",
        "sd": "0.10",
        "unit": "mmol/L",
        "source": "peers",
        "valid_from": "2026-11-01",
    }
    return ",".join(str((given | change)[name]) for name in HEADER.split(","))


def bring(client: Client, *rows: str) -> str:
    """Upload a file of targets; return where its owner looks at it."""
    file = SimpleUploadedFile("targets.csv", "\n".join([HEADER, *rows]).encode())
    return str(client.post(reverse("iqc:import-targets"), {"file": file}).url)


def stand(bench: Bench, *rows: str) -> None:
    report = actions.import_targets("\n".join([HEADER, *rows]).encode(), "t.csv", by=bench.technician, at=NOW)
    assert report.findings == ()


def listed(client: Client, **query: str) -> list[tuple[str, int, str]]:
    """Return lot, level and state of each row of the list."""
    rows = client.get(reverse("iqc:targets"), query).context["rows"]
    return [(one.facts.lot, one.facts.level, one.words) for one in rows]


@pytest.mark.parametrize("role", ["technician", "manager"])
def test_file_is_looked_at_first_and_sets_targets_on_the_second_step(bench: Bench, role: str) -> None:
    system = bench.system(levels=0)
    user = UserFactory()
    bind(user, role, bench.laboratory)
    client = signed_in(user)
    url = bring(client, row(system), row(system, level=2, mean="6.5", sd="0.25"))

    seen = client.get(url).content.decode()
    before = ControlTarget.objects.count() + ControlLot.objects.count()
    stored = client.post(url, {"choice": "all"})

    assert "2 targets are ready to be set" in seen
    assert "6.50" in seen
    assert before == 0
    assert "2 targets set" in stored.content.decode()
    assert listed(client) == [("4471", 1, "In force"), ("4471", 2, "In force")]
    assert not ControlFileDraft.objects.exists()


def test_look_shows_what_stands_beside_what_the_file_would_set(bench: Bench) -> None:
    system = bench.system(levels=0)
    stand(bench, row(system), row(system, level=2))
    client = signed_in(bench.technician)

    seen = client.get(bring(client, row(system, mean="4.05", valid_from="2026-12-01"), row(system, level=2)))

    assert dict(seen.context["file"].facts) == {"Targets to set": 1, "Stand already": 1, "Rows with errors": 0}
    assert [(one.mean, one.before) for one in seen.context["changes"]] == [("4.05", "4.0 ± 0.1")]


def test_same_file_again_changes_nothing(bench: Bench) -> None:
    system = bench.system(levels=0)
    client = signed_in(bench.technician)
    client.post(bring(client, row(system)), {"choice": "all"})

    seen = client.get(bring(client, row(system)))

    assert "Every target of this file stands already" in seen.content.decode()
    assert not seen.context["file"].can_import
    assert ControlTarget.objects.count() == 1


def test_file_with_an_error_says_where_and_offers_its_good_rows(bench: Bench) -> None:
    system = bench.system(levels=0)
    client = signed_in(bench.technician)
    url = bring(client, row(system), row(system, level=2, sd="0"))

    seen = client.get(url).content.decode()
    refused = client.post(url, {"choice": "all"})
    stored = client.post(url, {"choice": "good-rows"})

    assert "Nothing is stored: 1 row has errors" in seen
    assert "targets.csv!G3" in seen
    assert (refused.status_code, stored.status_code) == (422, 200)
    assert [one.control_lot.level for one in ControlTarget.objects.select_related("control_lot")] == [1]


def test_target_before_one_that_controls_were_held_against_is_an_error_of_its_row(bench: Bench) -> None:
    system = bench.system(levels=0)
    stand(bench, row(system))
    bench.measure(system, "05 06:00 1.0")
    client = signed_in(bench.technician)
    url = bring(client, row(system, mean="4.2"))

    seen = client.get(url).content.decode()
    refused = client.post(url, {"choice": "all"})

    assert "targets.csv!J2" in seen
    assert "begin the new one after the last of them" in seen
    assert refused.status_code == 422
    assert ControlTarget.objects.get().mean == 4.0


def test_file_that_is_dropped_sets_nothing(bench: Bench) -> None:
    client = signed_in(bench.technician)
    url = bring(client, row(bench.system(levels=0)))

    answer = client.post(url, {"choice": "drop"})

    assert answer.url == reverse("iqc:import-targets")
    assert not ControlTarget.objects.exists()
    assert not ControlFileDraft.objects.exists()


def test_targets_of_another_laboratory_are_neither_seen_nor_set(bench: Bench) -> None:
    system = bench.system()
    other = Bench.open()
    client = signed_in(other.technician)
    url = bring(client, row(system, lot="9999"))

    seen = client.get(url).content.decode()
    refused = client.post(url, {"choice": "good-rows"})

    assert listed(client) == []
    assert bench.laboratory.name_en not in client.get(reverse("iqc:targets")).content.decode()
    assert "no measuring system of your laboratories has this code" in seen
    assert refused.status_code == 422
    assert not ControlLot.objects.filter(lot="9999").exists()


def test_draft_is_reached_by_its_owner_and_as_what_it_is(bench: Bench) -> None:
    client = signed_in(bench.technician)
    url = bring(client, row(bench.system(levels=0)))
    draft_id = ControlFileDraft.objects.get().pk
    colleague = UserFactory()
    bind(colleague, "technician", bench.laboratory)

    assert signed_in(colleague).get(url).status_code == 404
    assert client.get(reverse("iqc:import-file", args=[draft_id])).status_code == 404
    assert url in client.get(reverse("iqc:today")).content.decode()
    assert url not in client.get(reverse("iqc:import")).content.decode()


def test_officer_reads_targets_and_brings_none(bench: Bench) -> None:
    bench.system()
    officer = UserFactory()
    bind(officer, "officer", bench.laboratory.facility.region)
    client = signed_in(officer)

    page = client.get(reverse("iqc:targets")).content.decode()

    assert len(listed(client)) == 2
    assert "Bring targets" not in page
    for route in ("iqc:import-targets", "iqc:import-targets-template"):
        assert client.get(reverse(route)).status_code == 403


@pytest.mark.parametrize("role", ["clinician", "operator"])
@pytest.mark.parametrize("route", ["iqc:targets", "iqc:import-targets", "iqc:import-targets-template"])
def test_other_roles_have_no_page_of_targets(bench: Bench, role: str, route: str) -> None:
    user = UserFactory()
    bind(user, role, bench.laboratory.facility)

    assert signed_in(user).get(reverse(route)).status_code == 403


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"expires_on": TODAY - dt.timedelta(days=1)}, "Lot expired", id="yesterday"),
        pytest.param({"expires_on": TODAY}, "Lot expires today", id="today"),
        pytest.param({"expires_on": TODAY + dt.timedelta(days=30)}, "Lot expires in 30 days", id="soon"),
        pytest.param({"expires_on": TODAY + dt.timedelta(days=31)}, "In force", id="in a while"),
        pytest.param({"expires_on": ""}, "In force", id="not known"),
        pytest.param({"valid_from": TODAY + dt.timedelta(days=1)}, "Begins later", id="from tomorrow"),
    ],
)
def test_list_says_how_long_a_lot_can_be_used(bench: Bench, change: dict[str, object], words: str) -> None:
    stand(bench, row(bench.system(levels=0), **change))

    assert listed(signed_in(bench.technician)) == [("4471", 1, words)]


def test_list_gives_what_one_asks_of_a_target_and_leaves_out_what_ended(bench: Bench) -> None:
    system = bench.system(levels=0, analyte__name_en="Potassium")
    stand(bench, row(system))
    stand(bench, row(system, mean="4.05", valid_from="2026-11-15"))

    page = signed_in(bench.technician).get(reverse("iqc:targets"))

    assert [(one.system.name, one.mean, one.sd, one.cv, one.source) for one in page.context["rows"]] == [
        ("Potassium", "4.05", "0.10", "2.47 %", "peer group")
    ]


@pytest.mark.parametrize(
    ("mean", "sd", "shown"),
    [
        pytest.param("4.05", "0.1", ("4.05", "0.10"), id="mean longer"),
        pytest.param("4", "0.0783412", ("4.0000", "0.0783"), id="computed SD"),
        pytest.param("1400", "25", ("1,400", "25"), id="whole numbers"),
        pytest.param("0.0004", "0.00002", ("0.00040", "0.00002"), id="small"),
    ],
)
def test_list_writes_mean_and_sd_with_the_decimals_that_tell(
    bench: Bench, mean: str, sd: str, shown: tuple[str, str]
) -> None:
    stand(bench, row(bench.system(levels=0), mean=mean, sd=sd))

    rows = signed_in(bench.technician).get(reverse("iqc:targets")).context["rows"]

    assert [(one.mean, one.sd) for one in rows] == [shown]


def test_list_names_systems_without_a_target(bench: Bench) -> None:
    bench.system()
    bare = bench.system(levels=0)

    page = signed_in(bench.technician).get(reverse("iqc:targets"))

    assert [one.id for one in page.context["without"]] == [bare.pk]
    assert f'<a href="{reverse("iqc:chart", args=[bare.pk])}">' in page.content.decode()


def test_list_is_filtered_by_the_link_of_a_chart_and_by_lot(bench: Bench) -> None:
    system = bench.system(lot="4471")
    bench.system(lot="5500")
    client = signed_in(bench.technician)

    chart = client.get(reverse("iqc:chart", args=[system.pk])).content.decode()

    assert f"{reverse('iqc:targets')}?q={system.code}" in chart
    assert {lot for lot, _level, _words in listed(client, q=system.code)} == {"4471"}
    assert {lot for lot, _level, _words in listed(client, q="5500")} == {"5500"}


@pytest.mark.parametrize(
    ("export", "sheet", "rows"),
    [
        pytest.param("excel", "control-targets", 3, id="targets"),
        pytest.param("without", "systems-without-target", 2, id="systems without"),
    ],
)
def test_list_is_exported_as_shown(bench: Bench, export: str, sheet: str, rows: int) -> None:
    bench.system()
    bench.system(levels=0)

    answer = signed_in(bench.technician).get(reverse("iqc:targets"), {"export": export})

    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [sheet]
    assert book[sheet].max_row == rows
    assert len({len(line) for line in book[sheet].iter_rows(values_only=True)}) == 1


def test_template_has_the_columns_that_are_read(bench: Bench) -> None:
    answer = signed_in(bench.technician).get(reverse("iqc:import-targets-template"))

    book = load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]] == [str(column.label) for column in COLUMNS]


def test_queries_of_the_list_do_not_grow_with_its_rows(bench: Bench) -> None:
    bench.system()
    client = signed_in(bench.technician)
    client.get(reverse("iqc:targets"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("iqc:targets"))
    for _ in range(5):
        bench.system()

    with CaptureQueriesContext(connection) as many:
        client.get(reverse("iqc:targets"))

    assert len(many) == len(few) < 20
