"""The page of a round: where it stands, what is looked at, and what each participant has returned so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils.html import format_html
from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import day, moment
from lienthong.eqa.lookups import laboratories_of, may_manage, reach_of
from lienthong.eqa.models import Enrolment, Round, SampleResult
from lienthong.eqa.parameters import policy_of, zone_of
from lienthong.eqa.presenters.results import Picture, Question, picture, shown
from lienthong.eqa.presenters.words import PASSED, Chip
from lienthong.registry.reads import Access, AnalyteFacts, analytes

ALL, PEERS = "all", "peers"
ORDER = (Round.Status.OPEN, Round.Status.CLOSED, Round.Status.INTERIM, Round.Status.FINAL)
NEXT = {Round.Status.OPEN: "close", Round.Status.CLOSED: "score", Round.Status.INTERIM: "publish"}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    note: str
    is_done: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a participant has returned so far."""

    code: str
    systems: int
    returned: int
    owed: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class OutsideScore:
    """A provider's verdict on a procedure."""

    laboratory: str
    procedure: str
    analyte: str
    percent: float | None
    z: float | None
    chip: Chip
    source: str


@dataclass(frozen=True, slots=True)
class Filters:
    analytes: tuple[Option, ...]
    samples: tuple[Option, ...]
    against: tuple[Option, ...]
    query: str


@dataclass(frozen=True, slots=True)
class RoundPage:
    id: int
    code: str
    scheme: str
    heading: str
    is_own_scheme: bool
    manages: bool
    next_step: str
    takes_results: bool
    steps: tuple[Step, ...]
    filters: Filters | None
    analyte: AnalyteFacts | None
    picture: Picture | None
    waiting: tuple[Waiting, ...]
    outside: tuple[OutsideScore, ...]
    examples: tuple[str, ...]


def round_page(row: Round, access: Access, chosen: Mapping[str, str], *, now: dt.datetime) -> RoundPage:
    """Return the page of a round; `chosen` holds analyte, sample and against as the address has them."""
    scored = row.scheme.is_own and row.status in (Round.Status.INTERIM, Round.Status.FINAL)
    manages = may_manage(row.scheme, access)
    question = _question(row, access, chosen) if scored else None
    waiting = _waiting(row, access, manages) if row.scheme.is_own and not scored else ()
    of_outside, outside = (None, ()) if row.scheme.is_own else _outside(row, access, chosen.get("analyte", ""))
    step = NEXT.get(Round.Status(row.status), "") if manages else ""
    return RoundPage(
        id=row.pk,
        code=row.code,
        scheme=row.scheme.name,
        heading=_heading(row),
        is_own_scheme=row.scheme.is_own,
        manages=manages,
        next_step="" if step == "close" and now < row.closes_at else step,
        takes_results=manages and row.status == Round.Status.OPEN,
        steps=_steps(row) if row.scheme.is_own else (),
        filters=_filters(question) if question else of_outside,
        analyte=question.analyte if question else None,
        picture=picture(question) if question else None,
        waiting=waiting,
        outside=outside,
        examples=_examples(row, question.analyte) if question else (),
    )


def _heading(row: Round) -> str:
    texts = {
        Round.Status.OPEN: _("Round {code} takes results"),
        Round.Status.CLOSED: _("Round {code} is closed and not scored yet"),
        Round.Status.INTERIM: _("Round {code}: interim report"),
        Round.Status.FINAL: _("Round {code}: final report"),
    }
    return format_html(texts[Round.Status(row.status)], code=format_html('<span class="nowrap">{}</span>', row.code))


def _question(row: Round, access: Access, chosen: Mapping[str, str]) -> Question | None:
    known = analytes()
    enrolled = Enrolment.objects.filter(participant__round=row).values_list("procedure__analyte_id", flat=True)
    offered = sorted((known[pk] for pk in set(enrolled)), key=lambda one: (one.group, one.key))
    samples = list(row.samples.all())
    if not offered or not samples:
        return None
    analyte = next((one for one in offered if one.key == chosen.get("analyte")), offered[0])
    sample = next((one for one in samples if one.code == chosen.get("sample")), samples[0])
    return Question(
        round=row,
        analyte=analyte,
        sample_id=sample.pk,
        sample_code=sample.code,
        against_all=chosen.get("against") == ALL,
        own_laboratories=laboratories_of(access),
        analytes=tuple(offered),
        samples=tuple(one.code for one in samples),
    )


