"""An administrator registers a system with a key, changes it over to another, and suspends it."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page, expect
from tests.factories.core import UserFactory
from tests.factories.recognition import hai_duong
from tests.factories.registry import FacilityFactory, bind
from tests.factories.tables import empty_unmanaged_tables
from tests.journeys.conftest import PHONE, SignIn, assert_accessible

from lienthong.core import signing_keys
from lienthong.core.models import User


@pytest.fixture
def administrator(live_server: object) -> User:
    empty_unmanaged_tables()
    region = hai_duong()
    FacilityFactory(code="30001", name_en="Anphu General Hospital", region=region)
    user: User = UserFactory(full_name="Ngô Hữu Khoa")
    bind(user, "administrator", region)
    return user


def jwks() -> str:
    pair = ec.generate_private_key(ec.SECP384R1())
    return json.dumps({"keys": [signing_keys.public_jwk(pair)]}, indent=2)


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_administrator_lets_a_system_in_and_out(
    administrator: User, sign_in: SignIn, size: dict[str, int] | None
) -> None:
    page = sign_in(administrator, size=size) if size else sign_in(administrator)

    given_no_system_is_connected(page)
    when_a_private_key_is_pasted_it_is_refused(page)
    when_the_public_key_is_given_the_system_is_registered(page)
    when_another_key_is_added_the_old_one_is_ended(page)
    then_it_is_suspended_and_let_in_again(page)


def given_no_system_is_connected(page: Page) -> None:
    page.goto("/inbox/systems/")
    expect(page.get_by_text("No system is connected.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Register a system").click()
    assert_accessible(page)


def when_a_private_key_is_pasted_it_is_refused(page: Page) -> None:
    page.get_by_label("client_id").fill("his-30001")
    page.get_by_label("Name of the system").fill("Anphu HIS")
    page.get_by_label("Facility that it speaks for").select_option("30001")
    page.get_by_label("Read and search all resources of FHIR").check()
    page.get_by_label("Or the JWKS as text").fill(signing_keys.new_private_key().decode())
    page.get_by_role("button", name="Register this system").click()
    expect(page.get_by_role("alert")).to_contain_text("This is a private or secret key")
    expect(page.get_by_label("Or the JWKS as text")).to_have_value("")
    assert_accessible(page)


def when_the_public_key_is_given_the_system_is_registered(page: Page) -> None:
    page.get_by_label("Or the JWKS as text").fill(jwks())
    page.get_by_role("button", name="Register this system").click()
    expect(page.get_by_role("status")).to_contain_text("The system is registered.")
    assert_accessible(page)
    page.get_by_role("link", name="his-30001").click()
    expect(page.get_by_text("never called")).to_be_visible()
    assert_accessible(page)


def when_another_key_is_added_the_old_one_is_ended(page: Page) -> None:
    page.get_by_role("link", name="Add a key").click()
    assert_accessible(page)
    page.get_by_label("Or the JWKS as text").fill(jwks())
    page.get_by_role("button", name="Add a key").click()
    page.get_by_role("link", name="End this key").last.click()
    assert_accessible(page)
    page.get_by_role("button", name="End this key").click()
    expect(page.get_by_role("link", name="End this key")).to_have_count(1)


def then_it_is_suspended_and_let_in_again(page: Page) -> None:
    page.get_by_role("link", name="Suspend this system").click()
    assert_accessible(page)
    page.get_by_label("Why is it suspended?").fill("It asks a thousand times a second.")
    page.get_by_role("button", name="Suspend this system").click()
    expect(page.get_by_role("status")).to_contain_text("The system is suspended.")
    assert_accessible(page)
    page.get_by_role("button", name="Let it in again").click()
    expect(page.get_by_role("status")).to_contain_text("The system is let in again.")
