"""Puts the resources of a Bundle that waited on the records of their patients, once its results are stored.

As of a Bundle that is stored at once, one of a single patient tells the record by its results; of several patients each
is known by the numbers that the sender gave it, and a resource belongs to the one that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from lienthong.exchange.processing.bundles import patients_of_bundle
from lienthong.results import actions as results
from lienthong.results.actions import Waiting
from lienthong.results.search import loading


def settle_bundles(bundles: Iterable[Waiting]) -> None:
    """Put what is on no record yet of some Bundles on those of their patients, in the caller's transaction."""
    told = [(one, patients_of_bundle(one)) for one in bundles]
    results.settle([one.id for one, patients in told if len(patients) == 1])
    for one, patients in told:
        if len(patients) > 1:
            numbers = {name: numbers_of(it, str(it["id"])) if it else () for name, it in patients.items()}
            results.settle_patients(one.id, patient_records(numbers, source=one.source))


def numbers_of(patient: Mapping[str, object], own_id: str) -> list[str]:
    """Return the numbers that a Patient has with its sender: its id where it is given no other."""
    listed = patient.get("identifier")
    numbers = [str(one.get("value", "")) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [one for one in numbers if one] or [own_id]


def patient_records(numbers: Mapping[UUID, Sequence[str]], *, source: str) -> dict[UUID, int]:
    """Return the records of a sender's Patients by their numbers, of those without by what is kept of them.

    A Patient of whom the numbers name no record, or several, has none.
    """
    kept = loading.resources([name for name, own in numbers.items() if not own])
    records = {name: one.patient_record_id for name, one in kept.items() if one.patient_record_id}
    found = loading.records_by_numbers({one for several in numbers.values() for one in several}, source=source)
    for name, several in numbers.items():
        own = {found[number] for number in several if number in found}
        if len(own) == 1:
            records[name] = own.pop()
    return records
