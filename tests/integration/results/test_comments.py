"""Comments of laboratories: kept with the version they came with, and what a changed one changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from tests.factories.results import NOON
from tests.integration.results.test_versions import Scene

from lienthong.core.models import Happening
from lienthong.results.models import Report, Result
from lienthong.results.reads import report

pytestmark = pytest.mark.django_db
HAEMOLYSED = "haemolysed\nrepeat on a new specimen"


@pytest.fixture
def scene() -> Scene:
    """A stored final glucose without a comment."""
    return Scene()


def comments() -> list[tuple[int, str, str | None]]:
    return list(Result.objects.order_by("version").values_list("version", "status", "comment"))


def forget_comments() -> None:
    """Leave the rows as they were before comments were kept."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE results_result SET comment = NULL")
        cursor.execute("UPDATE results_report SET comment = NULL")


def test_changed_comment_is_a_new_version_and_is_told(scene: Scene) -> None:
    scene.store(replace(scene.glucose, comment="lipaemic"), inbox_id=11)

    again = replace(scene.glucose, comment=HAEMOLYSED)
    stored = scene.store(again, inbox_id=12)
    same = scene.store(again, inbox_id=13)

    assert comments() == [(1, "final", ""), (2, "corrected", "lipaemic"), (3, "corrected", HAEMOLYSED)]
    assert (len(stored.results.corrected), same.results.unchanged) == (1, 1)
    assert Happening.objects.filter(kind="result-changed").count() == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("5.6", [(1, "final", HAEMOLYSED)], id="same value"),
        pytest.param("4.9", [(1, "final", HAEMOLYSED), (2, "corrected", "")], id="another value"),
    ],
)
def test_comment_that_is_left_out_stays_with_the_value_it_was_on(
    scene: Scene, value: str, expected: list[tuple[int, str, str]]
) -> None:
    first = replace(scene.glucose, comment=HAEMOLYSED)
    scene.store(first, inbox_id=11, number="SX2")

    scene.store(replace(first, reported_value=value, comment="", released_at=NOON), inbox_id=12, number="SX2")

    rows = Result.objects.filter(report_id=Report.objects.get(number="SX2").pk).order_by("version")
    assert list(rows.values_list("version", "status", "comment")) == expected


def test_comment_that_was_not_kept_yet_is_no_change(scene: Scene) -> None:
    forget_comments()

    stored = scene.store(replace(scene.glucose, comment=HAEMOLYSED), inbox_id=11, comment="fasting")

    assert comments() == [(1, "final", None)]
    assert (stored.results.unchanged, stored.results.is_commented) == (1, False)
    assert Report.objects.get().status == "final"


def test_same_content_with_two_comments_is_one_result(scene: Scene) -> None:
    stored = scene.store(
        replace(scene.glucose, comment="a"), replace(scene.glucose, comment="b"), inbox_id=11, number="SX2"
    )

    assert len(stored.results.new) == 1


def test_withdrawn_result_keeps_the_comment_it_had(scene: Scene) -> None:
    scene.store(replace(scene.glucose, comment=HAEMOLYSED), inbox_id=11)

    scene.store(inbox_id=12, is_cancelled=True, status="withdrawn")

    assert comments()[-1] == (3, "withdrawn", HAEMOLYSED)


def test_changed_comment_on_the_report_is_a_new_version_of_it(scene: Scene) -> None:
    stored = scene.store(scene.glucose, inbox_id=11, comment="specimen lipaemic")
    same = scene.store(scene.glucose, inbox_id=12, comment="specimen lipaemic")
    left_out = scene.store(scene.glucose, inbox_id=13)
    late = scene.store(scene.glucose, inbox_id=9, comment="preliminary remark")

    row = Report.objects.get()
    assert (row.comment, row.version, row.status) == ("specimen lipaemic", 2, "corrected")
    assert [one.results.is_commented for one in (stored, same, left_out, late)] == [True, False, False, False]


def test_comments_are_read_with_report_and_result(scene: Scene) -> None:
    stored = scene.store(
        replace(scene.glucose, comment=HAEMOLYSED), inbox_id=11, number="SX2", comment="night shift\nfasting"
    )

    found = report(stored.report_id)

    assert found
    (one,) = found.results
    assert (found.comment, one.comment, one.report_comment) == (
        "night shift\nfasting",
        HAEMOLYSED,
        "night shift\nfasting",
    )
