"""Documents whose code runs: their blocks, and what the Python ones leave behind and print."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
Namespace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and the line in the document where the text begins."""

    language: str
    text: str
    line: int


def blocks(document: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a document in order."""
    whole = document.read_text("utf-8")
    for found in FENCED.finditer(whole):
        yield Block(found[1], found[2], whole.count("\n", 0, found.start(2)) + 1)


def run(block: Block, document: Path, namespace: Namespace) -> str:
    """Run a Python block in the namespace and return what it printed; an error names the line of the document."""
    code = compile("\n" * (block.line - 1) + block.text, str(document), "exec")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, namespace)  # noqa: S102 our own document
    return printed.getvalue()


def run_all(document: Path) -> Namespace:
    """Run all Python blocks of a document, in the working folder, and return the names that they leave."""
    namespace: Namespace = {"__name__": document.stem}
    for block in blocks(document):
        if block.language == "python":
            run(block, document, namespace)
    return namespace
