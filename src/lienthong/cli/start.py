"""Getting ready: the database first, Django after it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lienthong.cli.language import terminal_language

if TYPE_CHECKING:
    from lienthong.core.embedded import EmbeddedServer


def start(*, data: Path | None = None, migrate: bool = False, needs_tables: bool = False) -> EmbeddedServer | None:
    """Start the embedded server where no DATABASE_URL is set, then Django; return the server started here.

    Whoever typed the command reads what it says in the terminal's language. Processes that serve others don't begin
    here: what they write is in the language of the installation, or of each reader.

    Raises DatabaseUnavailable where a command needs tables and the database has none.
    """
    from django.utils import translation

    from lienthong.core.embedded import EmbeddedServer, data_folder

    if data is not None:
        os.environ["LIENTHONG_DATA"] = str(data.resolve())
    server = None if os.environ.get("DATABASE_URL") else EmbeddedServer(data_folder())
    if server:
        server.start()
    start_django()
    translation.activate(terminal_language())
    if migrate:
        bring_up_to_date()
    if needs_tables:
        _check_tables()
    return server


def _check_tables() -> None:
    """Raise DatabaseUnavailable where the database has no table of ours: it is another than the one that was meant."""
    from django.db import connection

    from lienthong.core.embedded import DatabaseUnavailable

    if "django_migrations" not in connection.introspection.table_names():
        raise DatabaseUnavailable(
            "the database is empty; name the one that is meant by LIENTHONG_DATA (of `make demo`: .data/demo) or "
            "DATABASE_URL, or make the tables with `lienthong db migrate`"
        )


def start_django() -> None:
    """Load settings and apps."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lienthong.config.settings")
    django.setup()


def bring_up_to_date() -> None:
    """Migrate the database and make the months' partitions."""
    from django.core.management import call_command
    from django.utils import timezone

    from lienthong.core.partitions import ensure_months

    call_command("migrate", verbosity=0)
    ensure_months(on=timezone.localdate())
