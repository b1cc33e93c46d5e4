"""The rule of a reach as searches write it: that of `reach`, with the values of whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import Model, Q

from lienthong.results.models import Order, PatientRecord, Report
from lienthong.results.oversight import OversightReach
from lienthong.results.reach import Reach
from lienthong.results.search.branches import Part
from lienthong.results.search.visible import of_orders, of_patients, of_reports, of_whole_records

AT = dt.datetime(2026, 11, 20, 7, tzinfo=dt.UTC)
REACHES = (
    Reach(1, "30001", frozenset((3, 1, 2)), AT),
    Reach(2, "30002", frozenset((1, 2)), AT - dt.timedelta(days=1)),
    Reach(30, "40001", frozenset((30,)), AT),
    OversightReach(9, "50001", frozenset((9, 1)), AT, frozenset((1, 2))),
)


@pytest.mark.parametrize(
    ("written", "model", "rule"),
    [
        (of_patients, PatientRecord, Reach.patient_records),
        (of_whole_records, PatientRecord, Reach.whole_records),
        (of_reports, Report, Reach.reports),
        (of_orders, Order, Reach.orders),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_rule_of_each_reach_has_its_own_values(
    written: Callable[[Reach, str], Part], model: type[Model], rule: Callable[[Reach], Q]
) -> None:
    for reach in REACHES:
        sql, parameters = (
            model._default_manager.filter(getattr(reach, rule.__name__)()).values("pk").query.sql_with_params()
        )

        assert written(reach, "x.id") == Part(f"x.id IN ({sql})", tuple(parameters))
