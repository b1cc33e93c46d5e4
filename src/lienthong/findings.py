"""What is wrong with incoming material, and where. Material is checked to its end and gives a list of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: `where` (file:line, sheet!B7, OBX-3[2].5), a stable `code`, and one sentence on what to do.

    The message names positions and allowed values, never a patient's value.
    """

    where: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.code}]"
