"""A clinician's way from the patient to a signed order."""

from __future__ import annotations

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.portal.conftest import NOW, TESTS, Scene, draft_of, reads_of, signed_in, store

from lienthong.core.models import AuditEvent, User
from lienthong.recognition import reads as recognition
from lienthong.recognition.models import OrderCheck

ORDER = {"encounter_class": "outpatient", "items": ["HBA1C", "TC", "K", "UREA", "TSH"]}


def place_order(client: Client, scene: Scene, **changes: object) -> str:
    """Fill the order form as its page gives it, and return the address of the check."""
    page = client.get(f"/patients/{scene.record}/order/")
    hidden = dict(re.findall(r'type="hidden" name="(facility|number)" value="([^"]*)"', page.content.decode()))
    answer = client.post(f"/patients/{scene.record}/order/", hidden | ORDER | changes)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.url)  # type: ignore[attr-defined]  # a redirect has its address


def text_of(content: bytes) -> str:
    """Return what a page says, without its marks."""
    bare = re.sub(r"<[^>]+>", " ", content.decode())
    return " ".join(html.unescape(bare).split())


def test_order_check_says_what_stands_what_is_for_reference_and_what_does_not(clinician: Client, scene: Scene) -> None:
    page = text_of(clinician.get(place_order(clinician, scene)).content)

    assert "2 of 5 tests can be reused" in page
    assert "Decide for each of the 3 tests that have an earlier result. The other 2 are ordered." in page
    assert "Haemoglobin A1c Stands 7.8 % ↑ high" in page
    assert "Stands until 1 Jan 2027, 10:00." in page
    assert "4.0–6.0 %, interval of that laboratory" in page
    assert (
        "Provincial General Hospital (quality level 4) LT-HD HPLC, Lumen G8. Collected 2 Nov 2026, 10:00: 21 days ago"
        in page
    )
    assert "Potassium For reference 3.4 mmol/L ↓ low" in page
    assert "The window of 24 hours closed on 22 Nov 2026, 08:00." in page
    assert "the laboratory held no mark for this item" in page
    assert "Thyroid-stimulating hormone No earlier result" in page
    assert "example value" in page
    assert "Some values that this check rests on are examples" in page
    assert "If all that stand are reused, 124,000 ₫ is saved." in page


def test_order_check_and_receipt_show_what_the_laboratory_wrote(clinician: Client, scene: Scene) -> None:
    store(scene, "TC", draft_of(scene, "TC", comment="lipaemic"), inbox_id=2, comment="night shift")
    address = place_order(clinician, scene)

    page = text_of(clinician.get(address).content)
    signed = clinician.post(address, {"choice-HBA1C": "reuse", "choice-TC": "reuse"})
    receipt = text_of(clinician.get(signed.url).content)  # type: ignore[attr-defined]  # a redirect has its address

    for shown in (page, receipt):
        assert "Comment of the laboratory: lipaemic Comment of the laboratory on the report: night shift" in shown


def test_order_check_preselects_nothing_and_asks_for_reasons_only_where_a_result_stands(
    clinician: Client, scene: Scene
) -> None:
    content = clinician.get(place_order(clinician, scene)).content.decode()

    assert not re.search(r"<(input|option)[^>]* (checked|selected)", content)
    assert {one for one in TESTS if f'name="reason-{one}"' in content} == {"HBA1C", "TC"}
    assert 'name="choice-UREA"' not in content


