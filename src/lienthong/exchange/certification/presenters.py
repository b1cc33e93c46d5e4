"""What the pages and the command show of an entrance test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.export import Cell
from lienthong.exchange.certification.cases import Case, Step, cases
from lienthong.exchange.certification.judging import CaseVerdict, StepVerdict
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.wording import reason_words, state_words

TONES = {"passed": "good", "failed": "bad", "not-sent": "plain"}


@dataclass(frozen=True, slots=True)
class StepRow:
    id: str
    what: str
    expected: str
    arrived: str
    verdict: str
    tone: str
    inbox_id: int | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    number: str
    title: str
    about: str
    verdict: str
    tone: str
    steps: tuple[StepRow, ...]

    def cells(self) -> list[list[Cell]]:
        """Return the rows of the Excel file, one for each step."""
        return [[self.number, self.title, one.id, one.verdict, one.expected, one.arrived] for one in self.steps]


@dataclass(frozen=True, slots=True)
class RunRow:
    run: Certification
    state: str
    tone: str
    symbol: str


@dataclass(frozen=True, slots=True)
class RunPage:
    rows: tuple[CaseRow, ...]
    passed: int
    failed: int
    not_sent: int

    @property
    def all(self) -> int:
        return len(self.rows)

    @property
    def has_passed(self) -> bool:
        return self.passed == self.all


def header() -> list[str]:
    return [_("Case"), _("What it tests"), _("Message"), _("Verdict"), _("Expected"), _("Arrived")]


def run_page(verdicts: Sequence[CaseVerdict]) -> RunPage:
    found = [one.verdict for one in verdicts]
    return RunPage(
        rows=tuple(case_row(one) for one in verdicts),
        passed=found.count("passed"),
        failed=found.count("failed"),
        not_sent=found.count("not-sent"),
    )


def kept_verdicts(run: Certification) -> list[CaseVerdict]:
    """Return the verdicts that a closed run kept, for cases and steps that are still published."""
    known: Mapping[tuple[str, str], tuple[Case, Step]] = {
        (case.key, step.id): (case, step) for case in cases() for step in case.steps
    }
    return [
        CaseVerdict(
            known[one["key"], one["steps"][0]["id"]][0],
            tuple(
                StepVerdict(
                    step=known[one["key"], kept["id"]][1],
                    verdict=kept["verdict"],
                    inbox_id=kept["inbox_id"],
                    state=kept["state"],
                    reason=kept["reason"],
                    results=kept["results"],
                    numbers=kept.get("numbers", 0),
                    differs=tuple(kept["differs"]),
                    is_out_of_order=kept["is_out_of_order"],
                )
                for kept in one["steps"]
                if (one["key"], kept["id"]) in known
            ),
        )
        for one in run.verdicts
        if (one["key"], one["steps"][0]["id"]) in known
    ]


def case_row(one: CaseVerdict) -> CaseRow:
    return CaseRow(
        number=one.case.number,
        title=one.case.title,
        about=one.case.about,
        verdict=verdict_words(one.verdict),
        tone=TONES[one.verdict],
        steps=tuple(_step_row(step) for step in one.steps),
    )


def run_rows(runs: Iterable[Certification], at: dt.datetime) -> list[RunRow]:
    return [RunRow(one, *_run_state(one, at)) for one in runs]


def verdict_words(verdict: str) -> str:
    words = {"passed": _("passed"), "failed": _("failed"), "not-sent": _("not sent")}
    return words[verdict]


def _run_state(run: Certification, at: dt.datetime) -> tuple[str, str, str]:
    """Return how far a run is in words, with tone and drawing."""
    if run.closed_at is not None:
        return (_("passed"), "good", "yes") if run.has_passed else (_("not passed"), "bad", "no")
    return (_("open"), "info", "wait") if run.closes_at > at else (_("time is over, close it"), "warn", "held")


def _step_row(one: StepVerdict) -> StepRow:
    return StepRow(
        id=one.step.id,
        what=_what(one.step),
        expected=_expected(one.step),
        arrived=_arrived(one),
        verdict=verdict_words(one.verdict),
        tone=TONES[one.verdict],
        inbox_id=one.inbox_id,
    )


def _what(step: Step) -> str:
    if step.is_fix:
        return _("mended by the sender")
    return _("the same once more") if step.same_as else _("as published")


def _expected(step: Step) -> str:
    expected = step.expected
    words = _(" or ").join(state_words(one) for one in expected.states)
    words = _for_reasons(words, [one for one in expected.reasons if one])
    results = "" if expected.results is None else f", {_results(expected.results)}"
    numbers = "" if expected.numbers is None else f", {_numbers(expected.numbers)}"
    return f"{words}{results}{numbers}"


def _for_reasons(words: str, reasons: Sequence[str]) -> str:
    if not reasons:
        return words
    return _("%(state)s: %(reason)s") % {"state": words, "reason": _(" or ").join(map(reason_words, reasons))}


def _results(number: int) -> str:
    return ngettext("%(number)d result", "%(number)d results", number) % {"number": number}


def _numbers(number: int) -> str:
    return ngettext("%(number)d number kept", "%(number)d numbers kept", number) % {"number": number}


def _arrived(one: StepVerdict) -> str:
    if one.verdict == "not-sent":
        return "–"
    parts = [_for_reasons(state_words(one.state), [one.reason] if one.reason else [])]
    if one.step.expected.results is not None and one.results != one.step.expected.results:
        parts.append(_results(one.results))
    if one.step.expected.numbers is not None and one.numbers != one.step.expected.numbers:
        parts.append(_numbers(one.numbers))
    if one.differs:
        parts.append(_("differs at %(places)s") % {"places": ", ".join(one.differs[:6])})
    if one.is_out_of_order:
        parts.append(_("came before the message that it follows"))
    return ", ".join(parts)
