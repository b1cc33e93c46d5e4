"""A new control lot: one person proposes what an analyser means, another confirms, and the run is recorded."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.journeys.conftest import DESK, PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

from lienthong.core.actions import system_user
from lienthong.exchange.processing.worker import process_waiting
from lienthong.iqc.models import ControlResult
from lienthong.results import actions as results
from lienthong.results.actions import Arrival


def test_control_of_a_new_lot_is_mapped_by_two_people_and_recorded(scene: Scene, sign_in: SignIn) -> None:
    before = ControlResult.objects.count()
    given_a_control_of_unknown_material_came()

    operator = sign_in(scene.operator)
    when_the_material_is_proposed(operator)
    administrator = sign_in(scene.administrator, size=PHONE)
    when_another_person_confirms_it(administrator)

    process_waiting(timezone.now())
    assert ControlResult.objects.count() == before + 1


def given_a_control_of_unknown_material_came() -> None:
    at = timezone.now() - dt.timedelta(minutes=10)
    stamp = timezone.localtime(at).strftime("%Y%m%d%H%M%S")
    segments = (
        f"MSH|^~\\&|LIS30001|30001|LT|HD|{stamp}||ORU^R01^ORU_R01|QC-1|Q|2.5.1||||||UNICODE UTF-8",
        "PID|1",
        "OBR|1||QC1|CAL^Chemistry^L",
        f"OBX|1|NM|14647-2^TC^LN||4.02|mmol/L|||||F|||{stamp}",
        "SPM|1|QC-LOT-44711||SER|||||||Q",
    )
    raw = "\r".join([*segments, ""]).encode()
    arrival = Arrival(raw=raw, received_at=at, source="LIS30001", lane="LIS30001:QC:1")
    results.receive([arrival], by=system_user("listener"), at=at)
    process_waiting(timezone.now())


def when_the_material_is_proposed(page: Page) -> None:
    page.goto("/inbox/mappings/")
    page.get_by_role("link", name="Control materials").click()
    expect(page.locator("h1")).to_have_text("1 control material has no mapping")
    assert_accessible(page)
    page.get_by_role("link", name="Propose a mapping").click()
    assert_accessible(page)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert_accessible(page)
    page.get_by_label("Lot and level").select_option(label="Duotrol, lot 44711, level 1")
    page.get_by_role("button", name="Propose this mapping").click()
    expect(page.get_by_role("status")).to_contain_text("a second person confirms it")


def when_another_person_confirms_it(page: Page) -> None:
    page.goto("/inbox/controls/")
    expect(page.locator("h1")).to_have_text("1 control mapping waits for a second person")
    assert_accessible(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("1 message is replayed")
    page.set_viewport_size(DESK)
    assert_accessible(page)
