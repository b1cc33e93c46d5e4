"""An installation's first region and first administrator come by the command, since no page is open to anybody yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from lienthong.core.models import AuditEvent, User

pytestmark = pytest.mark.django_db(transaction=True)
REGIONS = "code,name_vi,name_zh,name_en,time_zone\nVN-30,Hải Dương,海阳,Hai Duong,Asia/Ho_Chi_Minh\n"
PASSWORD = "correct horse battery"


def command(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    at = connections["default"].settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    return subprocess.run(
        [sys.executable, "-m", "lienthong", "registry", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(autouse=True)
def empty_log() -> Iterator[None]:
    """Django empties the tables that it manages after such a test, and this is not one of them."""
    yield
    with connections["default"].cursor() as cursor:
        cursor.execute("TRUNCATE core_audit_event")


@pytest.fixture
def regions(tmp_path: Path) -> Path:
    file = tmp_path / "regions.csv"
    file.write_text(REGIONS, "utf-8")
    return file


def test_first_administrator_of_a_first_region_opens_the_import(regions: Path) -> None:
    brought = command("import", "regions", str(regions))
    appointed = command(
        *("appoint", "hoa", "--full-name", "Trần Thị Hoa", "--role", "administrator", "--region", "VN-30"),
        said=f"{PASSWORD}\n",
    )

    client = Client()
    assert (brought.returncode, appointed.returncode) == (0, 0), brought.stderr + appointed.stderr
    assert client.login(username="hoa", password=PASSWORD)
    assert client.get("/registry/import/").status_code == 200
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"import-table", "bind-role"}


def test_weak_password_makes_no_user(regions: Path) -> None:
    command("import", "regions", str(regions))

    done = command("appoint", "hoa", "--role", "administrator", "--region", "VN-30", said="hoa\n")

    assert done.returncode == 2
    assert not User.objects.filter(username="hoa").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("appoint", "hoa", "--role", "administrator"), 2),
        (("appoint", "hoa", "--role", "king", "--region", "VN-30"), 2),
        (("appoint", "hoa", "--role", "operator", "--facility", "99"), 1),
    ],
    ids=["no place", "no such role", "no such facility"],
)
def test_appointment_with_faults_makes_no_user(arguments: tuple[str, ...], code: int) -> None:
    done = command(*arguments, said=f"{PASSWORD}\n")

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert not User.objects.filter(username="hoa").exists()


def test_table_with_faults_is_told_and_not_written(tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    file.write_text(REGIONS.replace("Asia/Ho_Chi_Minh", "Mars"), "utf-8")

    done = command("import", "regions", str(file))

    assert done.returncode == 1
    assert done.stderr.startswith("regions.csv!E2 unknown-time-zone: this is not")
