"""The language in which the command line speaks: that of the terminal, else English."""

from __future__ import annotations

import os
from collections.abc import Mapping

LANGUAGES = {"vi": "vi", "zh": "zh-hans"}
# In the order in which POSIX asks them (POSIX.1-2017, 8.2); the first that is set decides.
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def terminal_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the code of the language that the environment names: `vi`, `zh-hans`, else `en`.

    As in `vi_VN.UTF-8` or `zh_CN`; what is none of these, `C` among them, is English.
    """
    named = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return LANGUAGES.get(named.replace("-", "_").partition("_")[0].partition(".")[0].lower(), "en")
