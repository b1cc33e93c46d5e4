"""What a pack's files must fulfil beyond being YAML: their form, their days, and what they name in one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from lienthong.policy._forms import FORMS, TABLES
from lienthong.policy._tree import Document, Path, Tree, as_date, mapping, optional_text, sequence, text

_TYPE_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


def check_form(document: Document, name: str) -> None:
    """Report where the document isn't as its JSON Schema asks."""
    validator = Draft202012Validator(FORMS[name])
    for error in sorted(validator.iter_errors(document.root), key=lambda found: [str(part) for part in found.path]):
        _report(document, error)


def _report(document: Document, error: ValidationError) -> None:
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        _report_unknown_keys(document, error, path)
    elif error.validator == "required":
        missing = error.message.split("'")[1]
        code = "missing-reference" if missing == "reference" else "missing-key"
        document.report(path, code, f"“{missing}” is missing")
    elif error.validator == "type":
        document.report(path, "wrong-type", f"this must be {' or '.join(map(_type_word, _asked_words(error)))}")
    elif error.validator == "enum":
        document.report(path, "unknown-value", f"“{error.instance}” is not one of: {', '.join(_asked_words(error))}")
    else:
        document.report(path, "out-of-range", f"{error.instance!r} is not allowed here ({error.validator})")


