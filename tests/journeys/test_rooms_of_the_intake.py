"""The pages behind the lists of the intake: whole in each language, and nothing squeezed on a telephone."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, OBR, PID, AnalyzerFactory, CodeMappingFactory, message, qc_message
from tests.factories.registry import bind
from tests.factories.results import claim, report_draft, result_draft, store_one_report, store_patient_record
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.conftest import Scene, make_scene
from tests.journeys.conftest import DESK, PHONE, SignIn, assert_accessible

from lienthong.core.models import User
from lienthong.exchange.certification import actions
from lienthong.exchange.certification.cases import cases, published
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.quality.actions import count_due_days
from lienthong.results.models import InboxMessage, ReviewCase

NATRI = "OBX|2|NM|NA1^Natri máu^L||140|mmol/L|135-145||||F"
HOME = {"phone": "0912 345 678", "address": "12 Trần Phú, Hải Dương"}
# What no language changes: names of the data, and the names of formats.
NAMES = {"Glucose", "Potassium", "Hospital", "Laboratory", "Excel", "SX-GLU", "utf-8", "Region", "BS-240"}

ROOMS = [
    "/inbox/messages/{held}/",
    "/inbox/messages/{held}/affirm/",
    "/inbox/messages/{held}/set-aside/",
    "/inbox/messages/{partly}/",
    "/inbox/messages/{refused}/",
    "/inbox/mappings/",
    "/inbox/mappings/history/?source=SX&code=GLUC",
    "/inbox/mappings/propose/?source=SX&code=NA1&system=L",
    "/inbox/controls/",
    "/inbox/senders/of/SX/",
    "/inbox/senders/of/SX/change/",
    "/inbox/senders/of/SX/entrance-test/",
    "/inbox/entrance-tests/{test}/",
    "/inbox/senders/of/BS/",
    "/inbox/senders/of/BS/change/",
    "/inbox/senders/of/BS/entrance-test/",
    "/inbox/quality/SX/",
    "/inbox/quality/SX/messages/",
    "/people/cases/{case}/",
    "/people/records/{record}/",
    "/people/records/{record}/part/",
]
# Elements of which the text stands in more than two lines on less than a fifth of the width. What is folded away in
# them has boxes, but is not seen.
SQUEEZED = """() => [...document.querySelectorAll('caption, h1, h2, h3, p, label, legend, dt, dd, th, td, li, button')]
  .filter(one => one.innerText && one.innerText.trim() && !one.closest('.vh, thead'))
  .filter(one => !one.querySelector('details:not([open])'))
  .filter(one => {
    const range = document.createRange(); range.selectNodeContents(one);
    const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
    return one.clientWidth > 0 && one.clientWidth < innerWidth / 5 && lines.size > 2 })
  .map(one => one.innerText)"""
TEXTS = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('code, pre')) found.push(walk.currentNode.data);
  return found }"""


@pytest.fixture
def keys(live_server: object) -> dict[str, int]:
    """A laboratory with held and refused messages, an open entrance test, and a mother whose child has her card."""
    empty_unmanaged_tables()
    scene = make_scene()
    by: User = UserFactory(full_name="Trần Thị Hoa")
    bind(by, "administrator", scene.laboratory.facility.region)
    for number, segments in enumerate([(PID, OBR, GLU, NATRI), (PID, OBR.replace("SX1", "SX2"), NATRI)]):
        scene.process(message(*segments, control_id=f"C{number}"))
    scene.process(message(PID, OBR, GLU, facility="NEW", control_id="N1"), qc_message())
    CodeMappingFactory(
        source=scene.source, analyte=scene.glucose, proposed_by=by, confirmed_by=UserFactory(full_name="Lê Minh")
    )
    AnalyzerFactory(code="BS", laboratory=scene.laboratory)
    actions.open_certification("SX", by=by, at=timezone.now())
    run = Certification.objects.get()
    filling = actions.filling_of(run)
    scene.process(*[published(filling, case, step) for case in cases()[:8] for step in case.steps])
    count_due_days(at=timezone.now())
    return {
        "held": InboxMessage.objects.get(control_id="C1").pk,
        "partly": InboxMessage.objects.get(control_id="C0").pk,
        "refused": InboxMessage.objects.get(control_id="N1").pk,
        "test": run.pk,
        **_people(scene),
    }


def _people(scene: Scene) -> dict[str, int]:
    facility, card = scene.laboratory.facility, (("NI", "030180000123"),)
    mother = store_patient_record(claim(facility, local_id="M1", identifiers=card, **HOME))
    child = claim(facility, source="HD", local_id="77", identifiers=card, full_name="Lê Văn Tí", sex="M", **HOME)
    store_patient_record(child)
    assert mother is not None
    draft = report_draft(facility, result_draft(scene.glucose.pk), number="R9")
    store_one_report(draft, patient_record_id=mother)
    return {"case": ReviewCase.objects.get(reason="number").pk, "record": mother}


def test_rooms_speak_each_language_and_are_not_squeezed(
    keys: dict[str, int], sign_in: SignIn, subtests: pytest.Subtests
) -> None:
    user = User.objects.get(full_name="Trần Thị Hoa")
    pages = {language: sign_in(user, language=language) for language in ("en", "vi", "zh-hans")}

    for address in ROOMS:
        with subtests.test(address):
            path = address.format(**keys)
            texts = {language: _texts_in_both_sizes(page, path) for language, page in pages.items()}
            for language in ("vi", "zh-hans"):
                same = {text for text in texts["en"] & texts[language] if _is_english(text)}
                assert same == set(), f"{path} says this in English and in {language}"


def _texts_in_both_sizes(page: Page, path: str) -> set[str]:
    """Look at a page on a desk, then narrow its window to that of a telephone; return what it says."""
    page.set_viewport_size(DESK)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    assert_accessible(page)
    texts = set(map(str.strip, page.evaluate(TEXTS)))
    page.set_viewport_size(PHONE)
    assert_accessible(page)
    assert page.evaluate(SQUEEZED) == []
    return texts


def _is_english(text: str) -> bool:
    """Whether a text that two languages share is plain letters with a word in small letters that is not a name."""
    words = [word.strip(".,:;()") for word in text.split()] if text.isascii() else []
    return any(word.isalpha() and len(word) > 2 and word[1:].islower() and word not in NAMES for word in words)
