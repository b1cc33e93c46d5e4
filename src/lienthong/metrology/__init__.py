"""Statistics of laboratory quality: arrays in, arrays or frozen results out; no files, no clock, no database.

``westgard``      control rules over series of control results
``control``       targets, limits and summaries of control results
``capability``    sigma metric, power of control rules, choice of a control procedure
``uncertainty``   of results; what measurement and biology explain between two of them
``iso13528``      robust estimates, scores and criteria of proficiency testing
``pbrtqc``        quality control by the moving statistics of patients' results
``agreement``     comparison of two procedures, agreement of qualitative tests, reference intervals
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["agreement", "capability", "control", "iso13528", "pbrtqc", "uncertainty", "westgard"]


def __getattr__(name: str) -> ModuleType:
    """Load a module when it is first asked for: a control chart needs no regression."""
    if name not in __all__:
        raise AttributeError(f"lienthong.metrology has no {name!r}; it has {', '.join(__all__)}")
    return import_module(f"{__name__}.{name}")