def test_signed_order_reuses_one_repeats_another_with_its_reason_and_says_what_is_saved(
    clinician: Client, scene: Scene
) -> None:
    address = place_order(clinician, scene)

    answer = clinician.post(
        address, {"choice-HBA1C": "reuse", "choice-TC": "repeat", "reason-TC": "does_not_fit", "reason-HBA1C": "other"}
    )
    receipt = text_of(clinician.get(answer.url).content)  # type: ignore[attr-defined]  # a redirect

    assert "1 test is reused, 4 tests are ordered" in receipt
    assert "102,000 ₫ saved." in receipt
    assert "The result does not fit the clinical picture" in receipt
    check = recognition.order_check(OrderCheck.objects.get().pk)
    chosen = {line.item: (line.choice, line.reason_code, line.result_version) for line in check.lines if line.choice}
    assert chosen["HBA1C"] == ("reuse", "", 1)
    assert chosen["TC"][:2] == ("repeat", "does_not_fit")
    assert {chosen[one][0] for one in ("K", "UREA", "TSH")} == {"order"}


def test_one_reason_serves_several_repeats(clinician: Client, scene: Scene) -> None:
    address = place_order(clinician, scene)

    clinician.post(
        address,
        {
            "choice-HBA1C": "repeat",
            "choice-TC": "repeat",
            "reason-TC": "patient_request",
            "reason-all": "other",
            "text-all": "second opinion",
        },
    )

    check = recognition.order_check(OrderCheck.objects.get().pk)
    reasons = {line.item: (line.reason_code, line.reason_text) for line in check.lines if line.choice == "repeat"}
    assert reasons == {"HBA1C": ("other", "second opinion"), "TC": ("patient_request", "")}


@pytest.mark.parametrize(
    ("posted", "message", "field"),
    [
        pytest.param({}, "Choose whether to reuse the result or to repeat the test.", "choice-TC", id="no choice"),
        pytest.param({"choice-TC": "repeat"}, "Choose the reason for repeating.", "reason-TC", id="no reason"),
        pytest.param(
            {"choice-TC": "repeat", "reason-TC": "other"}, "Write the reason for repeating.", "text-TC", id="no words"
        ),
        pytest.param(
            {"choice-TC": "repeat", "reason-TC": "boredom"},
            "This reason is not in the rules",
            "reason-TC",
            id="unknown",
        ),
    ],
)
def test_incomplete_choice_is_told_at_the_top_and_beside_the_field_and_signs_nothing(
    clinician: Client, scene: Scene, posted: dict[str, str], message: str, field: str
) -> None:
    address = place_order(clinician, scene)

    answer = clinician.post(address, {"choice-HBA1C": "reuse"} | posted)

    content = answer.content.decode()
    assert answer.status_code == 422
    assert text_of(answer.content).count(message) == 2
    assert f'href="#{field}"' in content
    assert f'id="{field}"' in content
    assert 'id="choice-HBA1C" value="reuse" checked' in content
    assert OrderCheck.objects.get().signed_at is None


def test_emergency_asks_nothing_orders_everything_and_shows_results_for_reference(
    clinician: Client, scene: Scene
) -> None:
    address = place_order(clinician, scene, encounter_class="emergency")
    content = clinician.get(address).content

    answer = clinician.post(address, {})

    assert "Emergency: all 5 tests are ordered" in text_of(content)
    assert "7.8 %" in text_of(content)
    assert b'type="radio"' not in content
    assert answer.status_code == 302
    assert "5 tests are ordered" in text_of(clinician.get(answer.url).content)  # type: ignore[attr-defined]


def test_unknown_visit_lets_nothing_stand_and_asks_for_it(clinician: Client, scene: Scene) -> None:
    page = clinician.get(place_order(clinician, scene, encounter_class="unknown")).content

    assert "None of the 5 tests can be reused" in text_of(page)
    assert "The kind of visit is not known" in text_of(page)
    assert "Say whether this is an emergency." in text_of(page)
    assert f"/patients/{scene.record}/order/?items=HBA1C&items=TC" in page.decode().replace("&amp;", "&")


