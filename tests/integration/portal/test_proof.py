"""The code on a printed report, and the public page that it leads to."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from tests.factories.iqc import ControlRunFactory, ViolationFactory
from tests.integration.portal.conftest import IDENTITY, NOW, Scene, draft_of, signed_in, store
from tests.integration.portal.test_order_check import text_of

from lienthong.core.actions import system_user
from lienthong.core.log.checkpoints import read
from lienthong.core.log.identity import log_key
from lienthong.core.log.merkle import is_consistent
from lienthong.core.log.sequencer import sequence
from lienthong.core.models import AuditEvent, User
from lienthong.iqc.models import ControlRun
from lienthong.results.log_reads import proof_token

GENUINE = "This report is in the log, unchanged"
CHANGED = "What is stored is not what was entered in the log"


@pytest.fixture
def anyone() -> Client:
    """Somebody without an account, in English."""
    return Client(headers={"accept-language": "en"})


def sign(*, minutes: int = 0) -> None:
    sequence(by=system_user("log"), at=NOW + dt.timedelta(minutes=minutes))


def address(scene: Scene, item: str = "HBA1C") -> str:
    return f"/p/{proof_token(scene.reports[item])}/"


def page(anyone: Client, path: str) -> str:
    answer = anyone.get(path)
    assert answer.status_code == 200
    return text_of(answer.content)


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_report_carries_the_code_and_the_address_of_its_proof(
    client: Client, scene: Scene, staff: dict[str, User]
) -> None:
    sign()

    shown = signed_in(client, staff["province-clinician"]).get(f"/reports/{scene.reports['HBA1C']}/").content.decode()

    assert f"http://testserver{address(scene)}" in shown
    assert 'class="qr" src="data:image/svg+xml' in shown


def test_address_of_the_installation_stands_in_the_code_where_it_is_set(
    client: Client, scene: Scene, staff: dict[str, User], settings: object
) -> None:
    settings.PUBLIC_URL = "https://results.example/"  # type: ignore[attr-defined]  # pytest-django's

    shown = signed_in(client, staff["province-clinician"]).get(f"/reports/{scene.reports['HBA1C']}/").content.decode()

    assert f"https://results.example{address(scene)}" in shown


def test_page_shows_laboratory_date_status_mark_and_proof_without_an_account(anyone: Client, scene: Scene) -> None:
    sign()
    before = AuditEvent.objects.count()

    shown = page(anyone, address(scene))

    for part in (
        GENUINE, "Provincial General Hospital", "Biochemistry", "2 Nov 2026", "final", "LT-HD", "Leaf of the log 0",
        "Signed checkpoint 23 Nov 2026, 10:00", "Leaves up to the checkpoint 4",
        "by the hashes of the log it leads to the root that was signed",
    ):  # fmt: skip
        assert part in shown
    assert AuditEvent.objects.count() == before


def test_page_tells_nothing_of_the_patient_or_the_results(anyone: Client, scene: Scene) -> None:
    sign()

    said = anyone.get(address(scene)).content.decode()

    for secret in ("TRẦN", "MẪU", IDENTITY, "1968", "HbA1c", "HBA1C", "26-HBA1C", "7.8", "4548-4", "BS. Lê Văn"):
        assert secret not in said


def test_page_is_not_kept_by_machines_on_the_way(anyone: Client, scene: Scene) -> None:
    sign()

    answer = anyone.get(address(scene))

    assert (answer["Cache-Control"], answer["X-Robots-Tag"], answer["Referrer-Policy"]) == (
        "no-store", "noindex", "no-referrer",
    )  # fmt: skip


def test_report_that_waits_for_its_leaf_says_so(anyone: Client, scene: Scene) -> None:
    assert "This report is not in the signed log yet" in page(anyone, address(scene))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE results_result SET reported_value = '5.1' WHERE report_id = %s",
        "UPDATE results_report SET status = 'corrected' WHERE id = %s",
        "DELETE FROM results_report WHERE id = %s",
        "DELETE FROM results_result WHERE report_id = %s",
        "UPDATE core_log_tile SET hashes = set_byte(hashes, 40, 7 # get_byte(hashes, 40)) WHERE %s > 0",
        "DELETE FROM core_log_tile WHERE %s > 0",
        "UPDATE core_log_checkpoint SET note = replace(note, 'time 2026', 'time 2025') WHERE %s > 0",
    ],
    ids=["value", "status", "report gone", "result gone", "tile", "no tile", "checkpoint"],
)
def test_change_by_sql_is_shown(anyone: Client, scene: Scene, statement: str) -> None:
    sign()
    path = address(scene)
    run(statement, scene.reports["HBA1C"])

    assert CHANGED in page(anyone, path)


def test_older_copy_is_genuine_and_says_that_a_newer_version_replaces_it(anyone: Client, scene: Scene) -> None:
    sign()
    old = address(scene)
    changed = draft_of(scene, "HBA1C", status="corrected", reported_value="8.1", released_at=NOW)
    store(scene, "HBA1C", changed, inbox_id=99)
    sign(minutes=1)

    shown, newer = page(anyone, old), page(anyone, address(scene))

    assert GENUINE in shown
    assert "A newer version replaces this one" in shown
    assert GENUINE in newer
    assert "A newer version" not in newer


def test_withdrawn_report_says_so_on_old_and_new_copies(anyone: Client, scene: Scene) -> None:
    sign()
    old = address(scene)
    store(scene, "HBA1C", draft_of(scene, "HBA1C", status="withdrawn", released_at=NOW), inbox_id=99)
    sign(minutes=1)

    assert all("The laboratory withdrew this report" in page(anyone, path) for path in (old, address(scene)))


def test_mark_that_was_lost_is_shown_as_lost(anyone: Client, scene: Scene) -> None:
    sign()
    measured = scene.result("HBA1C").measured_at
    assert measured
    run_of_controls = ControlRunFactory(
        procedure=scene.procedures["HBA1C"],
        measured_at=measured + dt.timedelta(hours=20),
        verdict=ControlRun.Verdict.REJECTED,
    )
    ViolationFactory(run=run_of_controls, bracket_from=measured - dt.timedelta(hours=1))

    assert "LT-HD does not stand any more" in page(anyone, address(scene))


@pytest.mark.parametrize("change", ["x", "", "A" * 24, "é" * 24, "." * 24], ids=["x", "none", "as", "é", "dots"])
def test_guessed_address_names_nothing(anyone: Client, scene: Scene, change: str) -> None:
    sign()
    token = proof_token(scene.reports["HBA1C"]) or ""
    guessed = change or token[:-1] + ("A" if token[-1] != "A" else "B")

    assert anyone.get(f"/p/{guessed}/").status_code == 404


@pytest.mark.parametrize(
    ("language", "told"), [("vi", "Không có phiếu kết quả nào ở địa chỉ này"), ("zh-hans", "此网址没有对应的报告")]
)
def test_wrong_address_is_told_in_the_language_of_who_reads(scene: Scene, language: str, told: str) -> None:
    answer = Client(headers={"accept-language": language}).get(f"/p/{'A' * 24}/")

    assert told in answer.content.decode()


def test_others_follow_the_log_by_its_key_checkpoints_and_consistency(anyone: Client, scene: Scene) -> None:
    sign()
    first = read(anyone.get("/log/checkpoint").content.decode(), log_key())
    store(scene, "TC", draft_of(scene, "TC", status="corrected", reported_value="6.0", released_at=NOW), inbox_id=99)
    sign(minutes=1)

    second = read(anyone.get("/log/checkpoint").content.decode(), log_key())
    said = anyone.get(f"/log/consistency/{first.size}/{second.size}").json()

    from base64 import b64decode

    assert anyone.get("/log/key").content.decode().strip() == str(log_key())
    assert is_consistent(
        first=first.size, second=second.size, first_root=first.root, second_root=second.root,
        proof=[b64decode(one) for one in said["proof"]],
    )  # fmt: skip


def test_log_without_a_checkpoint_answers_in_the_one_shape_of_errors(anyone: Client, scene: Scene) -> None:
    answers = [anyone.get(path) for path in ("/log/checkpoint", "/log/consistency/1/2")]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not-found")] * 2


@pytest.mark.parametrize("language", ["vi", "zh-hans", "en"])
def test_page_is_whole_in_each_language(anyone: Client, scene: Scene, language: str) -> None:
    sign()

    answer = anyone.get(address(scene), headers={"accept-language": language})

    assert answer.status_code == 200
    assert not re.search(r"%\(\w+\)s|\{\{", answer.content.decode())
