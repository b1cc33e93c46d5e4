"""The embedded server as root and under a folder that others can't enter: started, killed, started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.factories.servers import discard

from lienthong.core.embedded import DatabaseUnavailable, EmbeddedServer, database_settings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "data", durable=False)
    yield server
    discard(server)


def test_server_killed_without_warning_starts_again_with_what_was_committed(server: EmbeddedServer) -> None:
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (value int)")
        connection.execute("INSERT INTO kept VALUES (7)")
        connection.execute("CHECKPOINT")
    os.kill(int((server.cluster / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)

    server.start()

    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)


def test_server_started_twice_is_one_server(server: EmbeddedServer) -> None:
    server.start()
    first = server.address()

    server.start()

    assert server.address() == first
    assert server.is_alive()


def test_server_sorts_unicode_by_the_builtin_provider(server: EmbeddedServer) -> None:
    server.start()
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, lower('ĐẶNG') FROM pg_database WHERE datname = 'lienthong'"
        ).fetchone()
    assert row == ("b", "PG_UNICODE_FAST", "đặng")


def test_database_url_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"must begin with postgresql://"):
        database_settings("mysql://localhost/x", tmp_path)


def test_database_url_is_read_whole(tmp_path: Path) -> None:
    settings = database_settings("postgresql://lab:p%40ss@db.example:6432/province", tmp_path)
    chosen = {key: settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert chosen == {"NAME": "province", "USER": "lab", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6432"}


def test_log_of_the_server_names_no_patient_where_a_statement_fails(server: EmbeddedServer) -> None:
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (number text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('001080012345')")
        for statement in (
            "INSERT INTO person VALUES ('001080012345')",
            "SELECT 1/0 FROM person WHERE number <> '00108'",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)

    told = (server.home / "log").read_text()

    assert "duplicate key" in told
    assert "00108" not in told


def test_cluster_of_an_earlier_folder_is_told_at_once_and_kept(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    (server.folder / "postgres-password").unlink()

    with pytest.raises(DatabaseUnavailable, match=r"does not take the password of .*postgres-password"):
        server.start()

    assert (server.cluster / "PG_VERSION").exists()
