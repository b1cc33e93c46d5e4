"""Who reads which record, by which relation, and that each read is logged."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from openpyxl import load_workbook
from tests.integration.portal.conftest import (
    BORN,
    IDENTITY,
    INSURANCE,
    NOW,
    ROLES,
    TESTS,
    Scene,
    draft_of,
    reads_of,
    signed_in,
    store,
)

from lienthong.core.models import AuditEvent, User
from lienthong.portal import urls
from lienthong.registry.models import Facility

READERS = (*ROLES, "stranger", "province-clinician")


def paths(scene: Scene) -> dict[str, tuple[str, str]]:
    """Return each route of the portal that people open, with its method; records and reports are the province's."""
    record, report = scene.province_record, scene.reports["HBA1C"]
    return {
        "patients": ("get", "/patients/"),
        "patient": ("get", f"/patients/{record}/"),
        "break-glass": ("post", f"/patients/{record}/emergency-access/"),
        "access-log": ("get", f"/patients/{record}/access-log/"),
        "order": ("get", f"/patients/{record}/order/"),
        "order-check": ("get", "/orders/1/"),
        "order-check-again": ("post", "/orders/1/again/"),
        "order-receipt": ("get", "/orders/1/receipt/"),
        "report": ("get", f"/reports/{report}/"),
        "report-versions": ("get", f"/reports/{report}/versions/"),
        "report-file": ("get", f"/reports/{report}/files/1/"),
        "report-file-picture": ("get", f"/reports/{report}/files/1/small/"),
        "report-picture": ("get", f"/reports/{report}/images/1/small/"),
        "notices": ("get", "/changed-results/"),
        "notice-read": ("post", "/changed-results/1/read/"),
    }


SYSTEM_ROUTES = {"cds-services", "cds-service", "cds-feedback"}
# A printed report is proven by an address that nobody guesses; the description of CDS Hooks tells of no patient.
PUBLIC_ROUTES = {"proof", "cds-openapi"}
# Status by role, in the order of READERS. The record is the province's: its laboratory staff and its own clinician
# read it, other clinicians are offered emergency access (403), everyone else is told that it is not there. Orders,
# notices, files and images with the key 1 do not exist; who is no clinician may not even ask.
ALLOWED = {
    "patients": (403, 403, 403, 200, 403, 403, 200, 200),
    "patient": (200, 200, 404, 403, 404, 404, 403, 200),
    "break-glass": (403, 403, 403, 422, 403, 403, 422, 422),
    "access-log": (200, 200, 404, 404, 404, 404, 404, 200),
    "order": (403, 403, 403, 403, 403, 403, 403, 200),
    "order-check": (404, 404, 404, 404, 404, 404, 404, 404),
    "order-check-again": (404, 404, 404, 404, 404, 404, 404, 404),
    "order-receipt": (404, 404, 404, 404, 404, 404, 404, 404),
    "report": (200, 200, 404, 403, 404, 404, 403, 200),
    "report-versions": (200, 200, 404, 403, 404, 404, 403, 200),
    "report-file": (404, 404, 404, 403, 404, 404, 403, 404),
    "report-file-picture": (404, 404, 404, 403, 404, 404, 403, 404),
    "report-picture": (404, 404, 404, 403, 404, 404, 403, 404),
    "notices": (403, 403, 403, 200, 403, 403, 200, 200),
    "notice-read": (404, 404, 404, 404, 404, 404, 404, 404),
}


def test_every_route_of_the_portal_is_in_the_table() -> None:
    names = {one.name for one in urls.urlpatterns if isinstance(one, URLPattern)}

    assert names == set(ALLOWED) | SYSTEM_ROUTES | PUBLIC_ROUTES


@pytest.mark.parametrize("role", READERS)
def test_routes_open_by_role_and_relation(client: Client, scene: Scene, staff: dict[str, User], role: str) -> None:
    signed_in(client, staff[role])

    answers = {route: getattr(client, method)(path) for route, (method, path) in paths(scene).items()}

    assert {route: answer.status_code for route, answer in answers.items()} == {
        route: by_role[READERS.index(role)] for route, by_role in ALLOWED.items()
    }
    for answer in answers.values():
        assert answer.status_code == 200 or "TRẦN" not in answer.content.decode()


def test_routes_without_signing_in_lead_to_the_sign_in_page(client: Client, scene: Scene) -> None:
    answers = {route: getattr(client, method)(path) for route, (method, path) in paths(scene).items()}

    assert {
        route for route, answer in answers.items() if not answer.headers["Location"].startswith("/sign-in/")
    } == set()


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("technician", "iqc:today"),
        ("manager", "iqc:today"),
        ("officer", "recognition:rights"),
        ("clinician", "portal:patients"),
        ("operator", "exchange:held"),
        ("administrator", "registry:facilities"),
        (None, "recognition:register"),
    ],
)
def test_home_leads_each_role_to_its_first_page(
    client: Client, staff: dict[str, User], role: str | None, page: str
) -> None:
    if role:
        client.force_login(staff[role])

    assert client.get("/").url == reverse(page)  # type: ignore[attr-defined]  # a redirect


