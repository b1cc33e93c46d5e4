from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop import cells
from lienthong.interop.cells import CellFault, Code


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("  a  b ", "a b", id="spaces"),
        pytest.param("a\u00a0\tb\n", "a b", id="other-spaces"),
        pytest.param("\u200bA1\ufeff", "A1", id="invisible"),
        pytest.param("a\x00b", "a b", id="control"),
        pytest.param("mu\u031b\u0301c", "m\u1ee9c", id="composed"),
    ],
)
def test_clean_leaves_what_is_seen(text: str, cleaned: str) -> None:
    assert cells.clean(text) == cleaned


@given(st.text())
def test_clean_and_fold_of_their_own_results_change_nothing(text: str) -> None:
    assert cells.clean(cells.clean(text)) == cells.clean(text)
    assert cells.fold(cells.clean(text)) == cells.fold(text)


@pytest.mark.parametrize("text", ["Kết quả", "KẾT_QUẢ", "kết-quả", " Kết  quả: ", "*kết quả*", "ＫẾT QUẢ"])
def test_fold_is_one_however_a_header_is_written(text: str) -> None:
    assert cells.fold(text) == "kết quả"


@pytest.mark.parametrize(
    ("raw", "form", "text"),
    [
        pytest.param(" 00123 ", "", "00123", id="text"),
        pytest.param(7.0, "", "7", id="whole"),
        pytest.param(123, "00000", "00123", id="zeros-of-the-format"),
        pytest.param(123, "0.00", "123", id="another-format"),
        pytest.param(0.1 + 0.2, "", "0.3", id="fifteen-digits"),
        pytest.param(True, "", "true", id="boolean"),
        pytest.param(dt.date(2026, 3, 2), "", "2026-03-02", id="day"),
    ],
)
def test_text_of_a_cell_is_what_excel_shows(raw: cells.Raw, form: str, text: str) -> None:
    assert cells.text(raw, form=form) == text


@pytest.mark.parametrize(
    ("raw", "form", "text"),
    [
        pytest.param(1.5, "0.00", "1.50", id="zero-behind"),
        pytest.param(7, "0.0", "7.0", id="whole"),
        pytest.param(1.256, "0.0", "1.256", id="nothing-rounded-away"),
        pytest.param(7.0, "General", "7", id="no-format"),
    ],
)
def test_text_of_a_measured_value_keeps_the_decimals_that_are_shown(raw: cells.Raw, form: str, text: str) -> None:
    assert cells.text(raw, form=form, with_decimals=True) == text


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1.2E+11", Code.SHORTENED),
        ("1,2e+11", Code.SHORTENED),
        (10**15, Code.TOO_MANY_DIGITS),
        (-1e15, Code.TOO_MANY_DIGITS),
    ],
)
def test_text_that_lost_digits_is_refused(raw: cells.Raw, code: Code) -> None:
    with pytest.raises(CellFault) as raised:
        cells.text(raw)

    assert raised.value.code is code


@pytest.mark.parametrize("text", ["1.2E-11", "E+11", "1.2E", "A1.2E+11", "999999999999999"])
def test_text_that_only_looks_like_lost_digits_is_kept(text: str) -> None:
    assert cells.text(text) == text


@pytest.mark.parametrize("raw", ["#REF!", " #N/A ", "#DIV/0!", "#NAME?"])
def test_error_of_a_formula_is_refused(raw: str) -> None:
    with pytest.raises(CellFault, match="formula-error"):
        cells.check_formula(raw)


@pytest.mark.parametrize("raw", ["#1", "N/A", "REF!", None, 5])
def test_what_is_no_error_of_a_formula_passes(raw: cells.Raw) -> None:
    cells.check_formula(raw)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        *[(word, True) for word in ("Có", "co", "是", "Ｙ", "X", 1, 1.0, True)],
        *[(word, False) for word in ("KHÔNG", "khong", "否", 0, False)],
    ],
)
def test_yes_no_knows_words_of_three_languages(raw: cells.Raw, meant: bool) -> None:
    assert cells.yes_no(raw) is meant


@pytest.mark.parametrize("raw", ["maybe", "", 2, None])
def test_yes_no_of_another_word_is_refused(raw: cells.Raw) -> None:
    with pytest.raises(CellFault, match="not-yes-or-no"):
        cells.yes_no(raw)
