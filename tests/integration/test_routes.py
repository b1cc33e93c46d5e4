"""Every address of the application by every role: what a page gives, and that nothing is stored for who may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse
from pytest_django.plugin import DjangoDbBlocker
from tests.integration.routes import NOW, Scene, route_names, stored, text_of
from tests.integration.routes_by_role import READ, ROLES, WRITTEN
from tests.integration.routes_scene import set_scene

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = {"home", "core:sign-in", "core:sign-out", "core:language", "core:smart-configuration"}
SIGNS_EVERYONE_IN_OR_OUT = {"core:sign-in", "core:sign-out"}
STORES_NOTHING = {"exchange:try-message", "exchange:mapping-table"}
LOG = {"core:log-checkpoint", "core:log-cosigned", "core:log-key", "core:log-consistency", "portal:proof"}
PAGES_FOR_ALL = {"recognition:register", "recognition:rules", "portal:cds-services"}
INTERFACES = {"deliveries:page", "fhir:page", "fhir:metadata", "fhir:smart-configuration"}
INTERFACES |= {"deliveries:openapi", "fhir:openapi", "core:access-openapi", "core:log-openapi", "portal:cds-openapi"}
PUBLIC = OPEN_TO_ALL | LOG | PAGES_FOR_ALL | INTERFACES
# A system proves itself by what it signs; a refusal is logged, whoever asks.
OF_SYSTEMS = {"core:token", "core:introspect", "core:revoke"}
OF_ONESELF = {"core:password"}  # everyone's own: tests/integration/core/test_own_password.py
WRITES_OTHERWISE = SIGNS_EVERYONE_IN_OR_OUT | OF_ONESELF | STORES_NOTHING | OF_SYSTEMS
STRANGERS = ("technician B", "officer elsewhere", "clinician B")


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """The scene, made once at 10:00 on 23 November 2026 and rolled back at the end, as each test is after itself."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr("django.utils.timezone.now", lambda: NOW)
        yield set_scene()
        transaction.set_rollback(True)


def short(answer: HttpResponse) -> str:
    """Return what an answer is, as the tables write it."""
    if answer.status_code == 405:
        return "."
    if answer.status_code == 302:
        return "in" if answer.headers["Location"].startswith("/sign-in/") else "on"
    return str(answer.status_code)


def get(scene: Scene, route: str, role: str) -> str:
    said = short(scene.client(role).get(scene.address(route)))
    return "." if READ[route][role] == "." and role == "nobody" and said == "in" else said


def post(scene: Scene, route: str, role: str, **client: object) -> HttpResponse:
    answer: HttpResponse = scene.client(role, **client).post(scene.address(route), scene.forms[route].data())  # type: ignore[assignment]
    return answer


def test_no_route_is_missing_from_the_table_or_stale() -> None:
    assert sorted(READ) == route_names()


@pytest.mark.parametrize("route", READ)
def test_page_is_given_by_role_and_place(scene: Scene, route: str) -> None:
    expected = READ[route]

    assert {role: get(scene, route, role) for role in expected} == expected


@pytest.mark.parametrize("route", WRITTEN)
def test_form_of_one_who_may_not_is_refused_and_nothing_is_stored(scene: Scene, route: str) -> None:
    refused = {role: cell for role, cell in WRITTEN[route].items() if cell != "may"}
    before = stored()

    answers = {role: short(post(scene, route, role)) for role in refused}

    assert answers == refused
    assert {name for name, digest in stored().items() if digest != before[name]} == set()


@pytest.mark.parametrize("route", [route for route, row in WRITTEN.items() if "may" in row.values()])
def test_same_form_of_one_who_may_is_stored_but_not_from_another_site(scene: Scene, route: str) -> None:
    before = stored()
    for role in (role for role, cell in WRITTEN[route].items() if cell == "may"):
        assert post(scene, route, role, enforce_csrf_checks=True).status_code == 403
        assert stored() == before

        with transaction.atomic():
            answer = post(scene, route, role)
            changed = stored() != before
            transaction.set_rollback(True)

        assert (role, answer.status_code in (200, 302), changed) == (role, True, True)


@pytest.mark.parametrize("route", sorted(READ.keys() - WRITTEN.keys() - WRITES_OTHERWISE))
def test_route_outside_the_table_of_forms_takes_none(scene: Scene, route: str) -> None:
    role = next((role for role, cell in READ[route].items() if cell == "200"), "administrator")

    assert scene.client(role).post(scene.address(route)).status_code == 405


@pytest.mark.parametrize("route", sorted(OF_SYSTEMS))
def test_no_session_of_a_person_stands_for_a_system(scene: Scene, route: str) -> None:
    form, kind = "grant_type=client_credentials&token=x&scope=delivery/read", "application/x-www-form-urlencoded"

    said = {role: short(scene.client(role).post(scene.address(route), form, content_type=kind)) for role in ROLES}

    assert said == dict.fromkeys(ROLES, "401")


def test_form_that_only_tries_stores_nothing(scene: Scene) -> None:
    """A message is tried: its sender is told what would become of it, and no table changes."""
    before = stored()

    answer = post(scene, "exchange:try-message", "operator")

    assert answer.status_code == 200
    assert {name for name, digest in stored().items() if digest != before[name]} == set()


@pytest.mark.parametrize("route", ["portal:patient", "portal:report", "portal:break-glass"])
def test_record_does_not_cross_the_border_of_a_country(scene: Scene, route: str) -> None:
    before = stored()

    client = scene.client("clinician elsewhere")
    address = scene.address(route)
    said = client.post(address, scene.forms[route].data()) if route in WRITTEN else client.get(address)

    assert said.status_code == 404
    assert stored() == before


@pytest.mark.parametrize("role", STRANGERS)
def test_pages_that_a_stranger_may_open_say_nothing_of_laboratory_a(scene: Scene, role: str) -> None:
    client = scene.client(role)
    opened = [route for route, row in READ.items() if row[role] == "200" and route not in PUBLIC]

    said = {route: text_of(client.get(scene.address(route)).content) for route in opened}

    assert len(opened) > 1
    assert {(route, secret) for route, text in said.items() for secret in scene.secrets if secret in text} == set()


def test_pages_of_laboratory_a_say_what_strangers_must_not_read(scene: Scene) -> None:
    """The words looked for above do stand on the pages of those who may read them."""
    client = scene.client("technician A")
    routes = ("registry:facility", "eqa:certificates", "portal:patient")

    said = "".join(text_of(client.get(scene.address(route)).content) for route in routes)

    assert {secret for secret in scene.secrets if secret not in said} == set()