@pytest.mark.parametrize(
    ("role", "route", "expected"),
    [
        ("technician", "report", ("report", "same-facility")),
        ("manager", "report-versions", ("report_versions", "same-facility")),
        ("province-clinician", "patient", ("patient", "same-facility")),
        ("province-clinician", "order", ("order", "same-facility")),
        ("province-clinician", "access-log", ("access_log", "same-facility")),
    ],
)
def test_each_page_of_a_record_is_logged_with_its_relation(
    client: Client, scene: Scene, staff: dict[str, User], role: str, route: str, expected: tuple[str, str]
) -> None:
    signed_in(client, staff[role]).get(paths(scene)[route][1])

    assert reads_of(staff[role]) == [(scene.province_record, *expected)]


def test_refused_read_is_not_logged_as_a_read(client: Client, scene: Scene, staff: dict[str, User]) -> None:
    signed_in(client, staff["stranger"]).get(f"/reports/{scene.reports['K']}/")

    assert reads_of(staff["stranger"]) == []


def test_emergency_access_with_a_reason_opens_the_record_and_is_logged(
    client: Client, scene: Scene, staff: dict[str, User]
) -> None:
    path = f"/reports/{scene.reports['K']}/"
    signed_in(client, staff["stranger"])
    refused = client.get(path)

    answer = client.post(
        f"/patients/{scene.province_record}/emergency-access/",
        {"reason": "Unconscious, needs the last potassium", "next": path},
    )
    page = client.get(path)

    assert f'value="{path}"' in refused.content.decode()
    assert answer.url == path  # type: ignore[attr-defined]  # a redirect
    assert page.status_code == 200
    assert reads_of(staff["stranger"]) == [(scene.province_record, "report", "break-glass")]
    reasons = AuditEvent.objects.filter(action="break-glass", object_key=str(scene.province_record))
    assert [event.detail for event in reasons] == [{"reason": "Unconscious, needs the last potassium"}]


def test_emergency_access_shows_its_reason_in_the_access_log_of_the_facility(
    client: Client, scene: Scene, staff: dict[str, User]
) -> None:
    signed_in(client, staff["stranger"])
    client.post(f"/patients/{scene.province_record}/emergency-access/", {"reason": "Unconscious"})
    client.get(f"/patients/{scene.province_record}/")

    page = signed_in(Client(), staff["technician"]).get(f"/patients/{scene.province_record}/access-log/")

    places = set(AuditEvent.objects.filter(action="read").values_list("facility", flat=True))
    content = page.content.decode()
    assert places
    assert "stranger of the scene" in content
    assert "Unconscious" in content
    assert "emergency access" in content
    assert all(place.name in content for place in Facility.objects.filter(code__in=places))


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_emergency_access_without_a_fair_reason_opens_nothing(
    client: Client, scene: Scene, staff: dict[str, User], reason: str
) -> None:
    signed_in(client, staff["stranger"])

    answer = client.post(f"/patients/{scene.province_record}/emergency-access/", {"reason": reason})

    assert answer.status_code == 422
    assert client.get(f"/patients/{scene.province_record}/").status_code == 403


def test_emergency_access_leads_to_no_address_elsewhere(client: Client, scene: Scene, staff: dict[str, User]) -> None:
    signed_in(client, staff["stranger"])
    posted = {"reason": "Unconscious", "next": "https://elsewhere.example/"}

    answer = client.post(f"/patients/{scene.province_record}/emergency-access/", posted)

    assert answer.url == f"/patients/{scene.province_record}/"  # type: ignore[attr-defined]  # a redirect


