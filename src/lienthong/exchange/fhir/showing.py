"""What was found, as resources: those as received with what the server says of them, and the house's own rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from lienthong.exchange.fhir.own.rows import show_observations, show_own
from lienthong.exchange.fhir.received import show_received
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.terms.codebook import Edition
from lienthong.results import reads
from lienthong.results.reads import Reach
from lienthong.results.search import loading
from lienthong.results.search.conditions import Hit


def show(
    kind: str,
    hits: Sequence[Hit],
    *,
    reader: str,
    on: dt.date,
    reach: Reach | None = None,
    edition: Edition | None = None,
) -> list[Shown]:
    """Return found resources in their order; `reader` is the code of the sender that asks, if it is one.

    The other records of a person are named as far as `reach` lets them be read. `edition` is that of the code book,
    where the caller has asked for it already.
    """
    names = [UUID(one.id) for one in hits if one.is_received]
    by_id = {str(one.name): one for one in loading.resources(names).values()}
    received = dict(zip(by_id, show_received(list(by_id.values()), reader=reader), strict=True))
    rows = [one for one in hits if not one.is_received]
    if kind == "Observation":  # of which the hit tells the row itself
        results = reads.results_by_id([one.changed for one in rows]) if rows else []
        of_rows = show_observations(results, reader=reader, on=on, edition=edition) if results else []
    else:
        of_rows = show_own(kind, [one.id for one in rows], reader=reader, on=on, reach=reach)
    own = {one.id: one for one in of_rows}
    found = (received.get(one.id) if one.is_received else own.get(one.id) for one in hits)
    return [one for one in found if one]


def patients_shown(record_ids: Sequence[int], *, reader: str, on: dt.date, reach: Reach | None = None) -> list[Shown]:
    """Return the patients of some records: as they were received, else as the records tell them."""
    names = loading.patient_names(record_ids)
    received = show_received(list(loading.resources([one.name for one in names.values()]).values()), reader=reader)
    others = [str(one) for one in record_ids if one not in names]
    return [*received, *show_own("Patient", others, reader=reader, on=on, reach=reach)]
