"""What recognition does when proof or results changed elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from lienthong.core.actions import system_user
from lienthong.core.happenings import Followers
from lienthong.recognition.actions.grants import recompute_grants
from lienthong.recognition.actions.notices import tell_of_lost_brackets, tell_of_new_versions
from lienthong.recognition.actions.person_notices import tell_of_changed_persons
from lienthong.registry import reads as registry

WORKER = "recognition"


def followers() -> Followers:
    """Return what to do for each kind of happening; the worker hands over keys and the instant."""
    return {
        "iqc-changed": _iqc_changed,
        "eqa-final": _eqa_final,
        "assessment-changed": _assessment_changed,
        "registry-changed": _registry_changed,
        "result-changed": _result_changed,
        "person-changed": _person_changed,
    }


def _iqc_changed(keys: list[str], at: dt.datetime) -> None:
    ids = {int(key) for key in keys}
    _recompute(ids, at)
    tell_of_lost_brackets(ids, by=system_user(WORKER), at=at)


def _eqa_final(_keys: list[str], at: dt.datetime) -> None:
    """Judge every right anew: a round touches most laboratories, and systems that rest on those enrolled in it."""
    _recompute(registry.procedures(on=timezone.localdate(at)), at)


def _assessment_changed(keys: list[str], at: dt.datetime) -> None:
    """Judge anew the procedures of the places named `facility:12` and `laboratory:34`."""
    named = set(keys)
    rows = registry.procedures(on=timezone.localdate(at)).values()
    _recompute(
        [row.id for row in rows if named & {f"facility:{row.facility_id}", f"laboratory:{row.laboratory_id}"}], at
    )


def _registry_changed(keys: list[str], at: dt.datetime) -> None:
    _recompute({int(key) for key in keys}, at)


def _result_changed(keys: list[str], at: dt.datetime) -> None:
    tell_of_new_versions([int(key) for key in keys], by=system_user(WORKER), at=at)


def _person_changed(keys: list[str], at: dt.datetime) -> None:
    tell_of_changed_persons([int(key) for key in keys], by=system_user(WORKER), at=at)


def _recompute(procedure_ids: Collection[int], at: dt.datetime) -> None:
    if procedure_ids:
        recompute_grants(procedure_ids, by=system_user(WORKER), at=at)
