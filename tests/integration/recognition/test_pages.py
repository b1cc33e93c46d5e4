from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.recognition import GrantFactory, longnan, procedure_in
from tests.factories.registry import FacilityFactory, bind
from tests.integration.recognition.conftest import ControlTable

from lienthong.core.models import User
from lienthong.recognition.models import Grant
from lienthong.registry.models import Region

LANGUAGES = ("vi", "zh-hans", "en")
MOST_BYTES = 200_000
RULES = [
    {
        "rule": "eqa_passes",
        "gate": None,
        "verdict": "yes",
        "facts": {"passes": 1, "rounds": 1, "required": 1, "of_last": 1, "newest": "CHEM 2026-3"},
        "reference": "vn-2429-8.15",
        "checked": False,
        "example": True,
    },
    {
        "rule": "iqc_coverage",
        "gate": None,
        "verdict": "no",
        "facts": {"days_measured": 30, "days_covered": 20, "share": 0.667, "min_share": 0.9, "period_days": 30},
        "reference": "vn-01-2013-iqc",
        "checked": False,
        "example": True,
    },
]


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def grant(region: Region, controls: ControlTable) -> Grant:
    procedure = procedure_in(region, laboratory__name_en="Laboratory of the General Hospital")
    return GrantFactory(procedure=procedure, rules=RULES[:1], valid_from=dt.date(2026, 1, 1))


def signed_in(client: Client, role: str, place: object) -> User:
    user = UserFactory()
    bind(user, role, place)  # type: ignore[arg-type]  # any place of the registry
    client.force_login(user)
    return user


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]  # a response of the test client


def cells(response: object) -> list[list[object]]:
    book = load_workbook(io.BytesIO(response.content))  # type: ignore[attr-defined]  # a response
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


# The register


def test_register_shows_everyone_what_is_recognised_and_what_is_suspended(english: Client, grant: Grant) -> None:
    region = grant.procedure.laboratory.facility.region
    GrantFactory(procedure=procedure_in(region, "UREA"), item="UREA", status="suspended", rules=RULES)
    GrantFactory(procedure=procedure_in(region, "CREA"), item="CREA", status="refused", mark="", rules=RULES)

    page = text(english.get("/register/"))

    assert "2 rights on" in page
    assert "In force" in page
    assert "EQA: 1 passed of 1; the newest round is CHEM 2026-3" in page
    assert "suspended since 1 Oct 2026" in page
    assert "20 of 30 days" in page
    assert "Creatinine" not in page


def test_register_withholds_the_mark_while_quality_control_is_out_of_control(
    english: Client, grant: Grant, controls: ControlTable
) -> None:
    controls.out_of_control.add(grant.procedure_id)

    page = text(english.get("/register/"))

    assert "Withheld" in page
    assert "quality control is out of control" in page


@pytest.mark.parametrize(
    ("query", "items"),
    [
        pytest.param("", {"GLU", "UREA"}, id="all"),
        pytest.param("q=ure", {"UREA"}, id="by name"),
        pytest.param("q=尿素", {"UREA"}, id="by the name in Chinese"),
        pytest.param("q=Ure", {"UREA"}, id="marks and case of letters do not count"),
        pytest.param("q=glu", {"GLU"}, id="by code"),
        pytest.param("q=nothing", set(), id="unknown"),
        pytest.param("region=CN-360783", {"UREA"}, id="by range"),
        pytest.param("on=2025-06-01", {"UREA"}, id="by day"),
        pytest.param("on=01/06/2025", {"UREA"}, id="by day as written in Viet Nam"),
        pytest.param("on=yesterday", set(), id="a day that is none"),
    ],
)
def test_register_is_searched_by_test_range_and_day(english: Client, grant: Grant, query: str, items: set[str]) -> None:
    GrantFactory(
        procedure=procedure_in(longnan(), "UREA"),
        item="UREA",
        mark="龙南市HR",
        scope=["CN-360783"],
        jurisdiction="cn",
        valid_from=dt.date(2025, 1, 1),
    )

    found = english.get(f"/register/?{query}&format=json").json()

    assert {row["item"] for row in found["rows"]} == items
    assert found["count"] == len(items)


def test_register_of_one_laboratory_shows_only_its_rights(english: Client, grant: Grant) -> None:
    GrantFactory(procedure=procedure_in(grant.procedure.laboratory.facility.region, "UREA"), item="UREA")

    found = english.get(f"/register/?laboratory={grant.procedure.laboratory_id}&format=json").json()

    assert [row["item"] for row in found["rows"]] == ["GLU"]


