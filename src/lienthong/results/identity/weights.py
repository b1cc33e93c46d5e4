"""How often a level of agreement is seen among records of one person (m) and of two (u): the trained weights.

Each model of the file says on what it was trained, when and how. A weight is log2(m / u): Fellegi and Sunter, "A theory
for record linkage", Journal of the American Statistical Association 64 (1969).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path

FILE = Path(__file__).with_name("weights.json")
FIELDS = ("name", "birth_date", "sex", "number", "phone", "address")
DEFAULT = "viet-nam-and-china"


@dataclass(frozen=True, slots=True)
class Model:
    """Weights in bits by field and level, and m of the levels of names, which common names lower."""

    name: str
    origin: str
    trained_on: str
    how: str
    weights: Mapping[str, Mapping[str, float]]
    m_of_names: Mapping[str, float]

    def weight(self, field: str, level: str) -> float:
        """Return the bits that a level speaks for (above 0) or against one person; what is not known says nothing."""
        return 0.0 if level == "unknown" else self.weights[field][level]


@cache
def model(name: str = DEFAULT) -> Model:
    """Return a model of the file; raises KeyError where there is none of that name."""
    found = json.loads(FILE.read_text(encoding="utf-8"))["models"][name]
    weights = {
        field: {level: log2(pair["m"] / pair["u"]) for level, pair in levels.items()}
        for field, levels in found["fields"].items()
    }
    m_of_names = {level: pair["m"] for level, pair in found["fields"]["name"].items()}
    return Model(name, found["origin"], found["trained_on"], found["how"], weights, m_of_names)
