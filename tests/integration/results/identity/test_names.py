"""Names of Viet Nam, China and elsewhere, compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.results.identity.names import NameLevel, compare_names, fold_name, name_forms

WORDS = st.lists(
    st.sampled_from(["Nguyễn", "Hoà", "hòa", "Đào", "dao", "An", "Zhang", "张", "張", "伟", ""]), max_size=4
)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        pytest.param("Nguyễn Thị Hoà", "nguyễn  thị hòa", "exact", id="place of the tone mark"),
        pytest.param("Thuý Kiều", "Thúy Kiều", "exact", id="uy"),
        pytest.param("Nguyễn Thị Đào", "NGUYEN THI DAO", "without-marks", id="marks dropped, d for đ"),
        pytest.param("Nguyễn Thị Đào", "Đào Thị Nguyễn", "other-order", id="order of words"),
        pytest.param("Trần Hùng", "Trần Hưng", "other-marks", id="two names that marks tell apart"),
        pytest.param("Trần Văn Hùng", "Trần Hùng", "part", id="middle name left out"),
        pytest.param("Trần Văn Phương", "Trần Văn Phuơgn", "typing", id="slip of the keyboard"),
        pytest.param("Trần Văn Hùng", "Trần Văn Khoa", "some", id="another given name"),
        pytest.param("Trần Văn Hùng", "Lê Thị Mai", "none", id="another name"),
        pytest.param("张伟", "張偉", "other-script", id="traditional characters"),
        pytest.param("张 伟", "张伟", "exact", id="blank within"),
        pytest.param("张伟", "Zhang Wei", "same-sound", id="pinyin"),
        pytest.param("张小明", "Xiaoming Zhang", "same-sound", id="pinyin, given name first"),
        pytest.param("张伟", "章伟", "other-marks", id="another character of the same sound"),
        pytest.param("张伟", "张强", "some", id="another given name in China"),
        pytest.param("", "张伟", "unknown", id="no name"),
        pytest.param("SMITH JOHN", "Smith, John", "exact", id="comma"),
        pytest.param("neumann michaela", "neuman michaela", "typing", id="FEBRL"),
    ],
)
def test_names_agree_as_far_as_they_do(one: str, other: str, level: str) -> None:
    assert compare_names(one, other) == level
    assert compare_names(other, one) == level


@given(WORDS, WORDS)
def test_names_agree_the_same_way_round(one: list[str], other: list[str]) -> None:
    first, second = " ".join(one), " ".join(other)

    assert compare_names(first, second) == compare_names(second, first)
    assert compare_names(first, first) in (NameLevel.EXACT, NameLevel.UNKNOWN)


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("Nguyễn Thị Đào", ("nguyen", "dao")),
        ("欧阳娜娜", ("ouyang", "nana")),
        ("张伟", ("zhang", "wei")),
        ("An", ("an",)),
    ],
)
def test_family_and_given_name_are_the_ends(name: str, ends: tuple[str, ...]) -> None:
    assert name_forms(name).ends == ends


def test_name_is_folded_without_marks() -> None:
    assert fold_name("  Nguyễn  Thị ĐÀO ") == "nguyen thi dao"
    assert fold_name("欧阳娜娜") == "欧阳娜娜"