def test_register_says_what_is_wrong_with_a_day(english: Client, db: None) -> None:
    page = text(english.get("/register/?on=soon"))

    assert page.count("Write the day as 2026-11-23.") == 2  # in the list at the top and beside the field
    assert "Nothing is recognised that fits." in page


def test_register_goes_to_excel_as_shown(english: Client, grant: Grant) -> None:
    rows = cells(english.get("/register/?format=xlsx"))

    assert rows[0][:4] == ["Code", "Test", "LOINC", "Laboratory"]
    assert rows[1][:4] == ["GLU", "Glucose", "2823-3", "Laboratory of the General Hospital"]
    assert rows[1][6] == "LT-HD"


@pytest.mark.parametrize("sort", ["item", "laboratory", "until"])
def test_register_pages_in_the_order_asked_for_with_the_same_queries(english: Client, grant: Grant, sort: str) -> None:
    region = grant.procedure.laboratory.facility.region
    with CaptureQueriesContext(connection) as few:
        english.get(f"/register/?sort={sort}")
    for number, item in enumerate(("UREA", "CREA", "TC") * 10):
        GrantFactory(
            procedure=procedure_in(region, item),
            item=item,
            valid_to=timezone.localdate() + dt.timedelta(days=100 - number),
        )

    with CaptureQueriesContext(connection) as many:
        first = english.get(f"/register/?sort={sort}")
    second = english.get(f"/register/?sort={sort}&page=2&format=json").json()

    assert len(many) == len(few)
    assert len(text(first)) < MOST_BYTES
    assert (second["count"], second["page"], len(second["rows"])) == (31, 2, 6)
    key: Callable[[dict[str, str | None]], str] = {
        "item": lambda row: str(row["name"]).lower(),
        "laboratory": lambda row: str(row["laboratory"]),
        "until": lambda row: row["until"] or "9999",
    }[sort]
    assert [key(row) for row in second["rows"]] == sorted(key(row) for row in second["rows"])


# The rules


def test_rules_show_each_value_with_its_text_and_whether_it_is_an_example(english: Client, region: Region) -> None:
    FacilityFactory(region=region)

    page = text(english.get("/rules/?on=2026-11-22"))

    assert "Rules in force in Hai Duong area on 22 Nov 2026" in page
    assert "1,440 hours from collection" in page
    assert "Quyết định 2429/QĐ-BYT" in page
    assert "Some of these values are examples, not regulations" in page
    assert len(page) < MOST_BYTES


def test_rules_of_longnan_differ_and_so_do_those_of_another_day(english: Client, region: Region) -> None:
    FacilityFactory(region=longnan())

    longnan_now = text(english.get("/rules/?region=CN-360783&on=2026-11-22"))
    nation_now = text(english.get("/rules/?region=CN&on=2026-11-22"))
    before = text(english.get("/rules/?region=CN-360783&on=2023-06-01"))

    assert "no window: the clinician judges" in longnan_now
    assert "no window: the clinician judges" not in nation_now
    assert "no window: the clinician judges" not in before
    assert "龙南市HR" in longnan_now
    assert "龙南市HR" not in before


def test_rules_are_first_those_of_the_reader(english: Client, region: Region) -> None:
    FacilityFactory.create_batch(2, region=region)
    own = FacilityFactory(region=longnan())

    stranger = text(english.get("/rules/?on=2026-11-22"))
    signed_in(english, "clinician", own)
    reader = text(english.get("/rules/?on=2026-11-22"))

    assert "Rules in force in Hai Duong area" in stranger
    assert "Rules in force in Longnan" in reader


def test_rules_go_to_excel(english: Client, region: Region) -> None:
    FacilityFactory(region=region)

    rows = cells(english.get("/rules/?on=2026-11-22&format=xlsx"))

    assert rows[0][1] == "Code"
    assert {"GLU", "evidence.eqa_passes", "other"} <= {row[1] for row in rows}


def test_rules_of_an_empty_registry_are_those_of_a_nation(english: Client, db: None) -> None:
    assert english.get("/rules/").status_code == 200


# The rights of one's own laboratories


