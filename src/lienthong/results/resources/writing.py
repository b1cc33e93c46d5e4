"""Writes versions of resources: what is new, what changes, and nothing where the content is the same again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from lienthong.core.bulk import change_rows, copy_rows, fetch_rows
from lienthong.core.timekey import next_keys
from lienthong.errors import Conflict
from lienthong.results.resources.changes import note_changes
from lienthong.results.resources.compartment import OF_PATIENT, WITHOUT_PATIENTS
from lienthong.results.resources.tokens import reference_token

LONGEST_TEXT = 300
_LOCK = """
SELECT id, version, key, is_deleted, inbox_id, content FROM results_resource
WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""
_COLUMNS = (
    *("id", "kind", "source", "own_id", "facility_id", "version", "key", "is_deleted", "inbox_id", "patient_record_id"),
    *("starts_at", "ends_at", "tokens", "ranges", "content"),
)
# Where the record of its patient is not known yet, that of the version before holds if this names the same patient.
_UPDATE = """
UPDATE results_resource AS kept SET
  version = said.version, key = said.key, is_deleted = said.is_deleted, inbox_id = said.inbox_id,
  patient_record_id = coalesce(said.patient_record_id, CASE WHEN
    said.of_patient::bigint[] = '{}' OR said.of_patient::bigint[] && kept.tokens THEN kept.patient_record_id END),
  starts_at = said.starts_at,
  ends_at = said.ends_at, tokens = said.tokens::bigint[], ranges = said.ranges::jsonb, content = said.content
FROM unnest(
  %(id)s::uuid[], %(version)s::int[], %(key)s::bigint[], %(is_deleted)s::bool[], %(inbox_id)s::bigint[],
  %(patient_record_id)s::bigint[], %(starts_at)s::timestamptz[], %(ends_at)s::timestamptz[], %(tokens)s::text[],
  %(ranges)b::text[], %(content)b::text[], %(of_patient)s::text[])
  AS said(id, version, key, is_deleted, inbox_id, patient_record_id, starts_at, ends_at, tokens, ranges, content,
          of_patient)
WHERE kept.id = said.id
"""
_FORGET_TEXTS = "DELETE FROM results_resourcetext WHERE resource_id = ANY(%s)"
# What was held when it came is on the record on which its results are stored in the end, where that is one.
_SETTLE = """
UPDATE results_resource SET patient_record_id = told.record_id
FROM (
  SELECT inbox_id, min(patient_record_id) AS record_id FROM results_result
  WHERE inbox_id = ANY(%s) GROUP BY inbox_id HAVING count(DISTINCT patient_record_id) = 1
) AS told
WHERE results_resource.inbox_id = told.inbox_id AND results_resource.patient_record_id IS NULL
  AND kind <> ALL(%s)
"""
# Of a message of several patients each resource is on the record of the one that it is, or names: where that is one.
_SETTLE_PATIENTS = """
WITH owned AS (
  SELECT kept.id, min(said.record_id) AS record_id
  FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS said(name, token, record_id)
  JOIN results_resource kept ON kept.id = said.name OR kept.tokens @> ARRAY[said.token]
  WHERE kept.inbox_id = %s AND kept.patient_record_id IS NULL AND kept.kind <> ALL(%s)
  GROUP BY kept.id HAVING count(DISTINCT said.record_id) = 1
)
UPDATE results_resource SET patient_record_id = owned.record_id FROM owned WHERE results_resource.id = owned.id
"""
# Images and files have no patient of their own, or came before their report.
_GIVE = """
UPDATE results_resource SET patient_record_id = said.record_id
FROM unnest(%s::uuid[], %s::bigint[]) AS said(id, record_id)
WHERE results_resource.id = said.id AND results_resource.patient_record_id IS NULL AND kind = ANY(%s)
"""
_NAME_REPORTS = """
UPDATE results_report SET resource_id = said.name
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::uuid[]) AS said(inbox_id, source, number, name)
WHERE results_report.source = said.source AND results_report.number = said.number
  AND results_report.inbox_id = said.inbox_id
  AND results_report.resource_id IS DISTINCT FROM said.name
  AND EXISTS (SELECT 1 FROM results_resource kept WHERE kept.id = said.name)
"""
Text = tuple[str, str, str]


