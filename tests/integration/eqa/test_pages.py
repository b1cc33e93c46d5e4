"""Who sees which page of EQA, and what stands on it."""

from __future__ import annotations

import io
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from openpyxl import load_workbook
from tests.factories.eqa import (
    CertificateFactory,
    CertificateLineFactory,
    EnrolmentFactory,
    OutsideSchemeFactory,
    ParticipantFactory,
    ProcedureScoreFactory,
)
from tests.factories.registry import FacilityFactory, LaboratoryFactory, ProcedureFactory, RegionFactory
from tests.integration.eqa.conftest import NOW, Scene

from lienthong.core.models import User
from lienthong.eqa import actions, urls
from lienthong.eqa.models import Certificate, Enrolment, ProcedureScore, Round

MOST_QUERIES = 30
VALUES = [1.30, 1.31, 1.29, 1.30, 1.32, 1.28, 1.30, 1.45]


@pytest.fixture
def scored(scene: Scene) -> Scene:
    """A scored round of eight laboratories, in which the last one is wrong."""
    scene.open_round()
    scene.take_part(len(VALUES))
    scene.return_results(*((place, "A", value) for place, value in enumerate(VALUES)))
    scene.score()
    return scene


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def page(user: User, name: str, *args: object, **query: str) -> str:
    response = signed_in(user).get(reverse(f"eqa:{name}", args=args), query)
    assert response.status_code == 200
    text = response.content.decode()
    assert len(response.content) < 200_000
    Tags.check(text)
    return text