def test_manager_sees_grants_and_refusals_of_the_own_laboratory_with_every_rule(english: Client, grant: Grant) -> None:
    other = procedure_in(grant.procedure.laboratory.facility.region, "UREA")
    GrantFactory(procedure=other, item="UREA", status="suspended")
    GrantFactory(procedure=grant.procedure, item="HBA1C", status="refused", mark="", rules=RULES)
    signed_in(english, "manager", grant.procedure.laboratory)

    page = text(english.get("/rights/"))

    assert "No right is suspended" in page
    assert "In force: 1. Refused: 1. Revoked: 0." in page
    assert "not met" in page
    assert "20 of 30 days" in page
    assert "Tiêu chí 8.15" in page
    assert "Urea" not in page
    assert "Revoke" not in page.replace("Revoked", "")


def test_rights_are_filtered_by_state_and_go_to_excel(english: Client, grant: Grant) -> None:
    GrantFactory(procedure=grant.procedure, item="HBA1C", status="refused", mark="", rules=RULES)
    signed_in(english, "officer", grant.procedure.laboratory.facility.region)

    rows = cells(english.get("/rights/?state=refused&format=xlsx"))

    assert [row[0] for row in rows[1:]] == ["HBA1C"]
    assert "GLU" not in text(english.get("/rights/?state=refused"))


def test_officer_revokes_a_right_and_lifts_the_revocation(english: Client, grant: Grant) -> None:
    signed_in(english, "officer", grant.procedure.laboratory.facility.region)
    address = f"/rights/{grant.pk}/revoke/"

    wrong = english.post(address, {"since": "2999-01-01", "reason": ""})
    early = english.post(address, {"since": "2020-01-01", "reason": "copied"})
    done = english.post(address, {"since": "2026-02-01", "reason": "copied"}, follow=True)

    assert (wrong.status_code, early.status_code) == (422, 422)
    assert text(wrong).count("Write the reason, in 500 characters at most.") == 2
    assert "The day must lie between" in text(early)
    assert "Glucose: Revoked" in text(done)
    assert "copied" in text(done)
    revoked = Grant.objects.held(timezone.localdate()).get(procedure=grant.procedure)
    lifted = english.post(f"/rights/{revoked.pk}/lift/", {"reason": "appeal upheld"})
    assert lifted.status_code == 302
    assert Grant.objects.held(timezone.localdate()).get(procedure=grant.procedure).status == "refused"


def test_right_shows_what_was_known_when(english: Client, grant: Grant) -> None:
    signed_in(english, "manager", grant.procedure.laboratory)

    page = text(english.get(f"/rights/{grant.pk}/"))

    assert "What held when, and what was known when" in page
    assert "1 Jan 2026" in page


# Who may see what, in every language

PUBLIC, QUALITY, OFFICER = (
    ("/register/", "/rules/"),
    ("/rights/", "/rights/{pk}/"),
    (
        "/rights/{pk}/revoke/",
        "/rights/{pk}/lift/",
    ),
)
ROLES = ("technician", "manager", "officer", "clinician", "operator", "administrator")


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize("address", [*PUBLIC, *QUALITY, *OFFICER])
def test_route_is_open_to_its_roles_only(english: Client, grant: Grant, address: str, role: str | None) -> None:
    if role:
        signed_in(english, role, grant.procedure.laboratory)

    status = english.get(address.format(pk=grant.pk)).status_code

    allowed = {"officer"} if address in OFFICER else {"manager", "officer"}
    expected = 200 if address in PUBLIC or role in allowed else 403 if role else 302
    assert status == expected


def test_manager_cannot_revoke(english: Client, grant: Grant) -> None:
    signed_in(english, "manager", grant.procedure.laboratory)

    response = english.post(f"/rights/{grant.pk}/revoke/", {"since": "2026-02-01", "reason": "mine"})

    assert response.status_code == 403
    assert Grant.objects.get(pk=grant.pk).superseded_at is None


@pytest.mark.parametrize("role", ["manager", "officer"])
def test_right_of_another_laboratory_is_not_found(english: Client, grant: Grant, role: str) -> None:
    signed_in(english, role, FacilityFactory())

    assert [english.get(address.format(pk=grant.pk)).status_code for address in (QUALITY[1], *OFFICER)] == [404] * 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", [*PUBLIC, *QUALITY, *OFFICER])
def test_page_opens_in_each_language(client: Client, grant: Grant, address: str, language: str) -> None:
    signed_in(client, "officer", grant.procedure.laboratory.facility.region)
    client.cookies["django_language"] = language

    response = client.get(address.format(pk=grant.pk))

    assert response.status_code == 200
    with translation.override(language):
        assert f'<html lang="{ {"vi": "vi", "zh-hans": "zh-Hans", "en": "en"}[language] }">' in text(response)
    assert "style=" not in text(response)
    assert "<script" not in text(response)
