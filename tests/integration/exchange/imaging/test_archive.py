"""Links lead to the registered archive and nowhere else."""

from __future__ import annotations

import pytest

from lienthong.exchange.imaging.archive import Archive

ARCHIVE = Archive("https://pacs.example.org/dicom-web")


@pytest.mark.parametrize(
    ("pointer", "is_allowed"),
    [
        ("https://pacs.example.org/dicom-web/studies/1.2.3", True),
        ("https://pacs.example.org:443/viewer?study=1.2.3", True),
        ("http://pacs.example.org/dicom-web/studies/1.2.3", False),
        ("https://pacs.example.org:8443/studies/1.2.3", False),
        ("https://pacs.example.org.evil.example/studies/1.2.3", False),
        ("https://pacs.example.org@evil.example/studies/1.2.3", False),
        ("https://user:word@pacs.example.org/studies/1.2.3", False),
        ("javascript:alert(1)", False),
        ("https:\\\\pacs.example.org/studies", False),
        ("https://pacs.example.org/\nstudies", False),
        ("//pacs.example.org/studies/1.2.3", False),
        ("https://pacs.example.org:port/", False),
        ("", False),
    ],
)
def test_pointer_is_a_link_only_to_the_archive(pointer: str, is_allowed: bool) -> None:
    assert ARCHIVE.allowed(pointer) == (pointer if is_allowed else "")


def test_addresses_are_those_of_dicomweb() -> None:
    assert ARCHIVE.study("1.2") == "https://pacs.example.org/dicom-web/studies/1.2"
    rendered = ARCHIVE.rendered("1.2", "1.2.3", "1.2.3.4")
    assert rendered == "https://pacs.example.org/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4/rendered"


def test_sender_without_an_archive_has_no_links() -> None:
    nowhere = Archive("")

    assert (nowhere.study("1.2"), nowhere.rendered("1", "2", "3"), nowhere.allowed("https://a.example/")) == (
        "",
        "",
        "",
    )
