"""Confidence intervals that several statistics have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from lienthong.metrology._arrays import FloatArray, fraction


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """The mean of values, their standard deviation, the mean's standard uncertainty and confidence interval."""

    mean: float
    sd: float
    u: float
    lower: float
    upper: float


def mean_interval(values: FloatArray, confidence: float) -> MeanInterval:
    """Return x̄ ± t(n − 1)·s/√n of two values or more."""
    n = values.size
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    u = sd / float(np.sqrt(n))
    reach = student(n - 1, confidence) * u
    return MeanInterval(mean=mean, sd=sd, u=u, lower=mean - reach, upper=mean + reach)


def student(df: float, confidence: float) -> float:
    """Return the quantile of Student's t that an interval of this confidence reaches to on either side."""
    return float(stdtrit(df, (1 + fraction("confidence", confidence)) / 2))
