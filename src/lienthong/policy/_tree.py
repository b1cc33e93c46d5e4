"""YAML text to plain values, with the line of every one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import yaml

from lienthong.findings import Finding

Tree: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | None"
Path: TypeAlias = "tuple[str | int, ...]"

_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Document:
    """One file of a pack: its values, the line of each, and what is wrong with its form."""

    file: str
    root: Tree = None
    lines: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def where(self, path: Path) -> str:
        """Return "file:line" of the value at `path`, or of the nearest value that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"

    def report(self, path: Path, code: str, message: str) -> None:
        self.findings.append(Finding(self.where(path), code, message))


def read_document(file: str, text: str) -> Document:
    """Read one YAML text. Keys and dates stay as written; a key that occurs twice, or an alias, is a finding."""
    document = Document(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"this is not YAML: {error.problem}"
        document.findings.append(Finding(f"{file}:{line}", "not-yaml", message))
        return document
    if node is not None:
        document.root = _Reader(document).read(node, ())
    return document


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def read(self, node: yaml.Node, path: Path) -> Tree:
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:
            self.document.report(path, "alias", "write the value out; anchors and aliases hide where a value stands")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Tree:
        tree: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in tree:
                finding = Finding(f"{self.document.file}:{line}", "duplicate-key", f"“{key}” is given twice; keep one")
                self.document.findings.append(finding)
                continue
            self.document.lines[(*path, key)] = line
            tree[key] = self.read(value_node, (*path, key))
        return tree

    def _scalar(self, node: yaml.Node, path: Path) -> Tree:
        text = str(node.value)
        kind = node.tag.removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in {"true", "yes", "on"}
        if kind in {"int", "float"}:
            return self._number(text, kind, path)
        return text

    def _number(self, text: str, kind: str, path: Path) -> Tree:
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            message = f"“{text}” is not a plain number; write digits with a point, or quote it as text"
            self.document.report(path, "bad-number", message)
            return None


def as_date(text: str) -> date | None:
    """Return the day written as YYYY-MM-DD; None where it isn't one."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


# Narrowing: the form of a tree has been checked against its schema before these are called.


def mapping(tree: Tree) -> dict[str, Tree]:
    if not isinstance(tree, dict):
        raise TypeError("a mapping was expected")
    return tree


def sequence(tree: Tree) -> list[Tree]:
    if not isinstance(tree, list):
        raise TypeError("a list was expected")
    return tree


def text(tree: Tree) -> str:
    if not isinstance(tree, str):
        raise TypeError("a text was expected")
    return tree


def texts(tree: Tree) -> tuple[str, ...]:
    return tuple(text(one) for one in sequence(tree))


def optional_text(tree: Tree) -> str | None:
    return None if tree is None else text(tree)


def whole(tree: Tree) -> int:
    if isinstance(tree, bool) or not isinstance(tree, int):
        raise TypeError("a whole number was expected")
    return tree


def optional_whole(tree: Tree) -> int | None:
    return None if tree is None else whole(tree)


def number(tree: Tree) -> float:
    if isinstance(tree, bool) or not isinstance(tree, int | float):
        raise TypeError("a number was expected")
    return float(tree)


def optional_number(tree: Tree) -> float | None:
    return None if tree is None else number(tree)


def flag(tree: Tree) -> bool:
    if not isinstance(tree, bool):
        raise TypeError("true or false was expected")
    return tree
