"""Statistics of laboratory quality: arrays in, arrays or frozen results out; no files, no clock, no database.

``westgard``      control rules over series of control results
``control``       summary of control results, sigma metric
``iso13528``      robust estimates, scores and criteria of proficiency testing
``uncertainty``   what measurement and biology explain between two results
"""

from __future__ import annotations

from lienthong.metrology import control, iso13528, uncertainty, westgard

__all__ = ["control", "iso13528", "uncertainty", "westgard"]
