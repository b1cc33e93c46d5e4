"""The pages on which an administrator adds people and gives roles."""

from __future__ import annotations

import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import LaboratoryFactory, RegionFactory, bind
from tests.integration.registry.test_pages import signed_in, words

from lienthong.core.models import AuditEvent, User
from lienthong.registry.models import Laboratory, RoleBinding

pytestmark = pytest.mark.django_db
ADD = "/registry/people/add/"
HOA = {"username": "hoa", "full_name": "Trần Thị Hoa"}
ROLE = {"role": "technician", "kind": "laboratory", "code": "L1"}


@pytest.fixture
def laboratory() -> Laboratory:
    return LaboratoryFactory(code="L1", facility__code="F1", facility__region=RegionFactory(code="VN-HD"))


@pytest.fixture
def administrator(client: Client, laboratory: Laboratory) -> User:
    return signed_in(client, "administrator", laboratory.facility.region)


def roles(username: str) -> list[str]:
    return list(RoleBinding.objects.known_at(None).filter(user__username=username).values_list("role", flat=True))


@pytest.mark.usefixtures("administrator")
def test_added_person_signs_in_with_the_password_that_is_shown_once(client: Client) -> None:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        page = words(client.post(ADD, HOA | ROLE))
        shown = re.search(r"First password</dt><dd><code>(.+?)</code>", page)
        assert shown
        worker = Client()
        assert worker.login(username="hoa", password=shown[1])

    assert worker.get("/iqc/").status_code == 200
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", shown[1])
    events = AuditEvent.objects.filter(object_key="hoa").order_by("id")
    assert list(events.values_list("action", flat=True)) == ["add-account", "bind-role"]
    assert not any(shown[1] in str(event.detail) for event in events)


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "KNOWN"}, "This user name is taken"),
        ({"username": "System-log"}, "This user name is taken"),
        ({"username": "a b"}, "Enter a valid username"),
        ({"code": "L9"}, "There is no place under the code L9."),
        ({"code": "FAR"}, "This place is not one of yours."),
        ({"kind": "facility"}, "There is no place under the code L1."),
        ({"role": ""}, "Choose a role."),
        ({"role": "king"}, "king"),
    ],
    ids=["taken", "of a system", "no name", "no place", "elsewhere", "other kind", "no role", "no such role"],
)
def test_form_with_a_fault_adds_nobody(client: Client, change: dict[str, str], said: str) -> None:
    UserFactory(username="known")
    LaboratoryFactory(code="FAR")
    before = User.objects.filter(is_system=False).count()

    answer = client.post(ADD, HOA | ROLE | change)

    assert answer.status_code == 422
    assert said in words(answer)
    assert User.objects.filter(is_system=False).count() == before


@pytest.mark.usefixtures("administrator")
def test_known_person_gets_one_more_role(client: Client, laboratory: Laboratory) -> None:
    mai = UserFactory(username="mai")
    bind(mai, "technician", laboratory)
    address = reverse("registry:appoint", args=[mai.pk])

    refused = client.post(address, ROLE | {"role": "manager", "code": "L9"})
    done = client.post(address, ROLE | {"role": "manager"}, follow=True)

    assert refused.status_code == 422
    assert "The role is given." in words(done)
    assert sorted(roles("mai")) == ["manager", "technician"]


@pytest.mark.usefixtures("administrator")
def test_person_of_other_places_gets_no_role_here(client: Client) -> None:
    stranger = UserFactory(username="stranger")
    bind(stranger, "technician", LaboratoryFactory())

    assert client.post(reverse("registry:appoint", args=[stranger.pk]), ROLE).status_code == 404

    assert roles("stranger") == ["technician"]


@pytest.mark.usefixtures("administrator")
def test_closed_account_gets_no_role(client: Client, laboratory: Laboratory) -> None:
    mai = UserFactory(username="mai", is_active=False)
    bind(mai, "technician", laboratory)

    answer = client.post(reverse("registry:appoint", args=[mai.pk]), ROLE | {"role": "manager"})

    assert answer.status_code == 422
    assert "This account is closed." in words(answer)
    assert roles("mai") == ["technician"]
