"""An administrator adds a witness of the log, is told aloud that it knows another log, and removes it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.outbound.scene import make_scene
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tools import log_sample

from lienthong.core.models import LogWitness, User


@pytest.fixture
def administrator(live_server: object) -> User:
    empty_unmanaged_tables()
    user: User = UserFactory(full_name="Ngô Hữu Khoa")
    bind(user, "administrator", make_scene().ours.region)
    return user


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_administrator_looks_after_a_witness(administrator: User, sign_in: SignIn, size: dict[str, int] | None) -> None:
    page = sign_in(administrator, size=size) if size else sign_in(administrator)

    given_there_is_no_witness(page)
    when_one_is_added_a_key_of_a_log_is_refused_first(page)
    then_it_has_not_cosigned_yet(page)
    when_it_knows_another_log_the_page_says_so_aloud(page)
    when_it_is_removed_there_is_none(page)


def given_there_is_no_witness(page: Page) -> None:
    page.goto("/inbox/witnesses/")
    expect(page.get_by_text("No witness is added.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Add a witness").click()
    expect(page.get_by_label("Key of the witness")).to_be_visible()
    assert_accessible(page)


def when_one_is_added_a_key_of_a_log_is_refused_first(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Ministry of Health")
    page.get_by_label("Address").fill("https://witness.example.org/moh")
    page.get_by_label("Key of the witness").fill(str(log_sample.VERIFIER))
    page.get_by_role("button", name="Add this witness").click()
    expect(page.get_by_role("alert")).to_contain_text("The key of a log is none.")
    assert_accessible(page)
    page.get_by_label("Key of the witness").fill(str(log_sample.WITNESS))
    page.get_by_role("button", name="Add this witness").click()


def then_it_has_not_cosigned_yet(page: Page) -> None:
    expect(page.get_by_text("The witness is added and is handed the next checkpoint.")).to_be_visible()
    expect(page.get_by_text("has not cosigned yet")).to_be_visible()
    assert_accessible(page)


def when_it_knows_another_log_the_page_says_so_aloud(page: Page) -> None:
    now, note = timezone.now(), log_sample.note(6)
    LogWitness.objects.update(
        size=6, cosigned_at=now - dt.timedelta(hours=1), note=note, line="— w x", failures=3,
        last_error_code="witness-ahead", last_error="the witness cosigned 9 leaves, but only 6", last_error_at=now,
    )  # fmt: skip
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("A witness knows another log than this one")
    expect(page.get_by_role("cell", name="knows another log")).to_be_visible()
    assert_accessible(page)


def when_it_is_removed_there_is_none(page: Page) -> None:
    page.get_by_role("link", name="Remove Ministry of Health").click()
    expect(page.get_by_label("Why?")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Why?").fill("Its machine was replaced")
    page.get_by_role("button", name="Remove this witness").click()
    expect(page.get_by_text("The witness is removed.")).to_be_visible()
    expect(page.get_by_text("No witness is added.")).to_be_visible()
