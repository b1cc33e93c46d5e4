"""The report that `lienthong eqa score` writes, opened in a browser: three languages, two sizes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser
from tests.journeys.conftest import DESK, PHONE, assert_accessible
from typer.testing import CliRunner

from lienthong.cli import app

LINES_OF_TEXT = 8
LINE = 24  # pixels


@pytest.fixture(scope="module")
def round_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty laboratories, two methods, two samples; one result is far out."""
    rng = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("round") / "round.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["participant", "analyte", "sample", "method", "value", "unit"])
        for i in range(40):
            for sample, level in (("202611-1", 5.2), ("202611-2", 11.9)):
                value = round(rng.normal(level, 0.15) + (1.2 if i == 7 else 0), 2)
                table.writerow([f"P{i:03d}", "Glucose", sample, ("oxidase", "hexokinase")[i % 2], value, "mmol/L"])
    return path


@pytest.mark.parametrize("language", ["en", "vi", "zh"])
def test_report_of_a_round_is_read_on_desk_and_phone(browser: Browser, round_file: Path, language: str) -> None:
    report = round_file.with_name(f"{language}.html")
    options = ["--limit", "8%", "--language", language, "--report", str(report)]

    done = CliRunner().invoke(app, ["eqa", "score", str(round_file), *options])

    assert done.exit_code == 0, done.output
    page = browser.new_page()
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(report.as_uri())
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        tallest = page.evaluate("Math.max(...[...document.querySelectorAll('main tr')].map(row => row.offsetHeight))")
        assert tallest <= LINES_OF_TEXT * LINE, f"a row is {tallest} pixels high at {size}"
    page.close()
