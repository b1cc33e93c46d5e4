"""The pages: what they say, what they refuse, and how many queries the lists cost."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.integration.iqc.bench import HEADER, MEANS, ZONE, Bench, broken, verdicts

from lienthong.core.models import User
from lienthong.iqc import actions
from lienthong.iqc.models import ControlFileDraft, ControlResult, ControlRun, CorrectiveAction, ResetEvent, Violation
from lienthong.registry.models import Procedure

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def ago(**span: float) -> dt.datetime:
    return (timezone.now() - dt.timedelta(**span)).astimezone(ZONE).replace(second=0, microsecond=0)


def run(bench: Bench, system: Procedure, instant: dt.datetime, *scores: float) -> actions.RunOutcome:
    values = {level: MEANS[level][0] + score * MEANS[level][1] for level, score in enumerate(scores, start=1)}
    return actions.record_run(system.pk, values, measured_at=instant, by=bench.technician, at=timezone.now())


@pytest.fixture
def bench() -> Bench:
    return Bench.open()


@pytest.fixture
def out(bench: Bench) -> Procedure:
    """A system with an accepted run of yesterday and a rejected one of two hours ago."""
    system = bench.system(analyte__key="K", analyte__name_en="Potassium")
    run(bench, system, ago(hours=20), 0.4, -0.5)
    run(bench, system, ago(hours=2), 1.7, 3.4)
    return system


def test_morning_page_says_what_is_out_and_leads_to_the_action(bench: Bench, out: Procedure) -> None:
    page = signed_in(bench.technician).get(reverse("iqc:today")).content.decode()

    assert "<h1>1 system is out of control</h1>" in page
    assert "1-3s, level 2, +3.4 s" in page
    assert f"{reverse('iqc:chart', args=[out.pk])}#act" in page


def test_morning_page_without_trouble_says_that_this_is_normal(bench: Bench) -> None:
    run(bench, bench.system(), ago(hours=1), 0.4, -0.5)

    page = signed_in(bench.technician).get(reverse("iqc:today")).content.decode()

    assert "<h1>No system is out of control</h1>" in page
    assert "That is the normal state." in page


def test_chart_shows_the_broken_rule_the_rejected_point_and_the_held_results(bench: Bench, out: Procedure) -> None:
    page = signed_in(bench.technician).get(reverse("iqc:chart", args=[out.pk])).content.decode()

    assert "level 2 is 3.4 s above its mean (rule 1-3s)" in page
    assert "1-3s: 6.68 (+3.4 s), rejected" in page
    assert "are held from recognition" in page
    assert page.count('class="p-bad"') == 3  # wide, narrow, key
    assert 'cx="60.0"' in page


def test_chart_numbers_keep_their_point_in_vietnamese(bench: Bench, out: Procedure) -> None:
    client = signed_in(bench.technician)

    page = client.get(reverse("iqc:chart", args=[out.pk]), headers={"accept-language": "vi"}).content.decode()

    assert 'viewBox="0 0 786 400.0"' in page
    assert "6,68" in page


def test_action_then_a_typed_run_bring_the_system_back_in_control(bench: Bench, out: Procedure) -> None:
    client = signed_in(bench.technician)
    violations = [str(key) for key in Violation.objects.open().values_list("pk", flat=True)]

    saved = client.post(
        reverse("iqc:record-action", args=[out.pk]),
        {"cause": "calibration", "action": "Calibrated again.", "violations": violations},
    )
    form = client.get(saved.url)
    typed = client.post(
        saved.url,
        {"level_1": "4,01", "level_2": "6.1", "measured_at": form.context["form"]["measured_at"].value().strftime(
            "%Y-%m-%dT%H:%M"
        )},
    )  # fmt: skip

    assert saved.url == reverse("iqc:enter-run", args=[out.pk])
    assert typed.url == reverse("iqc:chart", args=[out.pk])
    assert [str(message) for message in get_messages(typed.wsgi_request)][-1] == (
        "The run passed: what was open is cleared."
    )
    assert not Violation.objects.open().exists()
    assert "In control" in client.get(reverse("iqc:systems")).content.decode()


def test_one_action_answers_violations_of_the_whole_instrument(bench: Bench, out: Procedure) -> None:
    other = bench.system()
    run(bench, other, ago(hours=2), -3.3, -3.6)
    ids = [str(key) for key in Violation.objects.open().values_list("pk", flat=True)]

    signed_in(bench.technician).post(
        reverse("iqc:record-action", args=[out.pk]),
        {"cause": "instrument", "action": "New lamp.", "violations": ids},
    )

    assert CorrectiveAction.objects.get().violations.count() == len(ids) > 2


def test_action_without_words_shows_the_error_at_the_top_and_beside_the_field(bench: Bench, out: Procedure) -> None:
    response = signed_in(bench.technician).post(
        reverse("iqc:record-action", args=[out.pk]), {"cause": "reagent", "action": " ", "violations": []}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("Say what you did, in one or two sentences.") == 2
    assert page.count("Choose the broken rules that the action answers.") == 2
    assert not CorrectiveAction.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({"level_1": "four"}, "This is not a number", id="not a number"),
        pytest.param({}, "Enter the value of at least one level.", id="nothing"),
        pytest.param({"level_1": "401"}, "Is the decimal point missing?", id="far from the target"),
        pytest.param({"level_1": "4.0", "measured_at": "2999-01-01T07:00"}, "lies in the future", id="future"),
    ],
)
def test_typed_run_with_a_mistake_is_not_stored(bench: Bench, given: dict[str, str], words: str) -> None:
    system = bench.system()
    url = reverse("iqc:enter-run", args=[system.pk])

    response = signed_in(bench.technician).post(url, {"measured_at": f"{ago(minutes=5):%Y-%m-%dT%H:%M}"} | given)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ControlResult.objects.exists()


def test_typed_run_far_from_the_target_is_stored_when_one_is_sure(bench: Bench) -> None:
    system = bench.system()

    signed_in(bench.technician).post(
        reverse("iqc:enter-run", args=[system.pk]),
        {"level_1": "401", "level_2": "6", "measured_at": f"{ago(minutes=5):%Y-%m-%dT%H:%M}", "is_sure": "on"},
    )

    assert verdicts(system) == ["rejected"]


def test_reset_event_is_recorded_and_drawn(bench: Bench, out: Procedure) -> None:
    client = signed_in(bench.technician)

    client.post(
        reverse("iqc:record-reset", args=[out.pk]),
        {"kind": "reagent_lot", "systems": [out.pk], "at_event": f"{ago(hours=3):%Y-%m-%dT%H:%M}", "note": "88240"},
    )

    assert ResetEvent.objects.get().note == "88240"
    assert 'class="lot"' in client.get(reverse("iqc:chart", args=[out.pk])).content.decode()


def test_excluded_value_stays_visible_and_counts_no_more(bench: Bench, out: Procedure) -> None:
    client = signed_in(bench.technician)
    value = ControlResult.objects.get(z__gt=3)

    client.post(reverse("iqc:exclude-result", args=[out.pk, value.pk]), {"reason": "wrong vial"})

    assert broken(out) == []
    assert verdicts(out) == ["accepted", "incomplete"]
    assert "wrong vial" in client.get(reverse("iqc:chart", args=[out.pk])).content.decode()


def upload(client: Client, rows: list[str]) -> str:
    file = SimpleUploadedFile("runs.csv", "\n".join([HEADER, *rows]).encode())
    return str(client.post(reverse("iqc:import"), {"file": file}).url)


def test_file_is_shown_first_and_stored_on_the_second_step(bench: Bench) -> None:
    system = bench.system()
    client = signed_in(bench.technician)
    url = upload(client, [bench.row(system, level, f"{ago(hours=1):%Y-%m-%d %H:%M}", 4.0 + level) for level in (1, 2)])

    shown = client.get(url).content.decode()
    before = ControlRun.objects.count()
    client.post(url, {"choice": "all"})

    assert "2 values are ready to be stored" in shown
    assert (before, ControlRun.objects.count()) == (0, 1)
    assert not ControlFileDraft.objects.exists()


def test_file_with_an_error_offers_its_good_rows(bench: Bench) -> None:
    system = bench.system()
    client = signed_in(bench.technician)
    instant = f"{ago(hours=1):%Y-%m-%d %H:%M}"
    url = upload(client, [bench.row(system, 1, instant, 4.0), bench.row(system, 2, instant, 6.0, unit="mg/week")])

    shown = client.get(url).content.decode()
    refused = client.post(url, {"choice": "all"})
    stored = client.post(url, {"choice": "good-rows"})

    assert "Nothing is stored: 1 row has errors" in shown
    assert "runs.csv!H3" in shown
    assert (refused.status_code, stored.status_code) == (422, 200)
    assert ControlResult.objects.count() == 1


def test_draft_of_another_user_is_not_found(bench: Bench) -> None:
    colleague = UserFactory()
    bind(colleague, "technician", bench.laboratory)
    url = upload(signed_in(bench.technician), [bench.row(bench.system(), 1, "2026-11-01 06:00", 4.0)])

    assert signed_in(colleague).get(url).status_code == 404


@pytest.mark.parametrize(
    ("route", "query", "sheet"),
    [
        pytest.param("iqc:today", "export=out", "out-of-control", id="what is out"),
        pytest.param("iqc:today", "export=due", "controls-to-run", id="what to run"),
        pytest.param("iqc:systems", "export=excel", "measuring-systems", id="systems"),
        pytest.param("iqc:history", "export=excel", "corrective-actions", id="actions"),
    ],
)
def test_list_is_exported_as_shown(bench: Bench, out: Procedure, route: str, query: str, sheet: str) -> None:
    answer = signed_in(bench.technician).get(f"{reverse(route)}?{query}")

    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [sheet]
    assert book[sheet].max_row == (1 if route == "iqc:history" else 2)


def test_runs_behind_the_chart_are_exported(bench: Bench, out: Procedure) -> None:
    answer = signed_in(bench.technician).get(reverse("iqc:chart", args=[out.pk]) + "?export=excel")

    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == 3
    assert rows[1][1:6] == (4.17, 1.7, 6.68, 3.4, "1-3s: Rejected")


def test_systems_are_filtered_by_text_and_state(bench: Bench, out: Procedure) -> None:
    quiet = bench.system(analyte__key="NA", analyte__name_en="Sodium")
    run(bench, quiet, ago(hours=1), 0.1, 0.2)
    client = signed_in(bench.technician)

    by_text = client.get(reverse("iqc:systems"), {"q": "sodi"}).context["rows"]
    by_state = client.get(reverse("iqc:systems"), {"state": "out_of_control"}).context["rows"]

    assert [row.id for row in by_text] == [quiet.pk]
    assert [row.id for row in by_state] == [out.pk]


def test_officer_sees_the_laboratories_of_the_region_and_records_nothing(bench: Bench, out: Procedure) -> None:
    officer = UserFactory()
    bind(officer, "officer", bench.laboratory.facility.region)
    client = signed_in(officer)

    page = client.get(reverse("iqc:laboratories"))
    chart = client.get(reverse("iqc:chart", args=[out.pk])).content.decode()

    assert [(row.out_of_control, row.in_control) for row in page.context["rows"]] == [(1, 0)]
    assert "Record what you did" not in chart
    assert client.get(reverse("iqc:enter-run", args=[out.pk])).status_code == 403
    assert client.get(reverse("iqc:import")).status_code == 403
    assert client.get(reverse("iqc:today")).status_code == 403


def routes(system: Procedure) -> list[tuple[str, str]]:
    value = ControlResult.objects.filter(run__procedure=system).first()
    assert value is not None
    return [
        ("get", reverse("iqc:chart", args=[system.pk])),
        ("get", reverse("iqc:chart", args=[system.pk]) + "?export=excel"),
        ("post", reverse("iqc:record-action", args=[system.pk])),
        ("get", reverse("iqc:enter-run", args=[system.pk])),
        ("post", reverse("iqc:enter-run", args=[system.pk])),
        ("get", reverse("iqc:record-reset", args=[system.pk])),
        ("post", reverse("iqc:record-reset", args=[system.pk])),
        ("get", reverse("iqc:exclude-result", args=[system.pk, value.pk])),
        ("post", reverse("iqc:exclude-result", args=[system.pk, value.pk])),
    ]


def test_technician_of_another_laboratory_reaches_no_page_of_a_system(bench: Bench, out: Procedure) -> None:
    other = Bench.open()
    client = signed_in(other.technician)

    answers = {(method, url): getattr(client, method)(url).status_code for method, url in routes(out)}

    assert set(answers.values()) == {404}
    assert not CorrectiveAction.objects.exists()


@pytest.mark.parametrize("route", ["iqc:today", "iqc:systems", "iqc:history"])
def test_lists_hold_nothing_of_another_laboratory(bench: Bench, out: Procedure, route: str) -> None:
    other = Bench.open()

    page = signed_in(other.technician).get(reverse(route)).content.decode()

    assert "Potassium" not in page
    assert bench.laboratory.name_en not in page


def test_value_of_another_system_is_not_reached_through_ones_own(bench: Bench, out: Procedure) -> None:
    other = Bench.open()
    own = other.system()
    value = ControlResult.objects.filter(run__procedure=out).first()
    assert value is not None

    answer = signed_in(other.technician).post(
        reverse("iqc:exclude-result", args=[own.pk, value.pk]), {"reason": "wrong vial"}
    )

    assert answer.status_code == 404
    assert not ControlResult.objects.exclude(excluded_reason="").exists()


def test_violation_of_another_laboratory_is_no_choice_of_ones_own_form(bench: Bench, out: Procedure) -> None:
    other = Bench.open()
    own = other.system()
    run(other, own, ago(hours=1), 3.3, 0.1)
    foreign = Violation.objects.open().filter(procedure=out).values_list("pk", flat=True)

    answer = signed_in(other.technician).post(
        reverse("iqc:record-action", args=[own.pk]),
        {"cause": "reagent", "action": "New.", "violations": [str(key) for key in foreign]},
    )

    assert answer.status_code == 422
    assert not CorrectiveAction.objects.exists()


@pytest.mark.parametrize("role", ["clinician", "operator"])
@pytest.mark.parametrize("route", ["iqc:today", "iqc:systems", "iqc:laboratories", "iqc:history", "iqc:import"])
def test_other_roles_have_no_page_of_quality_control(bench: Bench, role: str, route: str) -> None:
    user = UserFactory()
    bind(user, role, bench.laboratory.facility)

    assert signed_in(user).get(reverse(route)).status_code == 403


@pytest.mark.parametrize("route", ["iqc:today", "iqc:systems", "iqc:laboratories", "iqc:history", "iqc:import"])
def test_page_asks_for_sign_in(route: str) -> None:
    answer = Client().get(reverse(route))

    assert answer.status_code == 302
    assert reverse("core:sign-in") in answer.url


@pytest.mark.parametrize("route", ["iqc:today", "iqc:systems", "iqc:history"])
def test_queries_of_a_list_do_not_grow_with_its_rows(bench: Bench, out: Procedure, route: str) -> None:
    client = signed_in(bench.technician)
    client.get(reverse(route))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse(route))
    for _ in range(5):
        run(bench, bench.system(), ago(hours=1), 3.3, 0.2)

    with CaptureQueriesContext(connection) as many:
        client.get(reverse(route))

    assert len(many) == len(few) < 30


def test_pages_stay_under_two_hundred_kilobytes(bench: Bench, out: Procedure) -> None:
    for number in range(60):
        run(bench, out, ago(days=25, hours=-number * 9), 0.3, -0.2)
    client = signed_in(bench.technician)

    sizes = [len(client.get(url).content) for url in (reverse("iqc:today"), reverse("iqc:chart", args=[out.pk]))]

    assert max(sizes) < 200_000
