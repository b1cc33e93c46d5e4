"""The pages of connected systems, as an administrator uses them, and the commands beside them."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from tests.factories.core import ClientKeyFactory, ConnectedSystemFactory, UserFactory, public_jwk
from tests.factories.exchange import SourceFactory
from tests.factories.recognition import hai_duong
from tests.factories.registry import FacilityFactory, LaboratoryFactory, bind
from typer.testing import CliRunner

from lienthong.cli import app
from lienthong.core import signing_keys
from lienthong.core.models import AccessToken, AuditEvent, ClientKey, ConnectedSystem

pytestmark = pytest.mark.django_db
PAIR = ec.generate_private_key(ec.SECP384R1())
JWKS = json.dumps({"keys": [signing_keys.public_jwk(PAIR)]})
FIELDS = {
    "client_id": "his-30001",
    "name": "Anphu HIS",
    "facility": "30001",
    "contact": "Mr Sơn, 0912 000 000",
    "scopes": ["system/*.rs", "delivery/write"],
    "more_scopes": "system/Bundle.c",
    "sources": "SX",
    "jwks": JWKS,
}


@pytest.fixture
def administrator() -> Client:
    """An administrator of the Hải Dương area, where hospital 30001 has the sender SX and 30002 the sender SY."""
    region = hai_duong()
    for code, source in (("30001", "SX"), ("30002", "SY")):
        facility = FacilityFactory(code=code, name_en=f"Hospital {code}", region=region)
        SourceFactory(code=source, laboratory=LaboratoryFactory(facility=facility), sending_application=source)
    FacilityFactory(code="99999", name_en="Hospital elsewhere")
    person = UserFactory(full_name="Ngô Hữu Khoa")
    bind(person, "administrator", region)
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def register(client: Client, **changes: object) -> HttpResponse:
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
    return client.post("/inbox/systems/register/", fields)  # type: ignore[return-value]


def test_system_is_registered_with_its_keys(administrator: Client) -> None:
    answer = register(administrator)

    system = ConnectedSystem.objects.get()
    assert answer.status_code == 302
    assert (system.client_id, system.facility, system.sources) == ("his-30001", "30001", ["SX"])
    assert system.scopes == ["system/*.rs", "system/Bundle.c", "delivery/write"]
    assert [key.key_id for key in system.keys.all()] == [signing_keys.public_jwk(PAIR)["kid"]]
    assert AuditEvent.objects.get(action="register-system").actor_label == "Ngô Hữu Khoa"


def test_keys_are_taken_from_a_file(administrator: Client) -> None:
    file = io.BytesIO(b"\xef\xbb\xbf" + JWKS.encode())
    file.name = "jwks.json"

    assert register(administrator, jwks=None, jwks_file=file).status_code == 302
    assert ClientKey.objects.count() == 1


PRIVATE_PEM = signing_keys.new_private_key().decode()
FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "private key": ({"jwks": PRIVATE_PEM}, "private or secret key"),
    "no key": ({"jwks": ""}, "Choose a file or paste a JWKS."),
    "weak key": (
        {"jwks": json.dumps({**public_jwk(ec.generate_private_key(ec.SECP256R1())), "kid": "k"})},
        "must be P-384",
    ),
    "no scope": ({"scopes": [], "more_scopes": ""}, "Grant at least one scope"),
    "unknown scope": ({"more_scopes": "system/Potato.rs"}, "There is no such type of resource here."),
    "sender of another facility": ({"sources": "SX SY"}, "no senders of the facility: SY"),
    "no name": ({"client_id": "a b"}, "Give a client_id"),
    "facility elsewhere": ({"facility": "99999"}, "Select a valid choice"),
}


@pytest.mark.parametrize(("changes", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_stands_on_the_page_and_nothing_is_registered(
    administrator: Client, changes: dict[str, object], words: str
) -> None:
    answer = register(administrator, **changes)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ConnectedSystem.objects.exists()


def test_faults_of_the_system_and_of_its_keys_stand_in_one_box(administrator: Client) -> None:
    page = register(administrator, name="", jwks="").content.decode()

    assert page.count('class="errors"') == page.count('id="errors-head"') == 1
    assert "2 things to correct" in page
    assert 'href="#id_name"' in page
    assert 'href="#id_jwks"' in page


def test_private_key_is_not_shown_again(administrator: Client) -> None:
    answer = register(administrator, jwks=PRIVATE_PEM)

    assert PRIVATE_PEM.splitlines()[1] not in answer.content.decode()


def test_taken_client_id_stands_beside_its_field(administrator: Client) -> None:
    register(administrator)

    again = register(administrator, jwks=JWKS)

    assert again.status_code == 422
    assert "registered by this client_id already" in again.content.decode()


def test_list_and_workbook_show_the_systems_of_ones_facilities(administrator: Client) -> None:
    at = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
    ClientKeyFactory(system__client_id="his-30001", system__last_token_at=at)
    ConnectedSystemFactory(client_id="his-99999", facility="99999")
    ConnectedSystemFactory(client_id="his-30002", facility="30002", suspended_at=at)

    page = administrator.get("/inbox/systems/").content.decode()
    book = load_workbook(io.BytesIO(administrator.get("/inbox/systems.xlsx").content))

    header, *rows = [[cell for cell in row] for row in book.active.iter_rows(values_only=True)]  # type: ignore[union-attr]  # one sheet
    assert [(row[0], row[header.index("State")]) for row in rows] == [
        ("his-30001", "connected"),
        ("his-30002", "suspended"),
    ]
    assert "his-30002" in page
    assert "his-99999" not in page


def test_list_asks_the_database_as_often_for_many_as_for_few(
    administrator: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(20):
        ClientKeyFactory(system__facility="30001")

    with django_assert_max_num_queries(20):  # type: ignore[operator]  # pytest-django's fixture
        administrator.get("/inbox/systems/")


def test_page_shows_keys_history_and_refusals(administrator: Client) -> None:
    register(administrator)
    system = ConnectedSystem.objects.get()
    administrator.post("/auth/token", "scope=a", content_type="application/x-www-form-urlencoded")
    administrator.post("/auth/token", "client_id=his-30001&scope=a", content_type="application/x-www-form-urlencoded")

    page = administrator.get(f"/inbox/systems/{system.pk}/").content.decode()

    assert signing_keys.public_jwk(PAIR)["kid"] in page
    assert "Deliver reports as plain JSON" in page
    assert "never called" in page
    assert page.count("invalid_request") == 2
    assert "Ngô Hữu Khoa" in page


def test_system_changes_over_to_another_key(administrator: Client) -> None:
    register(administrator)
    system = ConnectedSystem.objects.get()
    old = system.keys.get()
    new = signing_keys.public_jwk(ec.generate_private_key(ec.SECP384R1()))

    added = administrator.post(f"/inbox/systems/{system.pk}/keys/", {"jwks": json.dumps(new)})
    again = administrator.post(f"/inbox/systems/{system.pk}/keys/", {"jwks": json.dumps(new)})
    ended = administrator.post(f"/inbox/systems/{system.pk}/keys/{old.pk}/end/", {"ends_at": ""})

    old.refresh_from_db()
    assert (added.status_code, again.status_code, ended.status_code) == (302, 422, 302)
    assert old.valid_to is not None
    assert set(system.keys.filter(valid_to=None).values_list("key_id", flat=True)) == {new["kid"]}


def test_suspended_system_is_let_in_again(administrator: Client) -> None:
    register(administrator)
    system = ConnectedSystem.objects.get()
    later = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    held = {"key_id": "k", "scopes": [], "issued_at": system.registered_at, "expires_at": later}
    AccessToken.objects.create(digest="d", system=system, **held)

    refused = administrator.post(f"/inbox/systems/{system.pk}/suspend/", {"why": ""})
    administrator.post(f"/inbox/systems/{system.pk}/suspend/", {"why": "It floods us."})
    system.refresh_from_db()
    suspended = system.suspended_at
    administrator.post(f"/inbox/systems/{system.pk}/resume/")
    system.refresh_from_db()

    assert refused.status_code == 422
    assert suspended is not None
    assert system.suspended_at is None
    assert AccessToken.objects.get().revoked_at == suspended


def test_change_keeps_client_id_and_facility(administrator: Client) -> None:
    register(administrator)
    system = ConnectedSystem.objects.get()

    changes = {**FIELDS, "client_id": "other", "facility": "30002", "name": "New", "scopes": ["cds-hooks/call"]}
    answer = administrator.post(f"/inbox/systems/{system.pk}/change/", changes)

    system.refresh_from_db()
    assert answer.status_code == 302
    assert (system.client_id, system.facility, system.name) == ("his-30001", "30001", "New")
    assert system.scopes == ["system/Bundle.c", "cds-hooks/call"]


@pytest.mark.parametrize("language", ["vi", "zh-hans", "en"])
def test_form_is_shown_in_each_language(administrator: Client, language: str) -> None:
    administrator.get(f"/language/{language}/")

    assert administrator.get("/inbox/systems/register/").status_code == 200


def test_commands_register_list_and_suspend(
    administrator: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same actions by the command line, which starts no second server for it."""
    monkeypatch.setattr("lienthong.cli.access.start", lambda **_: None)
    jwks, more = tmp_path / "jwks.json", tmp_path / "more.json"
    jwks.write_text(JWKS)
    more.write_text(json.dumps(signing_keys.public_jwk(ec.generate_private_key(ec.SECP384R1()))))
    first = signing_keys.public_jwk(PAIR)["kid"]

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["access", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    what = ("--name", "Anphu HIS", "--facility", "30001", "--scope", "system/*.read cds-hooks/call", "--source", "SX")
    run("register", "his-30001", "--jwks", str(jwks), *what)
    run("add-key", "his-30001", "--jwks", str(more))
    run("end-key", "his-30001", first, "--hours", "8")
    run("suspend", "his-30001", "--why", "It floods us.")
    (row,) = json.loads(run("list", "--json"))
    run("resume", "his-30001")

    assert (row["scopes"], bool(row["suspended_at"])) == ("system/*.rs cds-hooks/call", True)
    assert first in row["keys"]
    assert "his-30001" in run("list")
    assert ConnectedSystem.objects.get().suspended_at is None
