"""References in searches: whom an id means, and what refers to what a further search finds."""

from __future__ import annotations

from uuid import UUID

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.own.few import find_few
from lienthong.interop.fhir import r4
from lienthong.results.resources.compartment import OF_PATIENT
from lienthong.results.search import finding, loading
from lienthong.results.search.conditions import Condition, OfPatients, Query, RefersTo
from lienthong.results.search.reports import numbers_of

MOST_CHAINED = 1_000


def of_patients(ids: list[str], caller: FhirCaller) -> OfPatients:
    """Return the condition of a result to be of one of some patients, given by ids of Patients."""
    names = [name for one in ids for name in caller.names_of("Patient", one)]
    return loading.of_patients(names, numbers_of(ids))


def targets_of(parameter: r4.SearchParameter, kind: str, condition: Condition, caller: FhirCaller) -> Condition:
    """Return the condition to refer to something of a kind that meets a condition; raise Invalid if too many do."""
    hits = finding.find(Query(kind, (condition,), caller.reach, count=MOST_CHAINED))
    if len(hits) > MOST_CHAINED:
        told = f"more than {MOST_CHAINED} of {kind} meet what {parameter.code} is chained to; ask for fewer"
        raise Invalid.because("too-costly", told)
    if kind == "Patient" and parameter.code in OF_PATIENT:
        names = [UUID(one.id) for one in hits if one.is_received]
        return loading.of_patients(names, [int(one.id) for one in hits if not one.is_received])
    few = find_few(kind, [condition], on=caller.on)
    targets = [f"{kind}/{one.id}" for one in hits] + [one.reference for one in few]
    return RefersTo(parameter.code, tuple(targets))
