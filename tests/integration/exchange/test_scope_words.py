"""What a scope opens, in words: those of the form, and those that were written beside it."""

from __future__ import annotations

import pytest
from django.utils import translation

from lienthong.exchange.connections.wording import scope_words


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("system/*.rs", "Read and search all resources of FHIR"),
        ("delivery/write", "Deliver reports as plain JSON"),
        ("system/*.cruds", "All types of FHIR: creating, reading, changing, deleting, searching"),
        ("system/Specimen.r", "Specimen of FHIR: reading"),
        ("patient/Observation.rs", ""),
        ("future/scope", ""),
    ],
)
def test_scope_is_told_in_words(scope: str, words: str) -> None:
    with translation.override("en"):
        assert scope_words(scope) == words
