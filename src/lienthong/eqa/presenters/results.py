"""Results of an analyte in a sample, by peer group, with what each was judged against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.templatetags.numbers import fixed, signed
from lienthong.eqa.models import AssignedValue, Enrolment, Round, SampleResult
from lienthong.eqa.presenters import chart
from lienthong.eqa.presenters.words import ROW_CLASS, SUSPICIONS, VERDICTS, Chip
from lienthong.eqa.scoring import ALL, NEGLIGIBLE
from lienthong.metrology import iso13528
from lienthong.registry.reads import AnalyteFacts


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A participant's result under its code."""

    code: str
    group: str
    value: float | None
    difference: float | None
    z: float | None
    verdict: str
    remark: str
    is_own: bool

    @property
    def z_shown(self) -> float | None:
        return shown(self.z)

    @property
    def difference_shown(self) -> float | None:
        return shown(self.difference)

    @property
    def chip(self) -> Chip:
        return VERDICTS[self.verdict]

    @property
    def row_class(self) -> str:
        return "is-here" if self.is_own else ROW_CLASS.get(self.verdict, "")


@dataclass(frozen=True, slots=True)
class Group:
    """A peer group, or all groups that are too small to be one."""

    heading: str
    note: str
    shape: str
    rows: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The results of an analyte in a sample: groups for the table, drawings, and what they say."""

    summary: str
    explanation: str
    groups: tuple[Group, ...]
    charts: tuple[chart.Chart, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked at: analyte and sample of a round, against peers or all, by whom, and what else is offered."""

    round: Round
    analyte: AnalyteFacts
    sample_id: int
    sample_code: str
    against_all: bool
    own_laboratories: frozenset[int]
    analytes: tuple[AnalyteFacts, ...]
    samples: tuple[str, ...]


def picture(question: Question) -> Picture:
    """Return what the page of a scored round shows of one analyte in one sample."""
    assigned = {
        value.peer_group: value
        for value in AssignedValue.objects.current().filter(sample=question.sample_id, analyte=question.analyte.id)
    }
    rows = _rows(question, assigned)
    groups = _groups(question, rows, assigned)
    title = _("z scores of %(count)s results of %(analyte)s, sample %(sample)s, in order") % {
        "count": sum(row.z is not None for row in rows),
        "analyte": question.analyte.name,
        "sample": question.sample_code,
    }
    dots = [_dot(row, group.shape, question.analyte) for group in groups for row in group.rows if row.z is not None]
    return Picture(
        summary=_summary(rows),
        explanation=_explanation(question, assigned.get(ALL)),
        groups=groups,
        charts=tuple(chart.draw(dots, frame, title) for frame in (chart.WIDE, chart.NARROW)) if dots else (),
    )


def shown(number: float | None, decimals: int = 1) -> float | None:
    """Round a number to the decimals that pages show; what rounds to 0 loses its sign."""
    return None if number is None else round(number, decimals) + 0.0


def _rows(question: Question, assigned: Mapping[str, AssignedValue]) -> list[ResultRow]:
    enrolments = Enrolment.objects.filter(
        participant__round=question.round, procedure__analyte=question.analyte.id
    ).select_related("participant")
    results = {
        result.enrolment_id: result
        for result in SampleResult.objects.current().filter(
            sample=question.sample_id, enrolment__procedure__analyte=question.analyte.id
        )
    }
    return [_row(question, one, results.get(one.pk), assigned) for one in enrolments]


def _row(
    question: Question, enrolment: Enrolment, result: SampleResult | None, assigned: Mapping[str, AssignedValue]
) -> ResultRow:
    z, difference, verdict = None, None, "not_returned" if ALL in assigned else "not_evaluated"
    if result is not None:
        z, difference, verdict = _judgement(question, result, assigned.get(ALL))
    return ResultRow(
        code=enrolment.participant.code,
        group=enrolment.peer_group,
        value=shown(result.value, question.analyte.decimals) if result else None,
        difference=difference,
        z=z,
        verdict=verdict,
        remark=_remark(result, question.round),
        is_own=enrolment.participant.laboratory_id in question.own_laboratories,
    )


def _judgement(
    question: Question, result: SampleResult, of_all: AssignedValue | None
) -> tuple[float | None, float | None, str]:
    """Return z (or z′), difference in percent and the verdict that the scheme reads, against peers or against all."""
    z, difference, acceptable = result.z, result.d_percent, result.is_acceptable
    if question.against_all and of_all is not None:
        u = 0.0 if of_all.uncertainty_is_negligible else of_all.u_x_pt
        z = float(iso13528.z_prime(result.value, x_pt=of_all.x_pt, sigma_pt=of_all.sigma_pt, u_x_pt=u))
        difference = float(iso13528.d_percent(result.value, x_pt=of_all.x_pt)) if of_all.x_pt else None
        acceptable = _is_within(question.round, result.value, of_all)
    if z is None:
        return None, None, "not_evaluated"
    if question.round.scheme.verdict_read == "percent":
        words: dict[bool | None, str] = {True: "satisfactory", False: "unsatisfactory", None: "not_evaluated"}
        return z, difference, words[acceptable]
    return z, difference, str(iso13528.z_verdict(z).value)