def _filters(question: Question) -> Filters:
    against = ALL if question.against_all else PEERS
    labels = {PEERS: _("Peer group (method and instrument)"), ALL: _("All participants")}
    key = question.analyte.key
    return Filters(
        analytes=tuple(Option(one.key, one.name, one.key == key) for one in question.analytes),
        samples=tuple(Option(code, code, code == question.sample_code) for code in question.samples),
        against=tuple(Option(value, label, value == against) for value, label in labels.items()),
        query=urlencode({"analyte": key, "sample": question.sample_code, "against": against}),
    )


def _steps(row: Round) -> tuple[Step, ...]:
    taken = {step.status: step.at for step in row.steps.all()}
    labels = (
        (_("Open for results"), day(row.opens_on)),
        (_("Results in"), _returned(row)),
        (_("Closed"), day(taken["closed"]) if "closed" in taken else _deadline(row)),
        (_("Interim report"), day(taken["interim"]) if "interim" in taken else ""),
        (_("Final report"), day(row.final_on) if row.final_on else ""),
    )
    here = 1 + ORDER.index(Round.Status(row.status))
    return tuple(
        Step(label, note, is_done=place < here, is_here=place == here) for place, (label, note) in enumerate(labels)
    )


def _deadline(row: Round) -> str:
    zone = zone_of(row.scheme)
    return _("on %(moment)s (%(zone)s)") % {"moment": moment(row.closes_at), "zone": zone.key}


def _returned(row: Round) -> str:
    owed = Enrolment.objects.filter(participant__round=row).count() * row.samples.count()
    rows = SampleResult.objects.current().filter(sample__round=row)
    late = Count("pk", filter=Q(returned_at__gt=row.closes_at))
    counts = rows.aggregate(returned=Count("pk"), late=late)
    numbers = {"results": counts["returned"], "owed": owed, "late": counts["late"]}
    if numbers["late"]:
        return _("%(results)s of %(owed)s, %(late)s late") % numbers
    return _("%(results)s of %(owed)s") % numbers


def _waiting(row: Round, access: Access, manages: bool) -> tuple[Waiting, ...]:
    """Return what came in: of every participant for the organiser, of one's own laboratory for others."""
    samples = row.samples.count()
    own = laboratories_of(access)
    rows = row.participants.annotate(
        systems=Count("enrolments", distinct=True),
        returned=Count("enrolments__results", filter=Q(enrolments__results__superseded_at=None), distinct=True),
    ).order_by("code")
    shown = rows if manages else rows.filter(laboratory__in=reach_of(access))
    return tuple(
        Waiting(one.code, one.systems, one.returned, one.systems * samples, one.laboratory_id in own) for one in shown
    )


def _outside(row: Round, access: Access, chosen: str) -> tuple[Filters | None, tuple[OutsideScore, ...]]:
    """Return the scores of reached laboratories for one analyte, and the choice of analytes."""
    known = analytes()
    scores = row.scores.current().of_laboratories(reach_of(access))
    offered = sorted(
        (known[pk] for pk in set(scores.values_list("procedure__analyte_id", flat=True))),
        key=lambda one: (one.group, one.key),
    )
    if not offered:
        return None, ()
    analyte = next((one for one in offered if one.key == chosen), offered[0])
    options = tuple(Option(one.key, one.name, one is analyte) for one in offered)
    rows = scores.filter(procedure__analyte=analyte.id).select_related("procedure__laboratory__facility")
    found = tuple(
        OutsideScore(
            laboratory=score.procedure.laboratory.title,
            procedure=score.procedure.code,
            analyte=analyte.name,
            percent=score.percent,
            z=shown(score.worst_z),
            chip=PASSED[score.passed],
            source=score.get_source_display(),
        )
        for score in rows.order_by("passed", "procedure__laboratory__code", "procedure__code")
    )
    return Filters(options, (), (), urlencode({"analyte": analyte.key})), found


def _examples(row: Round, analyte: AnalyteFacts) -> tuple[str, ...]:
    """Return the names of the values used that are examples or unchecked."""
    used = policy_of(row).examples_used(
        f"limits.{analyte.key}", "eqa.sigma_pt_divisor", "eqa.pass_percent", "eqa.min_peer_group"
    )
    return tuple(one.parameter for one in used)
