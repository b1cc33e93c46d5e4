"""An analyser's message on its page, and registering an analyser."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import AnalyzerFactory, astm_message
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict
from lienthong.exchange import actions
from lienthong.exchange.analyzers.directory import AnalyzerDirectory, Caller, analyzer_directory
from lienthong.exchange.certification.actions import open_certification
from lienthong.exchange.models import Source
from lienthong.results.models import InboxMessage

RECORDS = (
    *("P|1|PR77|||Nguyễn^An||19800517|M", "C|1|L|of Mrs Hoa", "O|1|SP1001||^^^GLX|R"),
    *("R|1|^^^GLX|5.6|mmol/L||||F||||20261120060000", "R|2|^^^NOTE|seen by Dr Binh"),
)


@pytest.fixture
def operator(scene: Scene) -> User:
    user: User = UserFactory()
    bind(user, "operator", scene.laboratory.facility)
    return user


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_message_is_shown_without_the_patient_until_he_is_asked_for(scene: Scene, operator: User) -> None:
    AnalyzerFactory(code="BS", laboratory=scene.laboratory)
    scene.process_astm(astm_message(*RECORDS))
    key = InboxMessage.objects.get().pk
    client = signed_in(operator)

    page = client.get(reverse("exchange:message", args=[key])).content.decode()
    opened = client.post(reverse("exchange:patient-fields", args=[key])).content.decode()

    secrets = ("PR77", "Nguyễn", "19800517", "Hoa", "Binh")
    assert not [word for word in secrets if word in page]
    assert all(word in page for word in ("SP1001", "GLX", "5.6", "BS-240"))
    assert all(word in opened for word in secrets)


def register(by: User, **changes: object) -> int:
    facility = Source.objects.get(code="SX").facility.code
    given = {"code": "BS", "sending_application": "BS-240", "sending_facility": "", "facility": facility}
    entry = actions.SenderEntry(**{**given, "protocol": "astm", **changes})
    return actions.register_source(entry, by=by, at=timezone.now())


def test_analyzer_is_registered_by_an_administrator(scene: Scene, administrator: User) -> None:
    register(administrator, peer_address="10.0.0.7", listening_port=4001, control_specimens="QC*")

    found = analyzer_directory().find(Caller("BS-240^Mindray", "10.0.0.7", 4001))
    assert found is not None
    assert found.code == "BS"
    with pytest.raises(BadInput):
        register(administrator, code="BT", sending_application="")


def test_analyzer_that_nothing_tells_apart_is_refused_by_the_database(scene: Scene) -> None:
    AnalyzerFactory()

    with pytest.raises(IntegrityError, match="exchange_source_analyzer_once"):
        AnalyzerFactory()


def test_analyzer_that_is_known_by_nothing_is_refused_by_the_database(scene: Scene) -> None:
    with pytest.raises(IntegrityError, match="exchange_source_analyzer_known"):
        AnalyzerFactory(sending_application="")


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (Caller("BS-240^Mindray", "10.0.0.1", 4000), "BY-NAME"),
        (Caller("BS-240", "10.0.0.2", 4000), "BY-ADDRESS-TOO"),
        (Caller("", "10.0.0.9", 4001), "BY-PORT"),
        (Caller("XN", "10.0.0.9", 4000), None),
        (Caller("BS-240", "10.0.0.1", 4001), None),
    ],
    ids=["name", "most-is-asked", "port", "none", "two-fit-equally"],
)
def test_caller_is_the_analyzer_that_fits_and_asks_most(caller: Caller, code: str | None) -> None:
    directory = AnalyzerDirectory.of(
        [
            ("BY-NAME", "utf-8", "BS-240", "", 0),
            ("BY-ADDRESS-TOO", "utf-8", "BS-240", "10.0.0.2", 0),
            ("BY-PORT", "utf-8", "", None, 4001),
        ]
    )

    found = directory.find(caller)

    assert (found.code if found else None) == code
    assert Caller.of_label(caller.label) == caller


def given_by_the_page(client: Client, address: str, **changes: str) -> dict[str, str]:
    """Return what a browser sends from the form as it stands, with some fields written over."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items()} | changes


def test_change_on_the_page_of_an_analyzer_leaves_the_rest_of_it_as_it_was(scene: Scene, administrator: User) -> None:
    told = {"peer_address": "10.0.0.7", "listening_port": 4001, "control_specimens": "QC* CTRL-*"}
    AnalyzerFactory(code="BS", laboratory=scene.laboratory, **told)
    client = signed_in(administrator)
    address = reverse("exchange:change-sender", args=["BS"])

    answer = client.post(address, given_by_the_page(client, address, default_charset="8859/1"))

    row = Source.objects.get(code="BS")
    assert answer.status_code == 302
    assert row.default_charset == "8859/1"
    assert (row.protocol, row.sending_application) == ("astm", "BS-240")
    assert {name: getattr(row, name) for name in told} == told


def test_held_message_of_an_unknown_analyzer_leads_to_the_form_and_is_replayed(
    scene: Scene, administrator: User
) -> None:
    scene.process_astm(astm_message(*RECORDS))
    held = InboxMessage.objects.get()
    client = signed_in(administrator)
    address = f"{reverse('exchange:register-sender')}?message={held.pk}"

    listed = client.get(reverse("exchange:senders")).content.decode()
    given = given_by_the_page(client, address, facility=scene.laboratory.facility.code)
    page = client.post(address, given, follow=True).content.decode()

    row = Source.objects.get(code="BS-240")
    assert held.state == "held"
    assert address in listed
    assert (row.protocol, row.sending_application) == ("astm", "BS-240")
    assert "1 message that it was refused is replayed" in page
    assert InboxMessage.objects.get().state == "received"


def test_analyzer_takes_no_entrance_test_and_its_page_says_how_it_is_tried(scene: Scene, administrator: User) -> None:
    AnalyzerFactory(code="BS", laboratory=scene.laboratory)
    client = signed_in(administrator)

    sender = client.get(reverse("exchange:sender", args=["BS"])).content.decode()
    page = client.get(reverse("exchange:certification", args=["BS"])).content.decode()

    assert "How to try an analyser" in sender
    assert "Entrance test" not in sender
    assert "An analyser is tried with tubes" in page
    assert reverse("exchange:open-certification", args=["BS"]) not in page
    with pytest.raises(Conflict):
        open_certification("BS", by=administrator, at=timezone.now())
