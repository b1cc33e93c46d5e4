"""What may be read of each kind, as pieces of a search: the rule is that of `reach`, row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from functools import cache

from django.db.models import Model, Q

from lienthong.results.models import Order, PatientRecord, Report
from lienthong.results.reach import Reach
from lienthong.results.resources.compartment import BESIDE, BESIDE_REPORTS
from lienthong.results.search.branches import Part, any_of

_COUNTRY = (-2,)
# Values that no row has; those of a reach stand in their places.
_ANY = Reach(-1, "", frozenset(_COUNTRY), dt.datetime(1, 1, 1, tzinfo=dt.UTC))


def of_patients(reach: Reach, column: str) -> Part:
    """Whether a column names a patient record of which the person may be read."""
    return _among(column, PatientRecord, Reach.patient_records, reach)


def of_whole_records(reach: Reach, column: str) -> Part:
    """Whether a column names a patient record of which everything may be read."""
    return _among(column, PatientRecord, Reach.whole_records, reach)


def of_reports(reach: Reach, column: str) -> Part:
    """Whether a column names a report that may be read, with its results and its specimen."""
    return _among(column, Report, Reach.reports, reach)


def of_known_records(reach: Reach, records: Collection[int]) -> Part:
    """What a resource as received must be where all of some records that are asked for may be read whole."""
    known = Part("r.patient_record_id = ANY(%s)", ([*records],))
    return any_of([Part("r.facility_id = ANY(%s)", ([*reach.own_facility_ids],)), known])


def of_orders(reach: Reach, column: str) -> Part:
    return _among(column, Order, Reach.orders, reach)


def of_received(reach: Reach, kind: str) -> Part:
    """What a sender of the facility gave, what is on a record that may be read whole, and what answers its orders.

    What answers an order must tell of the patient of the order still: its sender may have changed of whom it tells.
    What stands beside a report goes by the report that names it now.
    """
    own = Part("r.facility_id = ANY(%s)", ([*reach.own_facility_ids],))
    if kind == "Patient":
        return any_of([own, of_patients(reach, "r.patient_record_id")])
    parts = [own, of_whole_records(reach, "r.patient_record_id")]
    answering = of_reports(reach, "p.id")
    if kind == "DiagnosticReport":
        told = (
            "EXISTS (SELECT 1 FROM results_report p"  # noqa: S608 — names are constants
            f" WHERE p.resource_id = r.id AND {_is_same('p')} AND {answering.sql})"
        )
        parts.append(Part(told, answering.parameters))
    if kind == "Observation":
        told = (
            "EXISTS (SELECT 1 FROM results_result o JOIN results_report p ON p.id = o.report_id"  # noqa: S608 — names are constants
            f" WHERE o.resource_id = r.id AND {_is_same('o')} AND {answering.sql})"
        )
        parts.append(Part(told, answering.parameters))
    if kind in BESIDE_REPORTS:
        told = (
            "EXISTS (SELECT 1 FROM results_resourcetext b JOIN results_report p ON p.resource_id = b.resource_id"  # noqa: S608 — names are constants
            " JOIN results_resource d ON d.id = b.resource_id"
            f" WHERE b.parameter = %s AND b.folded = r.id::text AND {_is_same('p', 'd')} AND {answering.sql})"
        )
        parts.append(Part(told, (BESIDE, *answering.parameters)))
    return any_of(parts)


def _is_same(row: str, resource: str = "r") -> str:
    """Whether a stored row is of the patient, or of the very message, of the resource as it is now."""
    return f"({resource}.patient_record_id = {row}.patient_record_id OR {resource}.inbox_id = {row}.inbox_id)"


def _among(column: str, model: type[Model], rule: Callable[[Reach], Q], reach: Reach) -> Part:
    """Write a rule with the values of a reach. Its text is that of any other, but for a reach with rules of its own."""
    if type(reach) is not Reach:
        sql, parameters = _query(model, getattr(reach, rule.__name__)())
        return Part(f"{column} IN ({sql})", parameters)
    sql, parameters = _written(model, rule)
    own: Mapping[object, object] = {
        _ANY.facility_id: reach.facility_id,
        _ANY.ordered_since: reach.ordered_since,
        _COUNTRY: sorted(reach.country_ids),
    }
    return Part(f"{column} IN ({sql})", tuple(own.get(one, one) for one in parameters))


@cache
def _written(model: type[Model], rule: Callable[[Reach], Q]) -> tuple[str, tuple[object, ...]]:
    """Return a rule for `_ANY`: to write it takes Django longer than most searches take the database."""
    sql, parameters = _query(model, rule(_ANY))
    return sql, tuple(tuple(one) if isinstance(one, list) else one for one in parameters)


def _query(model: type[Model], allowed: Q) -> tuple[str, tuple[object, ...]]:
    sql, parameters = model._default_manager.filter(allowed).values("pk").query.sql_with_params()
    return sql, tuple(parameters)
