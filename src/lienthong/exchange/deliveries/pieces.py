"""A delivery is a file or a push as received; its pieces go to the inbox, one for each report."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.findings import Finding


@dataclass(frozen=True, slots=True)
class Piece:
    """What one report is in a delivery: the number it is known by, its bytes for the inbox, its place in the file."""

    number: str
    raw: bytes
    where: str


@dataclass(frozen=True, slots=True)
class Split:
    """The pieces of a delivery, and what of it could not be read."""

    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...] = ()