class VersionConflict(Conflict):
    """The resource has another version than the one that the caller means to change (If-Match)."""

    code = "version-conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDraft:
    """A version of a resource to be written. `texts` are (parameter, folded, exact).

    `if_version` is the version that it must replace, `content` its JSON without id and without what the server says,
    `inbox_id` the message that brought it; `of_patient` are those of its tokens of which one must be the same in two
    versions of one patient.
    """

    name: UUID
    kind: str
    source: str
    own_id: str
    facility_id: int
    content: str
    inbox_id: int
    tokens: Sequence[int] = ()
    of_patient: Sequence[int] = ()
    texts: Sequence[Text] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ranges: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    patient_record_id: int | None = None
    is_deleted: bool = False
    if_version: int | None = None


@dataclass(frozen=True, slots=True)
class WrittenResource:
    """The version that a resource has now; `is_changed` is false where it had the same content before."""

    name: UUID
    version: int
    key: int
    is_new: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class _Standing:
    version: int
    key: int
    is_deleted: bool
    inbox_id: int
    content: str


def write_resources(drafts: Sequence[ResourceDraft]) -> list[WrittenResource]:
    """Write resources, each named once, in the caller's transaction; return them in the same order.

    Raises VersionConflict where a resource has not the version that must be replaced, or was made meanwhile.
    """
    if not drafts:
        return []
    standing = _lock([one.name for one in drafts])
    _check_versions(drafts, standing)
    changed = [one for one in drafts if not _is_same(one, standing.get(one.name))]
    keys = dict(zip((one.name for one in changed), next_keys(len(changed)), strict=True))
    versions = {one.name: _next_version(standing.get(one.name)) for one in drafts}
    new = [one for one in changed if one.name not in standing]
    others = [one for one in changed if one.name in standing]
    _insert(new, keys)
    _replace(others, standing, keys, versions)
    _write_texts(changed, replaced=[one.name for one in others])
    note_changes((one.kind, one.name) for one in changed if not one.is_deleted)
    return [_written(one, standing.get(one.name), keys, versions) for one in drafts]


def settle(inbox_ids: Collection[int]) -> None:
    """Put resources whose message was stored at last on the record of its patient, in the caller's transaction."""
    if inbox_ids:
        change_rows(_SETTLE, [list(inbox_ids), list(WITHOUT_PATIENTS)])


def settle_patients(inbox_id: int, records: Mapping[UUID, int]) -> None:
    """Put the resources of a message of several patients on their records, by the names of the Patients."""
    said = [
        (name, reference_token(parameter, f"Patient/{name}"), record)
        for name, record in records.items()
        for parameter in sorted(OF_PATIENT)
    ]
    if said:
        change_rows(_SETTLE_PATIENTS, [*map(list, zip(*said, strict=True)), inbox_id, list(WITHOUT_PATIENTS)])


def give_resources(records: Mapping[UUID, int]) -> None:
    """Put resources that are on no patient's record yet on that of the report that names them."""
    if records:
        change_rows(_GIVE, [list(records), list(records.values()), ["Binary", "ImagingStudy", "Media"]])


def name_reports(messages: Mapping[int, Mapping[tuple[str, str], UUID]]) -> None:
    """Tell the reports that some messages stored which DiagnosticReport they are, by their senders and numbers."""
    said = [(inbox_id, *key, name) for inbox_id, reports in messages.items() for key, name in reports.items()]
    if said:
        change_rows(_NAME_REPORTS, [list(column) for column in zip(*said, strict=True)])


