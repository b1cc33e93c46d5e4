"""Which entry of the navigation a page stands under."""

from __future__ import annotations

import pytest
from django.utils import translation

from lienthong.config.navigation import PAGES, entries, grouped


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/iqc/import/", "Today"),
        ("/iqc/targets/import/", "Quality control"),
        ("/iqc/actions/", "Quality control"),
        ("/inbox/", "Held messages"),
        ("/inbox/messages/7/", "Held messages"),
        ("/inbox/mappings/table/", "Code mapping"),
        ("/inbox/controls/", "Code mapping"),
        ("/inbox/senders/of/SX/entrance-test/", "Senders"),
        ("/inbox/entrance-tests/1/", "Senders"),
        ("/inbox/systems/1/keys/", "Connected systems"),
        ("/inbox/outlets/of/HIS/", "Outlets"),
        ("/inbox/quality/SX/", "Quality of senders"),
        ("/registry/people/1/close/", "People and roles"),
        ("/people/cases/1/", "Patients to compare"),
        ("/people/records/1/", "Patients to compare"),
    ],
)
def test_page_stands_under_the_list_that_leads_to_it(path: str, label: str) -> None:
    here = [page.label for page, entry in zip(PAGES, entries(list(PAGES), path), strict=True) if entry["is_here"]]

    assert list(map(_english, here)) == [label]


def test_page_elsewhere_stands_under_none() -> None:
    assert not any(entry["is_here"] for entry in entries(list(PAGES), "/sign-in/"))


def test_pages_of_a_group_stand_under_its_heading_where_the_first_stood() -> None:
    found = grouped(entries(list(PAGES), "/inbox/quality/SX/"))

    headings = {_english(one["label"]): one for one in found if "links" in one}
    assert list(headings) == ["What comes in", "Connections", "Facilities and data"]
    assert [name for name, one in headings.items() if one["is_here"]] == ["Connections"]
    assert [_english(one["label"]) for one in headings["Connections"]["links"]] == [  # type: ignore[attr-defined]  # a list
        *("Senders", "Connected systems", "Outlets", "Witnesses of the log", "Quality of senders"),
    ]


def test_page_that_is_alone_of_its_group_needs_no_heading() -> None:
    pages = [one for one in PAGES if one.route in ("iqc:today", "exchange:deliveries")]

    found = grouped(entries(pages, "/"))

    assert [_english(one["label"]) for one in found] == ["Today", "Deliveries"]
    assert not any("links" in one for one in found)


def _english(label: object) -> str:
    with translation.override("en"):
        return str(label)
