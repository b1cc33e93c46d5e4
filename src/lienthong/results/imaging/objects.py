"""DICOM objects: one is kept once, read with its report, and listed while it waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass

from lienthong.results.imaging_models import ImagingObject
from lienthong.results.intake.inbox import storable

# The texts of an object and how many signs their columns take; the file has the whole.
_TEXTS: dict[str, int | None] = {
    "modality": 16,
    "accession_number": 64,
    "patient_id": 100,
    "title": 200,
    "description": None,
}
# Titles (PS3.16, CID 7011, of the scheme DCM) by which a selection takes its images away: IHE Radiology, Imaging Object
# Change Management. The title of such a selection is kept in these words.
REJECTIONS = {
    "113001": "Rejected for Quality Reasons",
    "113037": "Rejected for Patient Safety Reasons",
    "113038": "Incorrect Modality Worklist Entry",
    "113039": "Data Retention Policy Expired",
}
# By these an object finds its report.
_WHOSE = ("facility_id", "accession_number", "study_uid", "patient_id", "birth_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDraft:
    """An object as its header tells, and the file that holds its bytes; nothing of it proves who the patient is."""

    source: str
    facility_id: int
    kind: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    modality: str = ""
    accession_number: str = ""
    patient_id: str = ""
    birth_date: dt.date | None = None
    title: str = ""
    description: str = ""
    selected: tuple[str, ...] = ()
    is_burned_in: bool | None = None
    taken_at: dt.datetime | None = None
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """A kept object; `report_id` is None while it waits, and `waits_for` says for what."""

    id: int
    source: str
    facility_id: int
    kind: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    modality: str
    title: str
    description: str
    selected: tuple[str, ...]
    is_burned_in: bool | None
    taken_at: dt.datetime | None
    digest: str
    size: int
    received_at: dt.datetime
    report_id: int | None
    waits_for: str
    waits_for_words: str
    accession_number: str
    sop_class_uid: str
    tied_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an object: `was` holds digest and report of the one that it corrects, None where it is new."""

    object_id: int
    is_changed: bool
    was: tuple[str, int | None] | None = None


def write_object(draft: ObjectDraft, *, at: dt.datetime) -> Written:
    """Keep an object. The same instance of a sender again changes nothing, unless its header tells whose it is anew.

    Who corrects a patient's number at a device, or in an archive, sends the instance under the UID that it has.
    """
    values = asdict(draft)
    values |= {name: storable(values[name], length) for name, length in _TEXTS.items()}
    values |= {"selected": list(draft.selected), "received_at": at, "waits_for": ImagingObject.Waiting.NO_REPORT}
    key = {name: values.pop(name) for name in ("source", "sop_instance_uid")}
    row, is_new = ImagingObject.objects.select_for_update().get_or_create(**key, defaults=values)
    if is_new or all(getattr(row, name) == values[name] for name in _WHOSE):
        return Written(row.pk, is_new)
    was = (row.digest, row.report_id)
    for name, value in {**values, "report_id": None, "tied_at": None}.items():
        setattr(row, name, value)
    row.save()
    return Written(row.pk, is_changed=True, was=was)


def object_facts(object_id: int) -> ObjectFacts | None:
    """Return an object; None where there is none, or it is taken away."""
    return next(iter(_standing(_facts(ImagingObject.objects.filter(pk=object_id)))), None)


def objects_of_report(report_id: int) -> list[ObjectFacts]:
    """Return the objects that are tied to a report and stand, in the order in which they were taken."""
    return objects_of_reports([report_id]).get(report_id, [])


def objects_of_reports(report_ids: Collection[int]) -> dict[int, list[ObjectFacts]]:
    """Return the objects of some reports that stand, in the order of their taking; who has none is left out."""
    rows = ImagingObject.objects.filter(report_id__in=list(report_ids)).order_by("taken_at", "series_uid", "id")
    found: dict[int, list[ObjectFacts]] = {}
    for one in _standing(_facts(rows)):
        if one.report_id is not None:
            found.setdefault(one.report_id, []).append(one)
    return found


def images_with_records(object_ids: Collection[int]) -> list[tuple[ObjectFacts, int]]:
    """Return images that are tied to a report and stand, each with the patient record of the report."""
    rows = ImagingObject.objects.filter(pk__in=list(object_ids), kind="image", report__isnull=False)
    records = dict(rows.values_list("pk", "report__patient_record_id"))
    return [(one, records[one.id]) for one in _standing(_facts(rows))]


def digests_of_objects() -> Iterator[str]:
    """Return the digests of the files that rows name."""
    return ImagingObject.objects.values_list("digest", flat=True).iterator()


def waiting_objects(sources: Collection[str], *, limit: int = 200) -> list[ObjectFacts]:
    """Return objects of some senders that wait for a report, the newest first."""
    rows = ImagingObject.objects.filter(source__in=list(sources), report=None)
    return _facts(rows.order_by("-id")[:limit])


def _standing(objects: list[ObjectFacts]) -> list[ObjectFacts]:
    """Leave out what a selection beside the same report takes away, and that selection."""
    reports = {one.report_id for one in objects if one.report_id is not None}
    rejections = ImagingObject.objects.filter(report_id__in=reports, kind="selection", title__in=REJECTIONS.values())
    gone = {
        (report_id, uid)
        for report_id, own, named in rejections.values_list("report_id", "sop_instance_uid", "selected")
        for uid in (own, *named)
    }
    return [one for one in objects if (one.report_id, one.sop_instance_uid) not in gone]


def _facts(rows: Iterable[ImagingObject]) -> list[ObjectFacts]:
    return [
        ObjectFacts(
            id=row.pk,
            source=row.source,
            facility_id=row.facility_id,
            kind=row.kind,
            sop_instance_uid=row.sop_instance_uid,
            series_uid=row.series_uid,
            study_uid=row.study_uid,
            modality=row.modality,
            title=row.title,
            description=row.description,
            selected=tuple(row.selected),
            is_burned_in=row.is_burned_in,
            taken_at=row.taken_at,
            digest=row.digest,
            size=row.size,
            received_at=row.received_at,
            report_id=row.report_id,
            waits_for=row.waits_for,
            waits_for_words=str(row.get_waits_for_display()),
            accession_number=row.accession_number,
            sop_class_uid=row.sop_class_uid,
            tied_at=row.tied_at,
        )
        for row in rows
    ]
