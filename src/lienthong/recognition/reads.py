"""What other apps may ask of recognition: rights on a day, marks, checks of orders, notices, and rules in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypedDict
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _

from lienthong.errors import NotFound
from lienthong.policy import Outcome, RuleVerdict, Verdict
from lienthong.recognition.evidence import by_local_day
from lienthong.recognition.models import Grant, OrderCheck, OrderLine, ReuseNotice
from lienthong.recognition.verdict_json import CandidateFacts, read_candidate, read_rules
from lienthong.recognition.wording import (
    LawWords,
    RuleWords,
    exception_name,
    item_name,
    law_words,
    region_name,
    rule_words,
    verdict_words,
)
from lienthong.results import reads as results

__all__ = [
    "CandidateFacts",
    "GrantSummary",
    "LawWords",
    "LineFacts",
    "MarkFacts",
    "NoticeFacts",
    "OrderCheckFacts",
    "RightFacts",
    "RuleWords",
    "Standing",
    "exception_name",
    "grant_summary",
    "item_name",
    "law_words",
    "marks_at",
    "notices_for",
    "order_check",
    "order_check_facts",
    "recognised",
    "region_name",
    "rule_words",
    "verdict_words",
]

Triple = tuple[int, int, dt.date]


class MarkFacts(TypedDict):
    """A mark as results keep it."""

    grant_id: int
    item: str
    mark: str
    scope: list[str]


@dataclass(frozen=True, slots=True)
class RightFacts:
    """One dated row of a right: what held from when to when, known from when to when, and by which rules."""

    grant_id: int
    procedure_id: int
    item: str
    status: str
    mark: str
    scope: tuple[str, ...]
    rules: tuple[RuleVerdict, ...]
    evidence: tuple[str, ...]
    reason: str
    valid_from: dt.date
    valid_to: dt.date | None
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None
    jurisdiction: str
    edition: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a procedure's right to an item stood on a day, as known at an instant."""

    on: dt.date
    known_at: dt.datetime | None
    rights: tuple[RightFacts, ...]

    @property
    def is_recognised(self) -> bool:
        return any(right.status == Grant.Status.IN_FORCE for right in self.rights)


@dataclass(frozen=True, slots=True)
class GrantSummary:
    """Rights by status, and refusals by each rule that was not met."""

    by_status: dict[str, int]
    refused_by_rule: dict[str, int]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One item of an order: the decision, every candidate, and what was chosen."""

    line_id: int
    item: str
    draft_id: str
    outcome: Outcome
    result_id: int | None
    result_version: int | None
    valid_until: dt.datetime | None
    candidates: tuple[CandidateFacts, ...]
    card_uuid: str
    choice: str
    reason_code: str
    reason_text: str
    chosen_at: dt.datetime | None

    @property
    def chosen(self) -> CandidateFacts | None:
        """The candidate that is offered."""
        return next((one for one in self.candidates if one.result_id == self.result_id), None)

    @property
    def suggestion_uuid(self) -> str:
        """The name of this line's suggestion on the card; feedback says it back."""
        return str(uuid5(NAMESPACE_URL, f"lienthong/suggestion/{self.line_id}"))


@dataclass(frozen=True, slots=True)
class OrderCheckFacts:
    id: int
    number: str
    channel: str
    patient_record_id: int
    facility_id: int
    user_label: str
    encounter_class: str | None
    purposes: frozenset[str] | None
    at: dt.datetime
    edition: str
    interrupt: bool
    signed_at: dt.datetime | None
    card_uuid: str
    lines: tuple[LineFacts, ...]

    @property
    def standing(self) -> tuple[LineFacts, ...]:
        """The lines where an earlier result stands."""
        return tuple(line for line in self.lines if line.outcome is Outcome.STANDS)


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """Tells that a result which was reused is no longer what it was.

    `is_of_patient`: the record that the result hangs on still leads to the person that was ordered for.
    """

    id: int
    kind: str
    cause_key: str
    told_at: dt.datetime
    read_at: dt.datetime | None
    order_check_id: int
    order_number: str
    facility_id: int
    patient_record_id: int
    item: str
    result_id: int
    result_version: int
    result_record_id: int | None
    is_of_patient: bool
    reused_by: str
    reused_at: dt.datetime | None


def marks_at(triples: Collection[Triple]) -> dict[Triple, list[MarkFacts]]:
    """Return for each (procedure, analyte, day) the marks in force that day, as known now; one query for all."""
    wanted = set(triples)
    if not wanted:
        return {}
    days = [day for _procedure, _analyte, day in wanted]
    rows = Grant.objects.held_within(min(days), max(days)).in_force().of_procedures({one[0] for one in wanted})
    by_pair: dict[tuple[int, int], list[Grant]] = defaultdict(list)
    for row in rows.select_related("procedure").order_by("pk"):
        by_pair[row.procedure_id, row.procedure.analyte_id].append(row)
    marks: dict[Triple, list[MarkFacts]] = {triple: [] for triple in wanted}
    for triple in wanted if by_pair else ():
        marks[triple] = [_mark_facts(row) for row in by_pair.get(triple[:2], ()) if _holds(row, triple[2])]
    return marks


