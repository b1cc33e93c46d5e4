"""Which marks of a report go out: those it was given, that stand now, and that hold where the receiver lies.

A mark that was given with the result may have been suspended or revoked for that day since, or quality control may have
taken it off. What the decision reads of a result (`recognition.candidates`) says so; a mark that does not stand is not
told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from lienthong.core.packs import policy_for
from lienthong.errors import LienthongError
from lienthong.policy import EarlierResult, Policy
from lienthong.recognition.candidates import candidates
from lienthong.registry.reads import FacilityFacts
from lienthong.results.reads import ResultFacts


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that stands: its text, the item of the policy's list, and the regions in which it holds."""

    text: str
    item: str
    scope: tuple[str, ...]


def standing_marks(found: Sequence[ResultFacts], receiver: FacilityFacts, *, at: dt.datetime) -> dict[int, list[Mark]]:
    """Return by key of the result its marks that stand at the receiver; results without any are left out."""
    marked = [one for one in found if one.marks and one.status != "withdrawn"]
    policy = _policy(receiver, on=timezone.localdate(at)) if marked else None
    if policy is None:
        return {}
    by_item: dict[str, list[ResultFacts]] = {}
    for one in marked:
        for item in {str(mark["item"]) for mark in one.marks}:
            by_item.setdefault(item, []).append(one)
    standing: dict[int, list[Mark]] = {}
    for item, results in by_item.items():
        for earlier in _candidates(results, item, policy, at=at):
            if told := _told(earlier, item, receiver, policy):
                standing.setdefault(earlier.result_id, []).extend(told)
    return {one.id: told for one in marked if (told := _given(one, standing.get(one.id, [])))}


def _given(one: ResultFacts, standing: Sequence[Mark]) -> list[Mark]:
    """Keep the marks that were given to the result when it came: a right that was judged later marks no old report."""
    given = {(str(mark["mark"]), str(mark["item"])) for mark in one.marks}
    return [mark for mark in standing if (mark.text, mark.item) in given]


def _candidates(results: Sequence[ResultFacts], item: str, policy: Policy, *, at: dt.datetime) -> list[EarlierResult]:
    item_of = {one.analyte_id: item for one in results}
    try:
        return [one.earlier for one in candidates(results, item_of=item_of, policy=policy, at=at)]
    except (LienthongError, ValueError):  # the producer's region has no policy on that day: nothing says what stands
        return []


def _told(one: EarlierResult, item: str, receiver: FacilityFacts, policy: Policy) -> list[Mark]:
    listed = policy.find_item(item)
    has_controls = listed is None or not listed.is_imaging
    if has_controls and (one.iqc_held or one.iqc_state == "out_of_control"):
        return []
    return [
        Mark(mark.mark, item, tuple(sorted(mark.scope)))
        for mark in one.marks
        if not mark.scope.isdisjoint(receiver.region_path)
    ]


def _policy(receiver: FacilityFacts, *, on: dt.date) -> Policy | None:
    try:
        return policy_for(receiver.region_path, on)
    except (LienthongError, ValueError):
        return None
