"""Texts of pages and code: `collect` into the catalogues of each app, `compile` them. Uses Babel; no GNU gettext.

python tools/messages.py collect [app …] | compile
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "lienthong"
LANGUAGES = ("vi", "zh_Hans")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext_lazy": ((1, "c"), 2),
}


def apps() -> list[str]:
    """Return the folders that have texts of their own."""
    return sorted(path.name for path in PACKAGE.iterdir() if path.is_dir() and any(texts(path.name)))


def texts(app: str) -> Iterator[tuple[str | tuple[str, ...], str | None, str]]:
    """Yield message id, context and place of every text of an app."""
    for path in sorted((PACKAGE / app).rglob("*")):
        if path.suffix in (".py", ".html", ".txt") and "migrations" not in path.parts and path.is_file():
            for line, message, _, context in extract(
                "python", io.BytesIO(_as_python(path).encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
            ):
                yield message, context, f"{path.relative_to(PACKAGE)}:{line}"


def catalogue_path(app: str, language: str) -> Path:
    return PACKAGE / app / "locale" / language / "LC_MESSAGES" / "django.po"


def catalogue(app: str, language: str) -> Catalog:
    """Return an app's catalogue brought up to date with its texts; new texts are empty, vanished ones gone."""
    template = Catalog(charset="utf-8")
    for message, context, _ in texts(app):
        template.add(message, context=context)
    path = catalogue_path(app, language)
    stored = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    stored.update(template, no_fuzzy_matching=True)
    stored.obsolete.clear()
    stored.fuzzy = False
    return stored


def missing(app: str, language: str) -> list[str]:
    """Return the texts of an app that have no translation in a language."""
    return [
        str(message.id) for message in catalogue(app, language) if message.id and not _is_translated(message.string)
    ]


def collect(names: list[str]) -> None:
    for app in names:
        for language in LANGUAGES:
            path = catalogue_path(app, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = io.BytesIO()
            found = catalogue(app, language)
            write_po(stream, found, sort_output=True, omit_header=False, width=0, include_lineno=False)
            path.write_text(_without_dates(stream.getvalue().decode()))
            print(f"{app} {language}: {len(missing(app, language))} without translation")


def compile_all() -> None:
    for path in sorted(PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po")):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            language = path.parent.parent.name
            draft = compiled.with_suffix(f".{os.getpid()}")
            with draft.open("wb") as stream:
                write_mo(stream, read_po(io.BytesIO(path.read_bytes()), locale=language))
            draft.replace(compiled)


def _as_python(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    return "\n".join(line.lstrip() for line in templatize(source).splitlines())


def _is_translated(string: str | tuple[str, ...] | list[str]) -> bool:
    return bool(string) and (isinstance(string, str) or all(string))


def _without_dates(text: str) -> str:
    """Drop header lines that change with the clock."""
    volatile = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', '"Language-Team')
    lines = [line for line in text.splitlines() if not line.startswith(volatile) and not line.startswith("# ")]
    return "\n".join(line for line in lines if line != "#") + "\n"


if __name__ == "__main__":
    command, *names = sys.argv[1:] or ["help"]
    if command == "collect":
        collect(names or apps())
    elif command == "compile":
        compile_all()
    else:
        sys.exit(__doc__)
