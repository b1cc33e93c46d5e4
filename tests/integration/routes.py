"""The addresses of the application, who asks for them with what, and what is stored and said thereby."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lienthong.core.models import User

NOW = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)

Files = dict[str, tuple[str, bytes]]
Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sends: fields, and files by field with name and content."""

    fields: Fields = field(default_factory=dict)
    files: Files = field(default_factory=dict)

    def data(self) -> Fields:
        return self.fields | {name: SimpleUploadedFile(*file) for name, file in self.files.items()}


@dataclass
class Scene:
    """Who asks, the arguments and query of each address, and what each form sends."""

    people: dict[str, User]
    arguments: dict[str, Mapping[str, object]]
    queries: dict[str, str]
    forms: dict[str, Sent]
    secrets: frozenset[str]
    sessions: dict[str, str] = field(default_factory=dict)

    def address(self, route: str) -> str:
        return reverse(route, kwargs=dict(self.arguments.get(route, {}))) + self.queries.get(route, "")

    def client(self, role: str, **more: object) -> Client:
        """Return a browser in which one of the people is signed in, in English; nobody is signed in for `nobody`."""
        client = Client(headers={"accept-language": "en"}, **more)  # type: ignore[arg-type]  # Django's own arguments
        if role in self.sessions:
            client.cookies["sessionid"] = self.sessions[role]
        return client

    def sign_in(self) -> None:
        """Sign everyone in."""
        for role, user in self.people.items():
            client = Client()
            client.force_login(user)
            self.sessions[role] = client.cookies["sessionid"].value


def route_names() -> list[str]:
    """Return the name of every address of the resolver, with its app's."""
    return sorted(_names(get_resolver().url_patterns, ""))


def stored() -> dict[str, int]:
    """Return a digest of the rows of each table but that of sessions."""
    tables = [name for name in connection.introspection.table_names() if name != "django_session"]
    one_each = (
        f"SELECT '{name}', coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {name} t" for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one_each))
        return dict(cursor.fetchall())


def text_of(content: bytes) -> str:
    """Return what a page or a workbook says."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def _names(patterns: list[URLPattern | URLResolver], prefix: str) -> list[str]:
    found: list[str] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{prefix}{one.namespace}:" if one.namespace else prefix
            found += _names(one.url_patterns, inner)
        else:
            found.append(f"{prefix}{one.name}")
    return found
