"""A clinician reads an ultrasound report with its key images, opens one, and sees that it was entered in the log."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.imaging.room import NOW, Room, make_room
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.unit.interop.dicom.objects import as_file, image, selection

from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.exchange.imaging.files import ENVIRONMENT, ImageFiles
from lienthong.exchange.imaging.keeping import keep
from lienthong.exchange.senders import source_by_code
from lienthong.recognition import actions as recognition
from lienthong.results.models import Report


@pytest.fixture
def room(live_server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """The ultrasound room with a recognised service, one report, three images and a selection of one of them."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "images"))
    empty_unmanaged_tables()
    made = make_room()
    recognition.recompute_grants([made.service.pk], by=system_user("recognition"), at=NOW.replace(day=17))
    made.process()
    source = source_by_code("US-ROOM", on=NOW.date())
    assert source is not None
    for one in (*(scan(number) for number in (1, 2, 3)), selection(2)):
        keep(
            as_file(one),
            source,
            ImageFiles.of_installation(),
            sop_class=one.SOPClassUID,
            sop_instance=one.SOPInstanceUID,
            at=NOW,
        )
    return made


def scan(number: int) -> object:
    """Return an image with a bright fan, as an ultrasound probe gives it."""
    side = 200
    row, column = np.mgrid[0:side, 0:side]
    far = np.hypot(row, column - side / 2)
    inside = (far < side * 0.9) & (abs(column - side / 2) < row * 0.8)
    plane = np.where(inside, 90 + 60 * np.sin(far / (3 + number)), 0).astype(np.uint8)
    return image(number, side=side, PixelData=plane.tobytes(), SeriesDescription="Abdomen")


@pytest.fixture
def clinician(room: Room) -> User:
    user: User = UserFactory(full_name="李敏")
    bind(user, "clinician", room.hospital)
    return user


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_clinician_reads_an_ultrasound_report(
    room: Room, clinician: User, sign_in: SignIn, tmp_path: Path, size: dict[str, int] | None
) -> None:
    page = sign_in(clinician, size=size) if size else sign_in(clinician)

    given_the_report_is_open(page)
    page.screenshot(path=tmp_path / "report.png", full_page=True)
    then_its_words_images_and_files_are_there(page)
    when_a_key_image_is_opened(page)
    then_the_log_says_so(page)


def given_the_report_is_open(page: Page) -> None:
    page.goto(f"/reports/{Report.objects.get().pk}/")
    expect(page.get_by_role("heading", name="Imaging report")).to_be_visible()
    assert_accessible(page)


def then_its_words_images_and_files_are_there(page: Page) -> None:
    expect(page.get_by_text("胆囊结石 8 mm。")).to_be_visible()
    expect(page.get_by_text("龙南市HR").first).to_be_visible()
    pictures = page.get_by_role("img", name="Image")
    expect(pictures).to_have_count(3)
    for place in range(3):
        pictures.nth(place).scroll_into_view_if_needed()
        expect(pictures.nth(place)).to_have_js_property("complete", True)
        assert pictures.nth(place).evaluate("one => one.naturalWidth") > 0
        # What can't be drawn is told in words on the black of the pictures.
        expect(pictures.nth(place)).to_have_css("color", "rgb(255, 255, 255)")
    expect(page.get_by_text("Of interest", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Report as printed")).to_be_visible()


def when_a_key_image_is_opened(page: Page) -> None:
    address = page.locator(".pictures a").first.get_attribute("href")
    assert address is not None
    assert page.request.get(address).headers["content-type"] == "image/jpeg"


def then_the_log_says_so(page: Page) -> None:
    page.goto(f"/patients/{Report.objects.get().patient_record_id}/access-log/")
    expect(page.get_by_text("image of a report").first).to_be_visible()
