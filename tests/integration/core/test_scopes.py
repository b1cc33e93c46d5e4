"""Scopes: which are known, how they are kept, and what is left of them by what was granted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.core.access.scopes import (
    PLATFORM_SCOPES,
    RESOURCE_TYPES,
    RIGHTS,
    allows,
    fault_of,
    narrowed,
    read_scopes,
)
from lienthong.errors import BadInput

HELD = st.sets(st.sampled_from(RIGHTS), min_size=1)
RIGHTS_OF_SCOPES = HELD.map(lambda held: "".join(sorted(held, key=RIGHTS.index)))
TYPES = st.sampled_from(["*", "Patient", "Observation", "Specimen"])
RESOURCE_SCOPES = st.builds(lambda kind, held: f"system/{kind}.{held}", TYPES, RIGHTS_OF_SCOPES)
SCOPES = st.lists(st.one_of(RESOURCE_SCOPES, st.sampled_from(PLATFORM_SCOPES)), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("system/Patient.read", "system/Patient.rs"),
        ("system/Patient.write", "system/Patient.cud"),
        ("system/Patient.*", "system/Patient.cruds"),
        ("system/*.read", "system/*.rs"),
        ("system/Patient.r system/Patient.s", "system/Patient.rs"),
        ("system/*.rs system/Patient.r system/Patient.c", "system/*.rs system/Patient.c"),
        ("cds-hooks/call delivery/write", "delivery/write cds-hooks/call"),
    ],
)
def test_scopes_are_kept_in_one_form(written: str, kept: str) -> None:
    assert " ".join(read_scopes(written.split())) == kept


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("", "scope-unknown"),
        ("system/", "scope-unknown"),
        ("system/Patient", "scope-unknown"),
        ("system/Patient.", "scope-unknown"),
        ("delivery/*", "scope-unknown"),
        ("SYSTEM/Patient.r", "scope-unknown"),
        ("system/patient.r", "scope-type"),
        ("system/MedicationRequest.r", "scope-type"),
        ("system/Patient.sr", "scope-rights"),
        ("system/Patient.rr", "scope-rights"),
        ("system/Patient.x", "scope-rights"),
        ("patient/Patient.r", "scope-of-people"),
        ("openid", "scope-of-people"),
        ("system/Observation.rs?category=laboratory", "scope-restricted"),
    ],
)
def test_unknown_scope_is_refused_by_what_is_wrong_with_it(scope: str, code: str) -> None:
    fault = fault_of(scope)

    assert fault is not None
    assert fault.code == code
    with pytest.raises(BadInput):
        read_scopes([scope])


def test_description_of_a_fault_is_what_oauth_allows() -> None:
    """RFC 6749, 5.2: visible ASCII without quote and backslash, whatever was asked for."""
    fault = fault_of('người\\"\x00' * 100)

    assert fault is not None
    text = f"{fault.where}: {fault.message}"
    assert all(0x20 <= ord(one) <= 0x7E and one not in '"\\' for one in text)
    assert len(fault.where) == 100


def test_right_that_is_none_is_a_mistake_of_the_caller() -> None:
    for wrong in ("", "rs", "x"):
        with pytest.raises(ValueError, match="cruds"):
            allows(["system/*.cruds"], "Patient", wrong)  # type: ignore[arg-type]  # what the test is about


@given(asked=SCOPES, granted=SCOPES)
def test_what_is_left_is_what_both_sides_allow(asked: list[str], granted: list[str]) -> None:
    left = narrowed(asked, granted)

    for kind in RESOURCE_TYPES:
        for right in RIGHTS:
            both = allows(asked, kind, right) and allows(granted, kind, right)  # type: ignore[arg-type]  # one letter
            assert allows(left, kind, right) is both  # type: ignore[arg-type]  # one letter
    assert set(left) & set(PLATFORM_SCOPES) == set(asked) & set(granted) & set(PLATFORM_SCOPES)


@given(scopes=SCOPES)
def test_kept_scopes_are_known_and_stay_as_they_are(scopes: list[str]) -> None:
    kept = read_scopes(scopes)

    assert read_scopes(kept) == kept
    assert narrowed(kept, kept) == kept
    assert [one for one in kept if fault_of(one)] == []