def _lock(names: Sequence[UUID]) -> dict[UUID, _Standing]:
    return {id_: _Standing(*row) for id_, *row in fetch_rows(_LOCK, [list(names)])}


def _check_versions(drafts: Sequence[ResourceDraft], standing: dict[UUID, _Standing]) -> None:
    for one in drafts:
        found = standing.get(one.name)
        if one.if_version is not None and (found is None or found.version != one.if_version):
            now = f"its version is {found.version}" if found else "there is none"
            raise VersionConflict(f"If-Match asks for version {one.if_version} of a {one.kind}, but {now}.")


def _is_same(draft: ResourceDraft, standing: _Standing | None) -> bool:
    if standing is None:
        return False
    return (standing.content, standing.is_deleted) == (draft.content, draft.is_deleted)


def _next_version(standing: _Standing | None) -> int:
    return standing.version + 1 if standing else 1


def _insert(new: Sequence[ResourceDraft], keys: dict[UUID, int]) -> None:
    """Copy new resources in the order of their names; what another makes meanwhile is waited for, and stands."""
    if not new:
        return
    rows = (
        (
            *(one.name, one.kind, one.source, one.own_id, one.facility_id, 1, keys[one.name], one.is_deleted),
            *(one.inbox_id, one.patient_record_id, one.starts_at, one.ends_at, _array(one.tokens), _ranges(one)),
            one.content,
        )
        for one in sorted(new, key=attrgetter("name"))
    )
    try:
        copy_rows("results_resource", _COLUMNS, rows)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise VersionConflict("Another message made one of these resources meanwhile; send this again.") from error


def _replace(
    changed: Sequence[ResourceDraft],
    standing: dict[UUID, _Standing],
    keys: dict[UUID, int],
    versions: dict[UUID, int],
) -> None:
    """Keep the versions that stood, then write the new ones in their place."""
    if not changed:
        return
    old = [(one.name, standing[one.name]) for one in changed]
    copy_rows(
        "results_resourceversion",
        ("id", "resource_id", "version", "is_deleted", "inbox_id", "content"),
        [(was.key, name, was.version, was.is_deleted, was.inbox_id, was.content) for name, was in old],
    )
    change_rows(_UPDATE, _columns(changed, keys, versions))


def _write_texts(changed: Sequence[ResourceDraft], *, replaced: Sequence[UUID]) -> None:
    if replaced:
        change_rows(_FORGET_TEXTS, [list(replaced)])
    rows = [
        (one.name, parameter, folded[:LONGEST_TEXT], exact[:LONGEST_TEXT])
        for one in changed
        for parameter, folded, exact in one.texts
    ]
    copy_rows("results_resourcetext", ("resource_id", "parameter", "folded", "exact"), rows)


def _columns(
    drafts: Sequence[ResourceDraft], keys: dict[UUID, int], versions: dict[UUID, int]
) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "id": [one.name for one in drafts],
        "version": [versions[one.name] for one in drafts],
        "key": [keys[one.name] for one in drafts],
        "tokens": [_array(one.tokens) for one in drafts],
        "of_patient": [_array(one.of_patient) for one in drafts],
        "ranges": [_ranges(one) for one in drafts],
    }
    same = ("inbox_id", "is_deleted", "patient_record_id", "starts_at", "ends_at", "content")
    return columns | {name: [getattr(one, name) for one in drafts] for name in same}


def _ranges(draft: ResourceDraft) -> str:
    return json.dumps(draft.ranges) if draft.ranges else "{}"


def _array(numbers: Sequence[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"


def _written(
    draft: ResourceDraft, standing: _Standing | None, keys: dict[UUID, int], versions: dict[UUID, int]
) -> WrittenResource:
    if standing is not None and draft.name not in keys:
        return WrittenResource(draft.name, standing.version, standing.key, False, False)
    return WrittenResource(draft.name, versions[draft.name], keys[draft.name], standing is None, True)