def recognised(procedure_id: int, item: str, on: dt.date, *, known_at: dt.datetime | None = None) -> Standing:
    """Return how a right stood on a day: as known now, or as known at an instant."""
    rows = Grant.objects.held(on, known_at=known_at).filter(procedure_id=procedure_id, item=item).order_by("mark")
    return Standing(on=on, known_at=known_at, rights=tuple(right_facts(row) for row in rows))


def grant_summary(*, at: dt.datetime) -> GrantSummary:
    """Return how many rights hold by status, and which rules refused the others.

    Each right is read on the calendar day that `at` is in its facility's zone.
    """
    statuses, refused = Counter[str](), Counter[str]()
    for day, procedures in by_local_day(Grant.objects.known_procedures(), at=at).items():
        rows = Grant.objects.held(day).filter(procedure_id__in=[one.id for one in procedures])
        statuses.update(rows.counted_by_status())
        for rules in rows.filter(status=Grant.Status.REFUSED).values_list("rules", flat=True):
            refused.update({rule["rule"] for rule in rules if rule["verdict"] != Verdict.YES})
    return GrantSummary(by_status=dict(statuses), refused_by_rule=dict(refused.most_common()))


def order_check(check_id: int) -> OrderCheckFacts:
    """Return a stored check with its lines; raise NotFound."""
    found = OrderCheck.objects.filter(pk=check_id).first()
    if found is None:
        raise NotFound(_("There is no such order."))
    return order_check_facts(found)


def order_check_facts(check: OrderCheck) -> OrderCheckFacts:
    """Return a stored check as others see it."""
    lines = [_line_facts(line) for line in check.lines.order_by("pk")]
    return OrderCheckFacts(
        id=check.pk,
        number=check.number,
        channel=check.channel,
        patient_record_id=check.patient_record_id,
        facility_id=check.facility_id,
        user_label=check.user_label,
        encounter_class=check.encounter_class or None,
        purposes=None if check.purposes is None else frozenset(check.purposes),
        at=check.at,
        edition=check.edition,
        interrupt=check.interrupt,
        signed_at=check.signed_at,
        card_uuid=next((line.card_uuid for line in lines if line.card_uuid), ""),
        lines=tuple(lines),
    )


def notices_for(facility_ids: Collection[int], *, limit: int = 200) -> list[NoticeFacts]:
    """Return what those who reused results in these facilities must know, unread first."""
    rows = ReuseNotice.objects.of_facilities(facility_ids).unread_first().select_related("line__order_check__by")
    found = list(rows[:limit])
    ordered_for = {row.line.order_check.patient_record_id for row in found}
    hangs_on = results.records_of_results({row.line.result_id or 0 for row in found}, reused_for=ordered_for)
    leads = results.belongings({*hangs_on.values(), *ordered_for})
    return [_notice_facts(row, hangs_on.get(row.line.result_id or 0), leads) for row in found]


def right_facts(row: Grant) -> RightFacts:
    """Return a row of a right as others see it."""
    return RightFacts(
        grant_id=row.pk,
        procedure_id=row.procedure_id,
        item=row.item,
        status=row.status,
        mark=row.mark,
        scope=tuple(row.scope),
        rules=read_rules(row.rules),
        evidence=tuple(row.evidence),
        reason=row.reason,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        recorded_at=row.recorded_at,
        superseded_at=row.superseded_at,
        jurisdiction=row.jurisdiction,
        edition=row.edition,
    )


def _mark_facts(row: Grant) -> MarkFacts:
    return MarkFacts(grant_id=row.pk, item=row.item, mark=row.mark, scope=list(row.scope))


def _holds(row: Grant, on: dt.date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


def _line_facts(line: OrderLine) -> LineFacts:
    return LineFacts(
        line_id=line.pk,
        item=line.item,
        draft_id=line.draft_id,
        outcome=Outcome(line.outcome),
        result_id=line.result_id,
        result_version=line.result_version,
        valid_until=line.valid_until,
        candidates=tuple(read_candidate(one) for one in line.candidates),
        card_uuid=line.card_uuid,
        choice=line.choice,
        reason_code=line.reason_code,
        reason_text=line.reason_text,
        chosen_at=line.chosen_at,
    )


def _notice_facts(
    row: ReuseNotice, result_record_id: int | None, leads: Mapping[int, results.Belonging]
) -> NoticeFacts:
    line, check = row.line, row.line.order_check
    return NoticeFacts(
        id=row.pk,
        kind=row.kind,
        cause_key=row.cause_key,
        told_at=row.told_at,
        read_at=row.read_at,
        order_check_id=check.pk,
        order_number=check.number,
        facility_id=check.facility_id,
        patient_record_id=check.patient_record_id,
        item=line.item,
        result_id=line.result_id or 0,
        result_version=line.result_version or 0,
        result_record_id=result_record_id,
        is_of_patient=_is_one_person(result_record_id, check.patient_record_id, leads),
        reused_by=check.user_label or (check.by.full_name if check.by else ""),
        reused_at=line.chosen_at,
    )


def _is_one_person(record_id: int | None, other_id: int, leads: Mapping[int, results.Belonging]) -> bool:
    """Whether two records lead to one person now. What no link tells apart is one."""
    if record_id is None or record_id not in leads or other_id not in leads:
        return True
    return leads[record_id].person_id == leads[other_id].person_id
