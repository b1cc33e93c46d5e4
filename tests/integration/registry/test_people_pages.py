"""The pages on which an administrator finds people, ends a role and closes an account."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import FacilityFactory, LaboratoryFactory, RegionFactory, bind
from tests.integration.registry.test_pages import sheet_of, words

from lienthong.core.models import AuditEvent, User
from lienthong.registry.models import Facility, Laboratory, Region, RoleBinding

pytestmark = pytest.mark.django_db
PEOPLE = "/registry/people/"


@pytest.fixture
def region() -> Region:
    return RegionFactory(code="VN-HD", name_en="Hai Duong")


@pytest.fixture
def laboratory(region: Region) -> Laboratory:
    return LaboratoryFactory(code="L1", name_en="Biochemistry", facility__name_en="Hospital A", facility__region=region)


@pytest.fixture
def technician(laboratory: Laboratory) -> User:
    return person("mai", "Phạm Thị Mai", "technician", laboratory)


@pytest.fixture
def administrator(client: Client, region: Region) -> User:
    """An administrator of Hải Dương who is signed in and reads English."""
    return signed_in(client, person("khoa", "Ngô Hữu Khoa", "administrator", region))


def person(username: str, full_name: str, role: str, place: Region | Facility | Laboratory) -> User:
    user: User = UserFactory(username=username, full_name=full_name)
    bind(user, role, place)
    return user


def signed_in(client: Client, user: User, language: str = "en") -> User:
    client.force_login(user)
    client.cookies["django_language"] = language
    return user


def binding_of(user: User) -> RoleBinding:
    found: RoleBinding = RoleBinding.objects.known_at(None).filter(valid_to=None).get(user=user)
    return found


def end_address(user: User) -> str:
    return reverse("registry:end-role", args=[user.pk, binding_of(user).pk])


def close_address(user: User) -> str:
    return reverse("registry:close-account", args=[user.pk])


def person_address(user: User) -> str:
    return reverse("registry:person", args=[user.pk])


@pytest.mark.usefixtures("administrator")
def test_list_has_people_of_the_own_places_with_role_place_and_day(client: Client, technician: User) -> None:
    person("x", "Someone Elsewhere", "technician", LaboratoryFactory())

    page = words(client.get(PEOPLE))

    for shown in ("<h2>2 people</h2>", "Phạm Thị Mai", "Laboratory technician", "Hospital A, Biochemistry"):
        assert shown in page
    assert "Someone Elsewhere" not in page


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=MAI", ["Phạm Thị Mai"]),
        ("q=khoa", ["Ngô Hữu Khoa"]),
        ("role=technician", ["Phạm Thị Mai"]),
        ("role=clinician", []),
        ("standing=without", ["Left Lately"]),
        ("standing=closed", ["Left Long Ago"]),
        ("standing=what&role=ever", ["Ngô Hữu Khoa", "Phạm Thị Mai"]),
    ],
)
def test_list_is_exported_as_filtered(client: Client, technician: User, query: str, names: list[str]) -> None:
    for username, name, is_active in (("a", "Left Lately", True), ("b", "Left Long Ago", False)):
        left = person(username, name, "technician", LaboratoryFactory(facility__region=Region.objects.get()))
        RoleBinding.objects.filter(user=left).update(valid_to="2021-01-01")
        User.objects.filter(pk=left.pk).update(is_active=is_active)

    rows = sheet_of(client.get(f"{PEOPLE}?{query}&format=xlsx"))

    assert rows[0][:6] == ["Full name", "User name", "Role", "Where it holds", "Code", "Since"]
    assert [row[0] for row in rows[1:]] == names


@pytest.mark.usefixtures("administrator")
def test_list_exports_a_line_for_each_role(client: Client, technician: User, region: Region) -> None:
    bind(technician, "operator", region)

    rows = sheet_of(client.get(f"{PEOPLE}?q=mai&format=xlsx"))

    assert [row[2:5] for row in rows[1:]] == [
        ["Laboratory technician", "Hospital A, Biochemistry", "L1"],
        ["Exchange operator", "Hai Duong", "VN-HD"],
    ]


@pytest.mark.usefixtures("administrator")
def test_list_asks_the_database_the_same_for_two_and_for_forty(
    client: Client, technician: User, laboratory: Laboratory, django_assert_max_num_queries: object
) -> None:
    for number in range(38):
        person(f"t{number}", f"Technician {number}", "technician", laboratory)

    with django_assert_max_num_queries(24):  # type: ignore[operator]  # pytest-django's fixture
        page = words(client.get(PEOPLE))

    assert "<h2>40 people</h2>" in page


@pytest.mark.usefixtures("administrator")
def test_role_is_ended_after_a_question_and_with_a_reason(client: Client, technician: User) -> None:
    worker = Client()
    worker.force_login(technician)
    assert worker.get("/iqc/").status_code == 200
    address = end_address(technician)

    assert "<h1>End this role?</h1>" in words(client.get(address))
    refused = client.post(address, {"why": ""})
    assert (refused.status_code, worker.get("/iqc/").status_code) == (422, 200)
    done = client.post(address, {"why": "moved to the ward"}, follow=True)

    assert "The role is ended." in words(done)
    assert "No role in your places." in words(done)
    assert worker.get("/iqc/").status_code == 403
    assert AuditEvent.objects.get(action="end-role").detail["why"] == "moved to the ward"
    assert client.post(address, {"why": "again"}).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_account_is_closed_after_a_question_and_its_open_page_is_dead(client: Client, technician: User) -> None:
    worker = Client()
    worker.force_login(technician)

    asked = words(client.get(close_address(technician)))
    done = client.post(close_address(technician), {"why": "left"}, follow=True)

    assert "Close the account of Phạm Thị Mai?" in asked
    assert "Hospital A, Biochemistry" in asked
    assert "The account is closed." in words(done)
    answer = worker.get("/iqc/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert actions >= {"end-role", "close-account"}
    assert "Phạm Thị Mai" in words(client.get(f"{PEOPLE}?standing=closed"))
    assert "Phạm Thị Mai" not in words(client.get(PEOPLE))


@pytest.mark.usefixtures("administrator")
def test_account_with_a_role_elsewhere_stays_open_and_the_page_says_why(client: Client, technician: User) -> None:
    bind(technician, "clinician", FacilityFactory(name_en="Far Hospital"))

    page = words(client.get(person_address(technician)))

    assert "This person has a role outside your places" in page
    assert "Close this account" not in page
    assert "Far Hospital" not in page
    for answer in (client.get(close_address(technician)), client.post(close_address(technician), {"why": "left"})):
        assert answer.status_code == 403
    assert User.objects.get(pk=technician.pk).is_active


def test_own_last_role_and_own_account_stay_and_the_page_says_why(client: Client, administrator: User) -> None:
    answers = [client.post(address(administrator), {"why": "x"}) for address in (end_address, close_address)]

    assert [one.status_code for one in answers] == [403, 403]
    assert "This is your own last role of administrator" in words(answers[0])
    assert "This is your own account" in words(answers[1])
    assert "This is your own account" in words(client.get(person_address(administrator)))


def test_administrator_of_another_place_finds_nobody(client: Client, technician: User) -> None:
    signed_in(client, person("lan", "Vũ Ngọc Lan", "administrator", RegionFactory(code="VN-QN")))
    addresses = [person_address(technician), end_address(technician), close_address(technician)]

    assert "Phạm Thị Mai" not in words(client.get(f"{PEOPLE}?q=mai"))
    assert [client.get(one).status_code for one in addresses] == [404, 404, 404]
    assert [client.post(one, {"why": "x"}).status_code for one in addresses[1:]] == [404, 404]
    assert binding_of(technician)
    assert User.objects.get(pk=technician.pk).is_active


@pytest.mark.usefixtures("administrator")
def test_role_is_not_ended_under_the_address_of_another_person(client: Client, technician: User) -> None:
    other = person("son", "Đỗ Quang Sơn", "manager", Laboratory.objects.get())

    address = reverse("registry:end-role", args=[other.pk, binding_of(technician).pk])

    assert client.post(address, {"why": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("vi", ["Người dùng và vai trò", "Kết thúc vai trò này?", "Đóng tài khoản của Phạm Thị Mai?"]),
        ("zh-hans", ["用户与角色", "终止此角色？", "关闭Phạm Thị Mai的账户？"]),
        ("en", ["People and roles", "End this role?", "Close the account of Phạm Thị Mai?"]),
    ],
)
def test_pages_are_in_three_languages(
    client: Client, administrator: User, technician: User, language: str, said: list[str]
) -> None:
    signed_in(client, administrator, language)

    pages = [words(client.get(one)) for one in (PEOPLE, end_address(technician), close_address(technician))]

    assert [f"<h1>{title}</h1>" in page for title, page in zip(said, pages, strict=True)] == [True] * 3