def test_result_corrected_after_the_check_is_not_reused_and_the_order_is_checked_again(
    clinician: Client, scene: Scene
) -> None:
    address = place_order(clinician, scene)
    store(scene, "HBA1C", draft_of(scene, "HBA1C", reported_value="6.1", value=Decimal("6.1")), inbox_id=2)

    answer = clinician.post(address, {"choice-HBA1C": "reuse", "choice-TC": "reuse"})
    again = clinician.post(f"{address}again/")
    page = text_of(clinician.get(again.url).content)  # type: ignore[attr-defined]  # a redirect

    assert answer.status_code == 409
    assert "changed since this order was checked" in text_of(answer.content)
    assert OrderCheck.objects.get().signed_at is None
    assert "Haemoglobin A1c Stands 6.1 %" in page


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        pytest.param("items", "Choose at least one test.", id="items"),
        pytest.param("encounter_class", "Say what kind of visit this is, or that it is not known.", id="visit"),
    ],
)
def test_order_without_an_answer_is_not_checked(clinician: Client, scene: Scene, left_out: str, message: str) -> None:
    posted = {"number": "1", "facility": scene.district.pk, **ORDER}
    del posted[left_out]

    answer = clinician.post(f"/patients/{scene.record}/order/", posted)

    assert answer.status_code == 422
    assert text_of(answer.content).count(message) == 2
    assert not OrderCheck.objects.exists()


def test_check_and_receipt_log_a_read_of_each_record_they_show(
    clinician: Client, scene: Scene, staff: dict[str, User]
) -> None:
    address = place_order(clinician, scene)
    AuditEvent.objects.all().delete()

    clinician.get(address)
    clinician.post(address, {"choice-HBA1C": "reuse", "choice-TC": "reuse"})
    clinician.get(f"{address}receipt/")

    assert reads_of(staff["clinician"]) == [
        (scene.record, "order_check", "order"),
        (scene.province_record, "order_check", "order"),
        (scene.record, "order_receipt", "order"),
        (scene.province_record, "order_receipt", "order"),
    ]


def test_check_of_another_facility_is_not_there(client: Client, scene: Scene, staff: dict[str, User]) -> None:
    address = place_order(signed_in(client, staff["clinician"]), scene)
    signed_in(client, staff["province-clinician"])

    statuses = [client.get(address).status_code, client.get(f"{address}receipt/").status_code]
    statuses += [client.post(address, {}).status_code, client.post(f"{address}again/").status_code]

    assert statuses == [404, 404, 404, 404]


def test_signed_order_is_not_signed_again(clinician: Client, scene: Scene) -> None:
    address = place_order(clinician, scene)
    choices = {"choice-HBA1C": "reuse", "choice-TC": "reuse"}
    clinician.post(address, choices)

    answer = clinician.post(address, choices | {"choice-TC": "repeat", "reason-TC": "emergency"})

    assert answer.url == f"{address}receipt/"  # type: ignore[attr-defined]  # a redirect
    assert {line.choice for line in recognition.order_check(OrderCheck.objects.get().pk).standing} == {"reuse"}


def test_number_of_queries_of_the_check_does_not_grow_with_its_items(clinician: Client, scene: Scene) -> None:
    short, long = (place_order(clinician, scene, items=items) for items in (["HBA1C"], ["HBA1C", "TC", "K", "TSH"]))

    counts = []
    for address in (short, long):
        with CaptureQueriesContext(connection) as captured:
            assert clinician.get(address).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 55


def test_order_opens_the_record_for_a_month_and_then_asks_for_a_reason(
    clinician: Client, scene: Scene, staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = place_order(clinician, scene)
    clinician.post(address, {"choice-HBA1C": "reuse", "choice-TC": "reuse"})
    receipt, statuses = f"{address}receipt/", {}

    for days in (29, 31):
        at = NOW + dt.timedelta(days=days)
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        later = signed_in(Client(), staff["clinician"])
        statuses[days] = [later.get(one).status_code for one in (receipt, f"/patients/{scene.province_record}/")]

    assert statuses == {29: [200, 200], 31: [200, 403]}
    assert [relation for _record, page, relation in reads_of(staff["clinician"]) if page == "order_receipt"] == [
        *("order", "order"),  # of both records, on the 29th day
        *("same-facility", "same-facility"),
    ]
