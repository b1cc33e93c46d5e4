"""The works that speed is measured on, made from fixed seeds by the file beside this project."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

WORK = Path(__file__).resolve().parents[2] / "shared" / "bench" / "work.py"


@cache
def works() -> ModuleType:
    """Return the module that makes the works; exit with a word where it isn't there."""
    found = importlib.util.spec_from_file_location("work", WORK)
    if found is None or found.loader is None or not WORK.exists():
        sys.exit(f"the works are defined in {WORK}, which isn't there; lay the folder shared beside this checkout")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
