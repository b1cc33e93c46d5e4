"""The list of held messages: filters that stay in the address, pages, the workbook as shown, and what is open."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.exchange import OBR, PID, SourceFactory, message
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.test_pages import signed_in

from lienthong.core.models import User
from lienthong.exchange.held_list import PER_PAGE
from lienthong.results.models import HeldResult, InboxMessage

pytestmark = pytest.mark.django_db

HELD = "/inbox/"
GROUP = r'<th scope="row"><a href="\?([^"#]*)#chosen"[^>]*>'


def coded(number: int, *, facility: str = "SX", unit: str = "g/L") -> bytes:
    """Return a message of which a result waits for the code C<number>."""
    result = f"OBX|1|NM|C{number:02}^Test {number}^L||3.1|{unit}|||||F|||20261120070000"
    return message(PID, OBR.replace("SX1", f"N{number}"), result, control_id=f"M{number}", facility=facility)


@pytest.fixture
def operator(scene: Scene) -> Client:
    """An operator of the region of SX, where the sender SY is, too."""
    SourceFactory(code="SY", laboratory__facility__region=scene.laboratory.facility.region)
    user: User = UserFactory()
    bind(user, "operator", scene.laboratory.facility.region)
    return signed_in(user)


@pytest.fixture
def waiting(scene: Scene, operator: Client) -> Client:
    """Codes 1 and 2 of SX and 3 of SY wait, the first of them for ten days; one message names nobody known."""
    scene.process(coded(1), coded(2), coded(3, facility="SY"), message(facility="NEW", control_id="U"))
    HeldResult.objects.filter(local_code="C01").update(held_at=timezone.now() - dt.timedelta(days=10))
    return operator


def shown(answer: HttpResponse) -> set[str]:
    """Return the codes and senders' own names of the groups in the lists."""
    queries = re.findall(GROUP, answer.content.decode())
    return {found for one in queries for found in re.findall(r"(?:code|sender)=([A-Z][^&]+)&amp;", one)}


FILTERS = [
    ("", {"C01", "C02", "C03", "MEDLAB+%2F+NEW"}),
    ("from=SX", {"C01", "C02"}),
    ("from=SY", {"C03"}),
    ("from=MEDLAB+%2F+NEW", {"MEDLAB+%2F+NEW"}),
    ("why=code-unknown", {"C01", "C02", "C03"}),
    ("why=unknown-sender", {"MEDLAB+%2F+NEW"}),
    ("waits=week", {"C01"}),
    ("waits=month", set()),
    ("waits=new", {"C02", "C03", "MEDLAB+%2F+NEW"}),
    ("waits=never", {"C01", "C02", "C03", "MEDLAB+%2F+NEW"}),
    ("q=c02", {"C02"}),
    ("q=medlab", {"MEDLAB+%2F+NEW"}),
    ("from=SX&why=code-unknown&waits=new", {"C02"}),
    ("from=SY&waits=week", set()),
    ("from=NOBODY", set()),
    ("q=%00", {"C01", "C02", "C03", "MEDLAB+%2F+NEW"}),
]


@pytest.mark.parametrize(("query", "groups"), FILTERS)
def test_filter_keeps_the_groups_that_fit(waiting: Client, query: str, groups: set[str]) -> None:
    answer = waiting.get(f"{HELD}?{query}")

    assert answer.status_code == 200
    assert shown(answer) == groups
    assert "3 messages are held for 3 reasons" in answer.content.decode()  # of all, whatever is shown


def test_links_of_a_filtered_list_keep_the_filter(waiting: Client) -> None:
    page = waiting.get(f"{HELD}?from=SX&waits=week").content.decode()

    assert {one.split("&amp;source")[0] for one in re.findall(GROUP, page)} == {"from=SX&amp;waits=week"}
    assert f'href="{HELD}held.xlsx?from=SX&amp;waits=week"' in page
    assert f'action="{HELD}replay/?from=SX&amp;waits=week"' in page
    assert '<option value="SX" selected>' in page
    assert '<option value="week" selected>' in page


