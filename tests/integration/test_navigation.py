"""Which entry of the navigation a page stands under."""

from __future__ import annotations

import pytest
from django.utils import translation

from lienthong.config.navigation import PAGES, entries


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/inbox/", "Held messages"),
        ("/inbox/messages/7/", "Held messages"),
        ("/inbox/mappings/table/", "Code mapping"),
        ("/inbox/controls/", "Code mapping"),
        ("/inbox/senders/of/SX/entrance-test/", "Senders"),
        ("/inbox/entrance-tests/1/", "Senders"),
        ("/inbox/systems/1/keys/", "Connected systems"),
        ("/inbox/outlets/of/HIS/", "Outlets"),
        ("/inbox/quality/SX/", "Quality of senders"),
        ("/people/cases/1/", "Patients to compare"),
        ("/people/records/1/", "Patients to compare"),
    ],
)
def test_page_stands_under_the_list_that_leads_to_it(path: str, label: str) -> None:
    here = [page.label for page, entry in zip(PAGES, entries(list(PAGES), path), strict=True) if entry["is_here"]]

    assert list(map(_english, here)) == [label]


def test_page_elsewhere_stands_under_none() -> None:
    assert not any(entry["is_here"] for entry in entries(list(PAGES), "/sign-in/"))


def _english(label: object) -> str:
    with translation.override("en"):
        return str(label)