class Tags(HTMLParser):
    """Every tag that opens closes, and every id stands once."""

    EMPTY = frozenset({"meta", "link", "input", "br", "rect", "line", "circle", "path", "use", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag

    @classmethod
    def check(cls, text: str) -> None:
        parser = cls()
        parser.feed(text)
        assert parser.open == []
        assert len(set(parser.ids)) == len(parser.ids)


def test_round_page_shows_codes_and_never_a_laboratory_name(scored: Scene) -> None:
    text = page(scored.officer, "round", scored.round_id)

    assert 'Round <span class="nowrap">2026-3</span>: interim report' in text
    assert "7 satisfactory, 1 unsatisfactory" in text
    assert "Make the report final" in text
    assert "assigned value 1.30" in text
    for laboratory in scored.laboratories:
        assert laboratory.name_en not in text
        assert laboratory.code not in text


def test_round_page_marks_one_s_own_code_only(scored: Scene) -> None:
    technician = scored.user("technician", scored.laboratories[2])

    text = page(technician, "round", scored.round_id)

    assert text.count("your laboratory") == 1
    assert '<th scope="row" class="num">103 <span class="small">your laboratory' in text
    assert "Make the report final" not in text


def test_results_of_others_stay_closed_until_the_round_is_scored(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(3)
    scene.return_results((0, "A", "1.234"), (1, "A", "1.567"))
    technician = scene.user("technician", scene.laboratories[1])

    text = page(technician, "round", scene.round_id)

    assert "1.234" not in text
    assert "1.567" not in text
    assert '<th scope="row" class="num">102</th>' in text
    assert '<th scope="row" class="num">101</th>' not in text


def test_small_group_says_what_it_was_judged_against(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(6, group="large")
    scene.take_part(2, group="rare method")
    scene.return_results(*((place, "A", value) for place, value in enumerate(VALUES)))
    scene.score()

    text = page(scene.officer, "round", scene.round_id)

    assert "large, 6 results owed" in text
    assert "Other groups (fewer than 6), 2 results owed" in text
    assert "too few for a group of their own: judged against all 8" in text
    assert "rare method" not in text  # one laboratory's method could give it away


def test_round_page_compares_with_all_on_request(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(6, group="low")
    scene.take_part(6, group="high")
    scene.return_results(*((place, "A", 1.0 if place < 6 else 1.3) for place in range(12)))
    scene.score()

    peers = page(scene.officer, "round", scene.round_id)
    everyone = page(scene.officer, "round", scene.round_id, against="all")

    assert "12 satisfactory, 0 unsatisfactory" in peers
    assert "12 satisfactory" not in everyone
    assert '<option value="all" selected>' in everyone


def test_example_values_are_named(scored: Scene) -> None:
    assert "limits.PHOS" in page(scored.officer, "round", scored.round_id)


def test_round_export_holds_what_the_page_shows(scored: Scene) -> None:
    response = signed_in(scored.officer).get(reverse("eqa:round-file", args=[scored.round_id]))

    rows = list(load_workbook(io.BytesIO(response.content)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1 + len(VALUES)
    assert {row[1] for row in rows[1:]} == {str(101 + place) for place in range(len(VALUES))}
    assert rows[1][5] == "Unsatisfactory"


def test_mine_shows_the_failed_system_with_advice(scored: Scene) -> None:
    manager = scored.user("manager", scored.laboratories[-1])

    text = page(manager, "mine")

    assert "1 of 1 measuring systems failed in round 2026-3" in text
    assert "record cause and action" in text
    assert scored.procedures[0].code not in text


def test_officer_takes_a_round_to_its_final_report(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(6)
    Round.objects.update(closes_at=NOW)
    client = signed_in(scene.officer)
    file = SimpleUploadedFile("r.csv", scene.file(*((place, "A", 1.3 + place / 100) for place in range(6))))

    taken = client.post(reverse("eqa:import-results", args=[scene.round_id]), {"file": file})
    for step in ("close", "score", "publish"):
        assert client.get(reverse("eqa:step", args=[scene.round_id, step])).status_code == 200
        assert client.post(reverse("eqa:step", args=[scene.round_id, step])).status_code == 302

    assert taken.status_code == 302
    row = Round.objects.get()
    assert (row.status, ProcedureScore.objects.filter(passed=True).count()) == ("final", 6)


def test_file_with_faults_is_reported_by_place_and_stores_nothing(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(2)
    data = scene.file((0, "A", 1.3), (1, "Z", 1.3))

    response = signed_in(scene.officer).post(
        reverse("eqa:import-results", args=[scene.round_id]), {"file": SimpleUploadedFile("r.csv", data)}
    )

    assert response.status_code == 422
    assert "r.csv!C3" in response.content.decode()
    assert "Nothing was stored: 1 faults were found." in response.content.decode()


def test_certificate_goes_from_the_laboratory_to_the_centre(scene: Scene) -> None:
    scheme = OutsideSchemeFactory(code="RIQAS")
    procedure = ProcedureFactory(
        laboratory=LaboratoryFactory(facility=FacilityFactory(region=scene.region)), analyte=scene.analyte
    )
    manager = scene.user("manager", procedure.laboratory)
    sent = {
        "scheme": scheme.code,
        "round_code": "C12",
        "finished_on": "2026-09-30",
        "number": "R-1",
        f"result-{procedure.pk}": "passed",
        f"percent-{procedure.pk}": "95,5",
    }

    empty = signed_in(manager).post(reverse("eqa:hand-in"), {})
    done = signed_in(manager).post(
        reverse("eqa:hand-in"), {**sent, "document": SimpleUploadedFile("c.pdf", b"%PDF-1.7 x")}
    )
    certificate = Certificate.objects.get()
    refused = signed_in(scene.officer).post(reverse("eqa:certificate", args=[certificate.pk]), {"decision": "refuse"})
    accepted = signed_in(scene.officer).post(reverse("eqa:certificate", args=[certificate.pk]), {"decision": "accept"})

    assert (empty.status_code, done.status_code, refused.status_code, accepted.status_code) == (422, 302, 422, 302)
    assert "Say why the certificate is refused" in refused.content.decode()
    score = ProcedureScore.objects.get()
    assert (score.source, score.percent, score.passed, score.round.status) == ("certificate", 95.5, True, "final")
    assert "Accepted" in page(scene.officer, "certificate", certificate.pk)


def _address(route: URLPattern, scene: Scene, certificate: Certificate) -> str:
    arguments = {"round_id": scene.round_id, "step": "score", "kind": "results", "certificate_id": certificate.pk}
    names = route.pattern.converters
    return reverse(f"eqa:{route.name}", kwargs={name: arguments[name] for name in names})


OFFICERS_ONLY = frozenset({"import-results", "import-plan", "import-scores", "step"})
ALLOWED: dict[str, Callable[[str], int]] = {
    "nobody": lambda name: 302,
    "officer": lambda name: 403 if name == "hand-in" else 200,
    "manager": lambda name: 403 if name in OFFICERS_ONLY else 200,
    "technician": lambda name: 403 if name in OFFICERS_ONLY | {"hand-in"} else 200,
    "clinician": lambda name: 403,
}


@pytest.mark.parametrize("route", urls.urlpatterns, ids=lambda route: str(route.name))
def test_every_address_by_every_role(route: URLPattern, scored: Scene) -> None:
    certificate = CertificateFactory(laboratory=scored.laboratories[0])
    CertificateLineFactory(certificate=certificate, procedure=scored.procedures[0])
    address = _address(route, scored, certificate)
    people = {
        "officer": scored.officer,
        "manager": scored.user("manager", scored.laboratories[0]),
        "technician": scored.user("technician", scored.laboratories[0]),
        "clinician": scored.user("clinician", scored.laboratories[0].facility),
    }

    answers = {role: signed_in(user).get(address).status_code for role, user in people.items()}
    answers["nobody"] = Client().get(address).status_code

    assert answers == {role: ALLOWED[role](str(route.name)) for role in answers}


@pytest.mark.parametrize("name", ["round", "round-file", "import-results", "step", "certificate", "document"])
def test_what_belongs_to_another_region_is_not_there(name: str, scored: Scene) -> None:
    certificate = CertificateFactory(laboratory=scored.laboratories[0])
    stranger = scored.user("officer", RegionFactory(code="VN-HP"))
    route = next(one for one in urls.urlpatterns if one.name == name)

    assert signed_in(stranger).get(_address(route, scored, certificate)).status_code == 404


def test_laboratory_of_another_round_sees_none_of_it(scored: Scene) -> None:
    other = scored.user("manager", LaboratoryFactory(facility=FacilityFactory(region=scored.region)))

    assert "No round concerns you" in page(other, "rounds")
    assert "no EQA result yet" in page(other, "mine")


@pytest.mark.parametrize("name", ["rounds", "round", "mine", "certificates"])
def test_number_of_queries_does_not_grow_with_rows(name: str, scored: Scene) -> None:
    client = signed_in(scored.officer)
    address = reverse(f"eqa:{name}", args=[scored.round_id] if name == "round" else [])
    CertificateFactory(laboratory=scored.laboratories[0])
    client.get(address)

    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for laboratory in scored.laboratories:
        CertificateFactory(laboratory=laboratory)
    _another_round(scored)
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few) <= MOST_QUERIES


def _another_round(scene: Scene) -> None:
    """Score another round with more laboratories, and let them join the first."""
    first = scene.round_id
    scene.open_round("2026-4")
    scene.take_part(6)
    data = scene.file(*((place, "A", 1.3) for place in range(len(VALUES), len(VALUES) + 6)))
    actions.import_results("2026-4", data, "r.csv", by=scene.officer, at=NOW)
    scene.score()
    for enrolment in list(Enrolment.objects.filter(participant__round=scene.round_id)):
        participant = ParticipantFactory(
            round_id=first, laboratory_id=enrolment.participant.laboratory_id, code=enrolment.participant.code
        )
        EnrolmentFactory(participant=participant, procedure=enrolment.procedure, peer_group=enrolment.peer_group)
        ProcedureScoreFactory(round_id=first, procedure=enrolment.procedure)