def test_workbook_holds_all_that_fit_and_says_what_was_refused(waiting: Client) -> None:
    def rows(query: str) -> list[tuple[object, ...]]:
        book = load_workbook(io.BytesIO(waiting.get(f"{HELD}held.xlsx?{query}").content))
        return list(book.active.iter_rows(values_only=True))[1:]  # type: ignore[union-attr]  # one sheet

    assert [(row[2], row[3]) for row in rows("from=SX")] == [("held", "C01"), ("held", "C02")]
    assert [row[0:3] for row in rows("why=unknown-sender")] == [("MEDLAB / NEW", "Unknown sender", "refused")]
    assert len(rows("")) == 4


@pytest.fixture
def many(scene: Scene, operator: Client) -> Client:
    """One group more than two pages hold."""
    scene.process(*(coded(number) for number in range(2 * PER_PAGE + 1)))
    return operator


def test_groups_stand_on_pages_and_the_first_of_a_page_is_open(many: Client) -> None:
    first, second, third = (many.get(f"{HELD}?page={number}") for number in ("1", "2", "3"))
    codes = [f"C{number:02}" for number in range(2 * PER_PAGE + 1)]

    assert shown(first) == set(codes[:PER_PAGE])
    assert shown(second) == set(codes[PER_PAGE:-1])
    assert shown(third) == {codes[-1]}
    assert f"<code>{codes[PER_PAGE]}</code></h2>" in second.content.decode()
    assert 'href="?page=3"' in second.content.decode()
    assert len(load_workbook(io.BytesIO(many.get(f"{HELD}held.xlsx?page=2").content)).active["A"]) == len(codes) + 1  # type: ignore[index]


def test_open_group_is_found_on_its_page_and_pages_keep_the_filter(many: Client) -> None:
    page = many.get(f"{HELD}?from=SX&source=SX&sender=&reason=code-unknown&code=C30&system=L&refused=")

    assert "C30" in shown(page)
    assert 'aria-current="true"' in page.content.decode()
    assert 'href="?from=SX&amp;page=1"' in page.content.decode()


GONE = {"source": "SX", "sender": "", "reason": "code-unknown", "code": "GONE", "system": "L", "refused": ""}


def test_group_that_is_gone_opens_no_other_and_replays_nothing(waiting: Client) -> None:
    page = waiting.get(HELD, GONE).content.decode()
    answer = waiting.post(reverse("exchange:replay-group") + "?from=SX", GONE)
    unnamed = waiting.post(reverse("exchange:replay-group"), {})

    assert "Nothing waits in this group any more." in page
    assert "First seen" not in page
    assert (answer.status_code, answer["Location"]) == (302, f"{HELD}?from=SX")
    assert unnamed["Location"] == HELD
    assert not InboxMessage.objects.filter(state="received").exists()


def test_all_messages_of_a_group_are_replayed_by_a_few_questions(
    scene: Scene, operator: Client, django_assert_max_num_queries: object
) -> None:
    scene.process(*(message(facility="NEW", control_id=f"U{number}") for number in range(230)))
    group = {"source": "", "sender": "MEDLAB / NEW", "reason": "unknown-sender", "code": "", "system": "", "refused": 1}
    page = operator.get(HELD, group).content.decode()

    with django_assert_max_num_queries(40):  # type: ignore[operator]  # pytest-django's fixture
        operator.post(reverse("exchange:replay-group"), group)

    assert "The oldest 200 are listed; replaying takes all of the group." in page
    assert InboxMessage.objects.filter(state="received").count() == 230


def test_list_asks_as_often_for_many_groups_as_for_few(many: Client) -> None:
    def questions(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            many.get(f"{HELD}?{query}")
        return len(asked)

    assert questions("from=SX&waits=new") == questions("q=C00") <= 30
