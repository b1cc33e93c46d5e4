"""The command line of `lienthong eqa score`, checked: what is wrong with it ends with exit code 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from lienthong.cli.eqa.columns import COLUMNS
from lienthong.cli.eqa.settings import Amount, Assignment, Sigma
from lienthong.cli.eqa.texts import Language
from lienthong.cli.tables import EXTENSIONS

REPORTS = (".html", ".pdf")
SIGMAS = tuple(one.value for one in Sigma if one is not Sigma.PERCENT)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be scored, how, and what is to be written."""

    file: Path
    mapping: Mapping[str, str]
    assigned: Assignment | None
    sigma_pt: str | None
    limit: Amount | None
    divisor: float
    minimum: int
    output: Path | None
    report: Path | None
    participant: str | None
    analytes: tuple[str, ...]
    charts: int
    language: Language


def mapping_of(columns: Sequence[str]) -> dict[str, str]:
    """Read key=heading."""
    mapping = {}
    for column in columns:
        key, equals, heading = column.partition("=")
        if not equals or not heading or key not in COLUMNS:
            keys = ", ".join(COLUMNS)
            raise typer.BadParameter(f"--column {column!r} must be KEY=HEADING with one of the keys {keys}")
        mapping[key] = heading
    return mapping


def assigned_of(text: str | None) -> Assignment | None:
    if text is None:
        return None
    try:
        return Assignment(text)
    except ValueError:
        raise typer.BadParameter(f"--assigned must be one of {', '.join(Assignment)}, but got {text!r}") from None


def sigma_of(text: str | None) -> str | None:
    if text is None or text in SIGMAS:
        return text
    amount = _amount(text, f"--sigma-pt must be one of {', '.join(SIGMAS)}, or a percentage such as 5%")
    if not amount.is_percent:
        raise typer.BadParameter(f"--sigma-pt must be one of {', '.join(SIGMAS)}, or a percentage such as 5%")
    return text


def limit_of(text: str | None) -> Amount | None:
    return None if text is None else _amount(text, "--limit")


def divisor_of(divisor: float) -> float:
    if not 0 < divisor < float("inf"):
        raise typer.BadParameter(f"--divisor must be greater than 0, but got {divisor:g}")
    return divisor


def output_of(path: Path | None, file: Path) -> Path | None:
    return _written("--output", path, EXTENSIONS, file)


def report_of(path: Path | None, file: Path) -> Path | None:
    return _written("--report", path, REPORTS, file)


def language_of(text: str) -> Language:
    try:
        return Language(text)
    except ValueError:
        raise typer.BadParameter(f"--language must be one of {', '.join(Language)}, but got {text!r}") from None


def _amount(text: str, option: str) -> Amount:
    try:
        return Amount.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option}: {error}") from None


def _written(option: str, path: Path | None, extensions: Sequence[str], file: Path) -> Path | None:
    if path is None:
        return None
    if path.suffix.lower() not in extensions:
        raise typer.BadParameter(f"{option} must end in {', '.join(extensions)}, but got {path.name}")
    if path.resolve() == file.resolve():
        raise typer.BadParameter(f"{option} must not be the file that is read")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"{option}: there is no folder {path.parent}")
    return path
