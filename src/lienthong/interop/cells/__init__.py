"""Cells of tables that people bring: from what a workbook or a CSV holds to a value, or a code that says why not.

What is allowed in messages is said by the callers, each in its own words and languages. A number is written with a
decimal point or comma, 1,234 is one and a bit; one with both, or with two of one, is none. A day is d/m/Y or Y-m-d
(with -, / or .), 2026年3月2日, or Excel's count of days. Text stays text, 00123 keeps its zeros; an identifier of which
Excel lost digits is refused. Full-width digits are digits, and − is a minus.
"""

from __future__ import annotations

from lienthong.interop.cells._fault import CellFault, Code
from lienthong.interop.cells._numbers import number, whole
from lienthong.interop.cells._text import Raw, check_formula, clean, fold, plain, text, yes_no
from lienthong.interop.cells._times import day, moment

__all__ = [
    "CellFault",
    "Code",
    "Raw",
    "check_formula",
    "clean",
    "day",
    "fold",
    "moment",
    "number",
    "plain",
    "text",
    "whole",
    "yes_no",
]
