"""The Box–Cox transformation y = (x^λ − 1)/λ, ln x for λ = 0, of logarithms of x, and its likelihood."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._arrays import FloatArray


def transformed(logs: FloatArray, power: float) -> FloatArray:
    """Return (x^λ − 1)/λ by logarithms of x."""
    scaled: FloatArray = np.expm1(power * logs) / power if power else logs
    return scaled


def back(y: float, power: float) -> float:
    """Return the x that y stands for: 0 or ∞ where y is beyond what the transformation reaches."""
    if not power:
        return float(np.exp(y))
    if power * y <= -1:
        return 0.0 if power > 0 else float("inf")
    return float(np.exp(np.log1p(power * y) / power))


def likelihood(power: float, logs: FloatArray) -> float:
    """Return the log likelihood of λ but for a constant, −(n/2)·ln σ̂²(λ), for logarithms whose mean is 0.

    Divided by their geometric mean, values need no second term.
    """
    return -logs.size / 2 * float(np.log(np.var(transformed(logs, power))))


def slope(power: float, logs: FloatArray) -> float:
    """Return the derivative of `likelihood` by λ, divided by n."""
    scaled = transformed(logs, power)
    if abs(power) < 1e-5:  # (x^λ·ln x − y)/λ cancels: its series
        by_power = logs**2 / 2 + power * logs**3 / 3
    else:
        by_power = (np.exp(power * logs) * logs - scaled) / power
    return -float(np.mean((scaled - scaled.mean()) * by_power)) / float(np.var(scaled))