def test_relation_ends_with_the_shift_before_the_session_does(
    client: Client, scene: Scene, staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(client, staff["stranger"])
    path = f"/patients/{scene.province_record}/"
    client.post(f"{path}emergency-access/", {"reason": "Unconscious"})
    statuses = []

    for hours in (7, 9):
        monkeypatch.setattr("django.utils.timezone.now", lambda hours=hours: NOW + dt.timedelta(hours=hours))
        statuses.append(client.get(path).status_code)

    assert statuses == [200, 403]


# Looking up


def test_own_patient_is_found_by_part_of_the_name_without_marks_and_the_list_is_logged(
    clinician: Client, scene: Scene, staff: dict[str, User]
) -> None:
    page = clinician.get("/patients/?q=tran thi").content.decode()

    assert "1 patient found" in page
    assert "TRẦN THỊ MẪU" in page
    assert IDENTITY not in page
    assert "030168 *** 417" in page
    assert reads_of(staff["clinician"]) == [(scene.record, "patient_list", "same-facility")]


def test_patient_of_another_facility_is_not_found_by_name(client: Client, scene: Scene, staff: dict[str, User]) -> None:
    page = signed_in(client, staff["stranger"]).get("/patients/?q=tran").content.decode()

    assert "0 patients found" in page
    assert "TRẦN" not in page
    assert reads_of(staff["stranger"]) == []


@pytest.mark.parametrize(("system", "number"), [("NI", IDENTITY), ("HC", INSURANCE), ("NI", "030168 000 417")])
def test_look_up_by_exact_number_and_birth_date_opens_the_order_and_the_reports(
    client: Client, scene: Scene, staff: dict[str, User], system: str, number: str
) -> None:
    signed_in(client, staff["stranger"])

    answer = client.post("/patients/", {"system": system, "number": number, "birth_date": BORN.isoformat()})
    statuses = [client.get(answer.url).status_code]  # type: ignore[attr-defined]  # a redirect
    statuses += [client.get(f"/reports/{report}/").status_code for report in scene.reports.values()]

    assert statuses == [200] * 5
    relations = {relation for _record, _kind, relation in reads_of(staff["stranger"])}
    assert relations == {"order"}
    assert AuditEvent.objects.get(action="look-up").detail == {"found": True}


@pytest.mark.parametrize(
    "posted",
    [
        pytest.param({"system": "NI", "number": IDENTITY, "birth_date": "1968-03-13"}, id="other birth date"),
        pytest.param({"system": "NI", "number": IDENTITY[:-1], "birth_date": BORN.isoformat()}, id="part of a number"),
        pytest.param({"system": "HC", "number": IDENTITY, "birth_date": BORN.isoformat()}, id="other kind of number"),
        pytest.param({"system": "NI", "number": "tran thi", "birth_date": BORN.isoformat()}, id="name as number"),
        pytest.param({"system": "NI", "number": "", "birth_date": BORN.isoformat()}, id="no number"),
        pytest.param({"system": "NI", "number": IDENTITY, "birth_date": "12 March"}, id="no date"),
    ],
)
def test_look_up_that_does_not_fit_opens_nothing(
    client: Client, scene: Scene, staff: dict[str, User], posted: dict[str, str]
) -> None:
    signed_in(client, staff["stranger"])

    answer = client.post("/patients/", posted)

    assert answer.status_code == 422
    assert client.get(f"/reports/{scene.reports['K']}/").status_code == 403
    assert reads_of(staff["stranger"]) == []


# What the pages show


def test_timeline_by_facility_shows_own_reports_only_and_by_order_all(
    client: Client, scene: Scene, staff: dict[str, User]
) -> None:
    signed_in(client, staff["clinician"])
    before = client.get(f"/patients/{scene.record}/").content.decode()
    client.post("/patients/", {"system": "NI", "number": IDENTITY, "birth_date": BORN.isoformat()})

    by_order = client.get(f"/patients/{scene.province_record}/").content.decode()

    assert "4 reports of other facilities are not shown" in before
    assert "26-HBA1C" not in before
    assert "26-HBA1C" in by_order
    assert "4 reports" in by_order


def test_access_log_lists_reads_newest_first(client: Client, scene: Scene, staff: dict[str, User]) -> None:
    signed_in(client, staff["technician"])
    client.get(f"/reports/{scene.reports['K']}/")
    client.get(f"/patients/{scene.province_record}/")

    page = client.get(f"/patients/{scene.province_record}/access-log/").content.decode()

    assert "3 reads of this record" in page
    assert page.index("this log") < page.index("all reports and results") < page.rindex(">report<")


@pytest.mark.parametrize("route", ["patient", "report", "report-versions", "access-log", "notices"])
def test_table_is_exported_as_shown(client: Client, scene: Scene, staff: dict[str, User], route: str) -> None:
    signed_in(client, staff["province-clinician"])

    answer = client.get(f"{paths(scene)[route][1]}?export=xlsx")

    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0][0]
    if route in ("patient", "report", "report-versions"):
        assert any("7.8" in row and "%" in row for row in rows)


@pytest.mark.parametrize("language", ["vi", "zh-hans", "en"])
def test_pages_open_in_each_language_and_stay_small(
    client: Client, scene: Scene, staff: dict[str, User], language: str
) -> None:
    signed_in(client, staff["province-clinician"], language)
    html = {"zh-hans": "zh-Hans"}.get(language, language)

    for route in ("patients", "patient", "access-log", "order", "report", "report-versions", "notices"):
        answer = client.get(paths(scene)[route][1])

        assert answer.status_code == 200
        assert f'<html lang="{html}">' in answer.content.decode()
        assert len(answer.content) < 200_000


MOST_QUERIES = {"patient": 34, "report": 40, "report-versions": 28, "access-log": 21, "order": 30, "notices": 20}


@pytest.mark.parametrize("route", MOST_QUERIES)
def test_number_of_queries_does_not_grow_with_what_is_shown(
    client: Client, scene: Scene, staff: dict[str, User], route: str
) -> None:
    signed_in(client, staff["province-clinician"])
    path = paths(scene)[route][1]

    first = queries_of(client, path)
    store(scene, "HBA1C", *(draft_of(scene, one) for one in TESTS), inbox_id=2)
    second = queries_of(client, path)

    assert second <= first + 1
    assert second <= MOST_QUERIES[route]


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)
