"""What the pages of the senders' quality show."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.exchange.models import Source
from lienthong.exchange.quality.models import SourceDay
from lienthong.exchange.quality.score import Counts, Quality, quality, total
from lienthong.results.reads import DELAY_ENDS

WEEK, MONTH = 7, 30
GOOD, FAIR = 90, 70


@dataclass(frozen=True, slots=True)
class TrendLine:
    """Scores of days as points of a drawing 120 wide and 24 high; the words are the same for those who can't see."""

    points: str
    words: str

    @property
    def is_drawn(self) -> bool:
        """One day makes no line."""
        return " " in self.points


@dataclass(frozen=True, slots=True)
class SourceRow:
    source: Source
    week: Quality
    month: Quality
    tone: str
    trend: TrendLine
    last_counted: dt.datetime | None

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one = self.month
        shares = (one.completeness, one.unmapped, one.duplicates, one.held, one.rejected)
        return [
            *(self.source.code, self.source.facility.name, _number(self.week.score), _number(one.score)),
            *(one.counts.messages, one.counts.results, *map(_number, shares)),
            *(_number(one.delay_median), _number(one.delay_p95)),
        ]


@dataclass(frozen=True, slots=True)
class DayRow:
    day: dt.date
    quality: Quality

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one, counts = self.quality, self.quality.counts
        return [
            *(self.day, _number(one.score), counts.messages, counts.duplicates, counts.held, counts.rejected),
            *(counts.results, counts.unmapped, _number(one.completeness)),
            *(_number(one.delay_median), _number(one.delay_p95)),
        ]


@dataclass(frozen=True, slots=True)
class MissingRow:
    name: str
    count: int
    share: float


def source_rows(sources: Sequence[Source], days: Iterable[SourceDay], *, today: dt.date) -> list[SourceRow]:
    """Return each sender with its last week and month, the worst first; those that sent nothing come last."""
    by_source: dict[str, list[SourceDay]] = {one.code: [] for one in sources}
    for day in days:
        if day.source in by_source:
            by_source[day.source].append(day)
    rows = [_source_row(source, by_source[source.code], today) for source in sources]
    return sorted(rows, key=lambda one: (math.isnan(one.month.score), one.month.score, one.source.code))


def source_header() -> list[str]:
    return [
        *(_("Sender"), _("Facility"), _("Score, 7 days"), _("Score, 30 days"), _("Messages"), _("Results")),
        *(_("Complete"), _("Unmapped"), _("Duplicates"), _("Held"), _("Refused")),
        *(_("Delay, median, s"), _("Delay, 95 %, s")),
    ]


def day_rows(days: Iterable[SourceDay]) -> list[DayRow]:
    return [DayRow(one.day, quality(counts_of(one), DELAY_ENDS)) for one in days]


def day_header() -> list[str]:
    return [
        *(_("Day"), _("Score"), _("Messages"), _("Duplicates"), _("Held"), _("Refused"), _("Results")),
        *(_("Unmapped"), _("Complete"), _("Delay, median, s"), _("Delay, 95 %, s")),
    ]


def missing_rows(counts: Counts) -> list[MissingRow]:
    """Return which fields are missing in how many results, the most frequent first."""
    words: Mapping[str, str] = {
        "collected_at": _("Time of collection (OBR-7, SPM-17)"),
        "measured_at": _("Time of measurement (OBX-19)"),
        "released_at": _("Time of release (OBR-22)"),
        "reference_range": _("Reference range (OBX-7)"),
        "unit": _("Unit (OBX-6)"),
        "procedure": _("Measuring system (OBX-18, or the mapping)"),
        "birth_date": _("Birth date (PID-7)"),
        "sex": _("Sex (PID-8)"),
    }
    found = [(name, count) for name, count in counts.missing.items() if count]
    return [
        MissingRow(words.get(name, name), count, count / counts.results)
        for name, count in sorted(found, key=lambda pair: -pair[1])
    ]


def counts_of(day: SourceDay) -> Counts:
    return Counts(
        messages=day.messages,
        duplicates=day.duplicates,
        held=day.held,
        rejected=day.rejected,
        results=day.results,
        unmapped=day.results_unmapped,
        filled=day.filled,
        expected=day.expected,
        missing=day.missing,
        delays=day.delays,
    )


def duration(seconds: float) -> str:
    """Write a delay in the unit that people would use."""
    if math.isnan(seconds):
        return "–"
    if math.isinf(seconds):
        return _("more than 6 days")
    if seconds < 90:
        return _("%(number)d s") % {"number": round(seconds)}
    if seconds < 5400:
        return _("%(number)d min") % {"number": round(seconds / 60)}
    if seconds < 48 * 3600:
        return _("%(number)d h") % {"number": round(seconds / 3600)}
    return _("%(number)d days") % {"number": round(seconds / 86400)}


def tone_of(score: float) -> str:
    return "plain" if math.isnan(score) else "good" if score >= GOOD else "warn" if score >= FAIR else "bad"


def _source_row(source: Source, days: Sequence[SourceDay], today: dt.date) -> SourceRow:
    week = [counts_of(one) for one in days if one.day > today - dt.timedelta(days=WEEK)]
    month = quality(total(map(counts_of, days)), DELAY_ENDS)
    return SourceRow(
        source=source,
        week=quality(total(week), DELAY_ENDS),
        month=month,
        tone=tone_of(month.score),
        trend=_trend(day_rows(days), today),
        last_counted=max((one.counted_at for one in days), default=None),
    )


def _trend(days: Sequence[DayRow], today: dt.date) -> TrendLine:
    known = [(one.day, one.quality.score) for one in days if not math.isnan(one.quality.score)]
    points = " ".join(
        f"{120 - 120 * (today - day).days / MONTH:.1f},{23 - 22 * score / 100:.1f}" for day, score in sorted(known)
    )
    words = _("from %(first)d to %(last)d in 30 days") % {"first": known[0][1], "last": known[-1][1]} if known else "–"
    return TrendLine(points, words)


def _number(value: float) -> float | None:
    return None if math.isnan(value) or math.isinf(value) else round(value, 3)
