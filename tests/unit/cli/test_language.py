"""The language of the command line: POSIX's variables in their order, else English."""

from __future__ import annotations

import pytest

from lienthong.cli.language import terminal_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "zh_CN.GB18030"}, "zh-hans"),
        ({"LANG": "vi_VN", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "vi"}, "vi"),
        ({"LANG": "vi_VN", "LC_ALL": ""}, "vi"),
        ({"LANG": "vi_VN", "LC_MESSAGES": "zh_CN", "LC_ALL": "en_GB"}, "en"),
    ],
)
def test_first_variable_that_is_set_names_the_language(environment: dict[str, str], language: str) -> None:
    assert terminal_language(environment) == language