def _report_unknown_keys(document: Document, error: ValidationError, path: Path) -> None:
    known = sorted(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
    given = error.instance if isinstance(error.instance, dict) else {}
    for key in sorted(set(given) - set(known)):
        document.report((*path, key), "unknown-key", f"“{key}” is not a key here; allowed are {', '.join(known)}")


def _asked_words(error: ValidationError) -> list[str]:
    asked = error.validator_value
    return [str(word) for word in (asked if isinstance(asked, list) else [asked]) if word is not None]


def _type_word(kind: str) -> str:
    return _TYPE_WORDS[kind]


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated value of a pack, before it is built: where it stands and what it says."""

    document: Document
    path: Path
    file: str
    region: str
    key: str
    since: str
    unit: str
    tree: Tree

    def report(self, code: str, message: str, *below: str | int) -> None:
        self.document.report((*self.path, *below), code, message)


def entries(document: Document, file: str, nation: str) -> Iterator[Entry]:
    """Yield every dated value of a file whose form holds."""
    root = mapping(document.root)
    if file in TABLES:
        unit = optional_text(root.get("unit")) or "1"
        for region, path, rows in _by_region(root, (), nation):
            for key, dated in mapping(rows).items():
                yield from _of_key(document, (*path, key), file=file, region=region, key=key, unit=unit, dated=dated)
    else:
        for key, tree in mapping(root["parameters"]).items():
            parameter = mapping(tree)
            unit = text(parameter["unit"])
            for region, path, dated in _by_region(parameter, ("parameters", key), nation):
                yield from _of_key(document, path, file=file, region=region, key=key, unit=unit, dated=dated)


def _by_region(tree: Mapping[str, Tree], path: Path, nation: str) -> Iterator[tuple[str, Path, Tree]]:
    if "values" in tree:
        yield nation, (*path, "values"), tree["values"]
    for region, held in mapping(tree.get("regions", {})).items():
        yield region, (*path, "regions", region), held


def _of_key(
    document: Document, path: Path, *, file: str, region: str, key: str, unit: str, dated: Tree
) -> Iterator[Entry]:
    for since, tree in mapping(dated).items():
        yield Entry(document, (*path, since), file, region, key, since, unit, tree)


# What an entry names


@dataclass(frozen=True, slots=True)
class Known:
    """What entries may name: the regions, groups and references of the pack, and the items of its list."""

    regions: frozenset[str]
    groups: frozenset[str]
    references: Mapping[str, Mapping[str, Tree]]
    items: frozenset[str]


def check_entry(entry: Entry, known: Known) -> None:
    """Report what the entry says wrongly about days, regions, references, items, groups and limits."""
    since = as_date(entry.since)
    if since is None:
        entry.report("bad-date", f"“{entry.since}” is not a day; write it as YYYY-MM-DD")
    if entry.region not in known.regions:
        entry.report("unknown-region", f"“{entry.region}” is not among the regions of pack.yaml")
    if entry.tree is None:
        return
    _check_source(entry, mapping(entry.tree), known, since)
    value = mapping(entry.tree)["value"]
    if value is not None and entry.file in _CHECKS:
        _CHECKS[entry.file](entry, value, known)


def _check_source(entry: Entry, tree: Mapping[str, Tree], known: Known, since: date | None) -> None:
    reference = known.references.get(text(tree["reference"]))
    if reference is None:
        entry.report("unknown-reference", f"“{tree['reference']}” is not in references.yaml", "reference")
        return
    if tree["checked"] and tree["example"]:
        entry.report("checked-example", "an example rests on no text, so it can't be checked; set one to false")
    if tree["checked"] and reference["confidence"] != "seen":
        message = f"its reference is “{reference['confidence']}”; only a value of a text that was seen can be checked"
        entry.report("not-checkable", message, "checked")
    in_force = as_date(optional_text(reference.get("in_force")) or "")
    if not tree["example"] and since and in_force and since < in_force:
        entry.report("before-in-force", f"its reference enters into force on {in_force}; the value can't hold earlier")


def _check_item(entry: Entry, value: Tree, known: Known) -> None:
    group = text(mapping(value)["group"])
    if group not in known.groups:
        entry.report("unknown-group", f"“{group}” is not among the groups of pack.yaml", "value", "group")


def _check_window(entry: Entry, value: Tree, known: Known) -> None:
    _check_item_key(entry, known)
    window = mapping(value)
    if ("hours" in window) == bool(window.get("clinician_judges")):
        entry.report("incomplete-window", "give either hours or clinician_judges: true", "value")


def _check_fee(entry: Entry, value: Tree, known: Known) -> None:
    _check_item_key(entry, known)


def _check_item_key(entry: Entry, known: Known) -> None:
    group = entry.key.removeprefix("group/")
    if entry.key.startswith("group/") and group not in known.groups:
        entry.report("unknown-group", f"“{group}” is not among the groups of pack.yaml")
    elif not entry.key.startswith("group/") and entry.key not in known.items | {"any"}:
        entry.report("unknown-item", f"“{entry.key}” is not an item of items.yaml, nor group/…, nor any")


def _check_mark(entry: Entry, value: Tree, known: Known) -> None:
    mark = mapping(value)
    scope = mark["scope"]
    if isinstance(scope, str) and scope != "organiser_regions":
        entry.report("unknown-value", "scope is a list of regions, or organiser_regions", "value", "scope")
    named = [text(mark["issuer"])] + [text(region) for region in (scope if isinstance(scope, list) else [])]
    for region in named:
        if region not in known.regions:
            entry.report("unknown-region", f"“{region}” is not among the regions of pack.yaml", "value")


_NEEDED_BY_COMBINE = {
    "percent": ("percent",),
    "absolute": ("absolute",),
    "greater_of": ("percent", "absolute"),
    "absolute_at_or_below_switch_else_percent": ("percent", "absolute", "switch_at"),
}


def _check_limit(entry: Entry, value: Tree, known: Known) -> None:
    limit = mapping(value)
    combine = text(limit["combine"])
    missing = [name for name in _NEEDED_BY_COMBINE[combine] if name not in limit]
    if missing:
        entry.report("incomplete-limit", f"combine: {combine} also needs {', '.join(missing)}", "value")


def _check_direction(entry: Entry, value: Tree, known: Known) -> None:
    direction = mapping(value)
    if direction["kind"] == "not_below_receiver" and "scheme" not in direction:
        entry.report("incomplete-direction", "levels can only be compared in a named scheme; add scheme", "value")


def _check_passes(entry: Entry, value: Tree, known: Known) -> None:
    if entry.key != "eqa_passes":
        return
    passes = mapping(value)
    required, of_last = passes["required"], passes["of_last"]
    if isinstance(required, int) and isinstance(of_last, int) and required > of_last:
        entry.report("out-of-range", f"{required} passes can't be required of the last {of_last} rounds", "value")


_CHECKS = {
    "items.yaml": _check_item,
    "windows.yaml": _check_window,
    "money.yaml": _check_fee,
    "marks.yaml": _check_mark,
    "limits.yaml": _check_limit,
    "direction.yaml": _check_direction,
    "evidence.yaml": _check_passes,
}


def check_days(document: Document, file: str) -> None:
    """Report the days outside dated values that aren't days: checked_on, and those of references."""
    root = mapping(document.root)
    paths: list[Path] = [("checked_on",)] if "checked_on" in root else []
    if file == "references.yaml":
        held = mapping(root["references"])
        paths = [
            ("references", id_, day) for id_ in held for day in ("issued", "in_force") if day in mapping(held[id_])
        ]
    for path in paths:
        written = text(_at(document.root, path))
        if as_date(written) is None:
            document.report(path, "bad-date", f"“{written}” is not a day; write it as YYYY-MM-DD")


def _at(tree: Tree, path: Path) -> Tree:
    for part in path:
        tree = mapping(tree)[part] if isinstance(part, str) else sequence(tree)[part]
    return tree
