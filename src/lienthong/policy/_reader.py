"""Reading a pack: texts in, a pack or every finding out. A pack with one finding is refused whole."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import TypeVar

from lienthong.findings import Finding
from lienthong.policy import _builders as build
from lienthong.policy._checks import Entry, Known, check_days, check_entry, check_form, entries
from lienthong.policy._forms import FORMS, PARAMETERS, TABLES
from lienthong.policy._policy import Pack
from lienthong.policy._table import Absent, Table, Timeline
from lienthong.policy._tree import Document, Tree, as_date, mapping, optional_text, read_document, text, texts
from lienthong.policy._values import Reference

T = TypeVar("T")
Documents = Mapping[str, Document]
Entries = Mapping[str, tuple[Entry, ...]]


def read_pack(files: Mapping[str, str]) -> tuple[Pack | None, tuple[Finding, ...]]:
    """Read the pack whose files are given as name → text; any finding refuses the pack."""
    documents = {PurePosixPath(name).name: read_document(name, written) for name, written in sorted(files.items())}
    findings = _misplaced(documents, files)
    for name, document in documents.items():
        if name in FORMS and not document.findings:
            check_form(document, name)
    findings += _found(documents.values())
    if findings:
        return None, tuple(findings)
    held = _entries(documents)
    known = _known(documents)
    for name, document in documents.items():
        check_days(document, name)
        for entry in held.get(name, ()):
            check_entry(entry, known)
    findings = _found(documents.values())
    return (None, tuple(findings)) if findings else (_pack(documents, held, _digest(files)), ())


def _misplaced(documents: Documents, files: Mapping[str, str]) -> list[Finding]:
    folder = str(PurePosixPath(next(iter(files), "pack/")).parent)
    allowed = ", ".join(FORMS)
    unknown = [
        Finding(f"{document.file}:1", "unknown-file", f"a pack has no such file; it has {allowed}")
        for name, document in documents.items()
        if name not in FORMS
    ]
    missing = [
        Finding(f"{folder}/{name}:1", "missing-file", f"the pack has no {name}; add it")
        for name in FORMS
        if name not in documents
    ]
    return unknown + missing


def _found(documents: Iterable[Document]) -> list[Finding]:
    return [finding for document in documents for finding in document.findings]


def _entries(documents: Documents) -> Entries:
    nation = text(mapping(documents["pack.yaml"].root)["region"])
    return {name: tuple(entries(documents[name], name, nation)) for name in (*TABLES, *PARAMETERS)}


def _known(documents: Documents) -> Known:
    head = mapping(documents["pack.yaml"].root)
    references = mapping(mapping(documents["references.yaml"].root)["references"])
    listed = mapping(documents["items.yaml"].root)
    regional = mapping(listed.get("regions", {})).values()
    return Known(
        regions=frozenset(mapping(head["regions"])),
        groups=frozenset(mapping(head["groups"])),
        references={id_: mapping(reference) for id_, reference in references.items()},
        items=frozenset(mapping(listed["values"])).union(*(mapping(rows) for rows in regional)),
    )


def _digest(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, written in sorted(files.items()):
        digest.update(f"{PurePosixPath(name).name}\0{written}\0".encode())
    return digest.hexdigest()[:12]


def _pack(documents: Documents, held: Entries, digest: str) -> Pack:
    head = mapping(documents["pack.yaml"].root)
    return Pack(
        code=text(head["code"]),
        region=text(head["region"]),
        names=build.names(head["names"]),
        languages=texts(head["languages"]),
        regions={code: build.names(names) for code, names in mapping(head["regions"]).items()},
        groups={code: build.names(names) for code, names in mapping(head["groups"]).items()},
        edition=digest,
        references=_references(documents["references.yaml"]),
        items=_table(held["items.yaml"], build.item),
        windows=_table(held["windows.yaml"], build.window),
        exceptions=_table(held["exceptions.yaml"], build.exception),
        marks=_table(held["marks.yaml"], build.mark),
        limits=_table(held["limits.yaml"], build.limit),
        fees=_table(held["money.yaml"], build.fee),
        parameters={name: _table(held[name], build.parameter) for name in PARAMETERS},
    )


def _table(held: Iterable[Entry], build_value: Callable[[Entry, Tree], T]) -> Table[T]:
    regions: dict[str, dict[str, list[tuple[date, T | Absent]]]] = defaultdict(lambda: defaultdict(list))
    for entry in held:
        regions[entry.region][entry.key].append((date.fromisoformat(entry.since), _value(entry, build_value)))
    return Table(
        {
            region: {key: Timeline(tuple(sorted(dated, key=lambda pair: pair[0]))) for key, dated in keys.items()}
            for region, keys in regions.items()
        }
    )


def _value(entry: Entry, build_value: Callable[[Entry, Tree], T]) -> T | Absent:
    if entry.tree is None:
        return Absent.ENDED
    value = mapping(entry.tree)["value"]
    return Absent.NONE if value is None else build_value(entry, value)


def _references(document: Document) -> dict[str, Reference]:
    held = mapping(mapping(document.root)["references"])
    return {id_: _reference(id_, mapping(tree)) for id_, tree in held.items()}


def _reference(id_: str, tree: Mapping[str, Tree]) -> Reference:
    return Reference(
        id=id_,
        title=text(tree["title"]),
        issuer=text(tree["issuer"]),
        article=optional_text(tree.get("article")),
        issued=as_date(optional_text(tree.get("issued")) or ""),
        in_force=as_date(optional_text(tree.get("in_force")) or ""),
        url=optional_text(tree.get("url")),
        confidence=text(tree["confidence"]),
    )
