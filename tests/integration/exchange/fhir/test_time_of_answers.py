"""A statement of a page or an interface ends after its time, and whoever asked is told so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from tests.integration.exchange.fhir.conftest import System

from lienthong.core.limits import is_out_of_time

pytestmark = pytest.mark.django_db(transaction=True)


def known() -> dict[str, Any]:
    """Return what leads to the database of the tests."""
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}


@pytest.fixture
def stopped() -> Iterator[None]:
    """Let another session keep everyone from grants and results, and end this one's statements after 0.2 s."""
    with psycopg.connect(**known()) as other, connection.cursor() as cursor:
        other.execute("LOCK TABLE results_report, results_result, registry_procedure, registry_region")
        cursor.execute("SET statement_timeout = 200")
        yield
        cursor.execute("SET statement_timeout = 0")


def test_search_that_takes_too_long_is_told_as_an_outcome(hospital: System, stopped: None) -> None:
    answer = hospital.get("Observation?code=2345-7")

    assert answer.status_code == 503
    [issue] = answer.json()["issue"]
    assert (issue["code"], "ask for less" in issue["diagnostics"]) == ("too-costly", True)


def test_page_that_takes_too_long_says_so(stopped: None) -> None:
    answer = Client().get("/", headers={"Accept-Language": "en"}, follow=True)

    assert answer.status_code == 503
    assert "Ask for less at once" in answer.content.decode()


def test_other_faults_of_the_database_are_not_taken_for_it() -> None:
    assert not is_out_of_time(OperationalError("the server is gone"))


def test_served_web_application_bounds_its_statements() -> None:
    asked = "import os, lienthong.config.wsgi; print(os.environ['PGOPTIONS'])"
    environment = {**os.environ, "LIENTHONG_STATEMENT_SECONDS": "45"}
    environment.pop("PGOPTIONS", None)

    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)

    with psycopg.connect(**known(), options=told.stdout.strip()) as session:
        assert session.execute("SHOW statement_timeout").fetchone() == ("45s",)
