"""The pages that people look things up in: links lead somewhere, and no option, setting, state or reason is missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest
import typer

from lienthong.cli import access, exchange, outlets
from lienthong.exchange.imaging.keeping import Status
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.wording import FAULTS
from lienthong.exchange.wording import REASONS, STATES
from lienthong.interop.hl7v2._orders import KINDS as ORDER_KINDS
from lienthong.interop.hl7v2._oru import RESULT_TRIGGERS

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
IN_THE_DEMONSTRATION_ONLY = frozenset({"LIENTHONG_DEMO"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_and_headings(page: Path) -> None:
    broken = [link for link in links(page.read_text("utf-8")) if not leads_somewhere(page, link)]

    assert broken == []


@pytest.mark.parametrize(
    ("app", "pages"),
    [
        (exchange.app, ("exchange.md", "operating.md", "v2-to-fhir.md")),
        (access.app, ("access.md", "operating.md")),
        (outlets.app, ("outbound.md", "operating.md")),
    ],
    ids=["exchange", "access", "outlets"],
)
def test_options_are_explained(app: typer.Typer, pages: tuple[str, ...]) -> None:
    said = "".join((DOCS / name).read_text("utf-8") for name in pages)

    missing = [option for option in options(app) if not re.search(rf"{option}(?![\w-])", said)]

    assert missing == []


def test_settings_are_explained() -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py"))
    settings = set(re.findall(r"\bLIENTHONG_[A-Z_]*[A-Z]\b", code)) - IN_THE_DEMONSTRATION_ONLY

    said = (DOCS / "operating.md").read_text("utf-8")

    assert settings
    assert [name for name in sorted(settings) if f"`{name}`" not in said] == []


@pytest.mark.parametrize("names", [REASONS, STATES], ids=["reasons", "states"])
def test_reasons_and_states_are_explained(names: Mapping[str, object]) -> None:
    said = (DOCS / "exchange.md").read_text("utf-8")

    assert [name for name in names if f"`{name}`" not in said] == []


@pytest.mark.parametrize(
    "names", [FAULTS, [one.name for one in fields(Hl7Settings)]], ids=["faults", "settings of a receiver"]
)
def test_what_a_receiver_meets_is_explained(names: Collection[str]) -> None:
    said = (DOCS / "outbound.md").read_text("utf-8")

    assert [name for name in names if f"`{name}`" not in said] == []


def test_answers_to_a_device_are_explained() -> None:
    said = (DOCS / "imaging.md").read_text("utf-8")

    assert [one.name for one in Status if f"\n| {one:04X} |" not in said] == []


def test_kinds_of_messages_are_explained() -> None:
    rows = re.findall(r"^\| .*(?:ORU|OML|ADT)\^.*$", (DOCS / "exchange.md").read_text("utf-8"), flags=re.MULTILINE)
    said = " ".join(rows)

    assert all(code in said for code in (*RESULT_TRIGGERS, *ORDER_KINDS, "ADT"))
    assert [one for one in (*chain(*RESULT_TRIGGERS.values(), *ORDER_KINDS.values()),) if one not in said] == []


def links(text: str) -> list[str]:
    """Return where the links of a page lead, those to other sites left out."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not heading or heading in headings(target))


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", without_code(page.read_text("utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def options(app: typer.Typer) -> Iterator[str]:
    """Yield the options of all commands of an application that are not hidden."""
    group = typer.main.get_command(app)
    for command in group.commands.values():  # type: ignore[attr-defined]  # a group has commands
        for parameter in command.params:
            if not getattr(parameter, "hidden", False):
                yield from (one for one in parameter.opts if one.startswith("--") and one != "--help")