def _is_within(round_: Round, value: float, assigned: AssignedValue) -> bool | None:
    if assigned.delta_e is None:
        return None
    counts = round_.scheme.boundary_counts
    return bool(np.all(iso13528.within_limit(value, assigned.x_pt, assigned.delta_e, boundary_counts=counts)))


def _remark(result: SampleResult | None, round_: Round) -> str:
    if result is None:
        return ""
    when = _("late, accepted") if result.returned_at > round_.closes_at else _("in time")
    return f"{when}; {SUSPICIONS[result.suspicion]}" if result.suspicion else when


def _groups(question: Question, rows: Sequence[ResultRow], assigned: Mapping[str, AssignedValue]) -> tuple[Group, ...]:
    large = sorted((name for name in assigned if name != ALL), key=lambda name: (-assigned[name].participants, name))
    shapes = chart.shapes_of(large)
    by_group: dict[str, list[ResultRow]] = {}
    for row in rows:
        by_group.setdefault(row.group if row.group in assigned else ALL, []).append(row)
    found = [
        Group(_heading(name, by_group[name]), _note(question, assigned[name]), shapes[name], _ordered(by_group[name]))
        for name in large
    ]
    if ALL in by_group:
        found.append(_small_groups(question, by_group[ALL], assigned.get(ALL), alone=not found))
    return tuple(found)


def _small_groups(question: Question, rows: Sequence[ResultRow], of_all: AssignedValue | None, *, alone: bool) -> Group:
    """All groups that are too small together: one by one their method could give a laboratory away."""
    least = question.round.min_peer_group
    heading = _("All participants") if alone else _("Other groups (fewer than %(least)s)") % {"least": least}
    if of_all is None:
        note = _("no assigned value: too few results, or no usable limit in the policy")
    else:
        note = _("too few for a group of their own: judged against all %(count)s") % {"count": of_all.participants}
        note = f"{note}; {_note(question, of_all)}"
    return Group(_heading(heading, rows), note, chart.SHAPE_OF_SMALL_GROUPS, _ordered(rows))


def _heading(name: str, rows: Sequence[ResultRow]) -> str:
    text = ngettext("%(group)s, %(count)s result owed", "%(group)s, %(count)s results owed", len(rows))
    return text % {"group": name, "count": len(rows)}


def _note(question: Question, value: AssignedValue) -> str:
    decimals = question.analyte.decimals + 1
    numbers = {
        "x_pt": _written(value.x_pt, decimals),
        "unit": question.analyte.unit,
        "u": _written(value.u_x_pt, decimals + 1),
        "limit": _written(NEGLIGIBLE * value.sigma_pt, decimals + 1),
        "s_star": _written(value.s_star, decimals + 1),
    }
    if value.uncertainty_is_negligible:
        text = _("assigned value %(x_pt)s %(unit)s, u %(u)s (limit 0.3 σ = %(limit)s), robust SD %(s_star)s")
    else:
        text = _(
            "assigned value %(x_pt)s %(unit)s, u %(u)s (not below 0.3 σ = %(limit)s: scores are z′), "
            "robust SD %(s_star)s"
        )
    return text % numbers


def _written(number: float | None, decimals: int) -> str:
    return fixed(shown(number, decimals), decimals)


def _ordered(rows: Sequence[ResultRow]) -> tuple[ResultRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.z is None, -abs(row.z or 0), row.code)))


def _summary(rows: Sequence[ResultRow]) -> str:
    texts = {
        "satisfactory": _("%(count)s satisfactory"),
        "questionable": _("%(count)s questionable"),
        "unsatisfactory": _("%(count)s unsatisfactory"),
        "not_returned": _("%(count)s not returned"),
        "not_evaluated": _("%(count)s not evaluated"),
    }
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in texts}
    shown = [verdict for verdict in texts if counts[verdict] or verdict in ("satisfactory", "unsatisfactory")]
    return ", ".join(texts[verdict] % {"count": counts[verdict]} for verdict in shown)


def _explanation(question: Question, of_all: AssignedValue | None) -> str:
    names = {"analyte": question.analyte.name, "sample": question.sample_code}
    if of_all is None:
        return _("%(analyte)s, sample %(sample)s. Nothing could be evaluated.") % names
    decimals = question.analyte.decimals + 1
    numbers = {
        **names,
        "sigma": _written(of_all.sigma_pt, decimals),
        "limit": _written(of_all.delta_e, decimals),
        "unit": question.analyte.unit,
    }
    if question.round.scheme.sigma_from_s_star:
        text = _(
            "%(analyte)s, sample %(sample)s. Values are z scores; σ = %(sigma)s %(unit)s is the participants' own "
            "robust SD, as the scheme names it; the shaded band is ±2."
        )
    else:
        text = _(
            "%(analyte)s, sample %(sample)s. Values are z scores; for all participants σ = %(sigma)s %(unit)s, from "
            "the allowable limit ±%(limit)s %(unit)s; the shaded band is ±2."
        )
    return text % numbers


def _dot(row: ResultRow, shape: str, analyte: AnalyteFacts) -> chart.Dot:
    title = _("Laboratory %(code)s: %(value)s %(unit)s, z %(z)s") % {
        "code": row.code,
        "value": _written(row.value, analyte.decimals),
        "unit": analyte.unit,
        "z": signed(row.z_shown, 1),
    }
    return chart.Dot(row.code, row.z or 0.0, row.verdict, shape, title, row.is_own)
