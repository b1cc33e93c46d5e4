"""The page of a report: who, when, how measured, each value with its interval and its mark, or why it has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lienthong.core.export import Cell
from lienthong.core.names import pick_name
from lienthong.core.packs import pack
from lienthong.core.templatetags.numbers import day, moment
from lienthong.exchange.wording import specimen_words
from lienthong.policy import LevelEvidence
from lienthong.portal.evidence import Shelf, Shown
from lienthong.portal.marks import MarkProof
from lienthong.portal.presenters.filled import collected_words, filled_names, filled_notes
from lienthong.portal.presenters.people import PatientStrip
from lienthong.portal.presenters.status import StatusWords, status_words
from lienthong.portal.presenters.values import ShownValue, as_reported
from lienthong.registry.reads import AnalyteFacts, FacilityFacts
from lienthong.results.reads import ReportFacts, ResultFacts

_LOCAL_LANGUAGE = {"vn": "vi", "cn": "zh-hans"}
_TITLE = gettext_noop("Laboratory report")
_OF_IMAGING = gettext_noop("Imaging report")


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One result; `note` is the number of the note that explains a missing mark, `comment` is the laboratory's."""

    name: str
    local_name: str
    value: ShownValue
    method: str
    marks: tuple[str, ...]
    is_mark_off: bool
    note: int | None
    status: StatusWords
    replaced: str
    comment: str
    filled: str


@dataclass(frozen=True, slots=True)
class ReportGroup:
    name: str
    local_name: str
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    id: int
    number: str
    title: str
    local_title: str
    local_language: str
    facility: str
    facility_code: str
    laboratories: str
    level: str
    status: StatusWords
    requester: str
    specimen: str
    collected: str
    received: str
    released: str
    placer_number: str
    comment: str
    patient: PatientStrip
    groups: tuple[ReportGroup, ...]
    marks: tuple[str, ...]
    notes: tuple[str, ...]
    filled: tuple[str, ...]
    versions: int
    is_corrected: bool
    is_withdrawn: bool
    is_imaging: bool = False


@dataclass(frozen=True, slots=True)
class VersionRow:
    name: str
    version: int
    value: ShownValue
    status: StatusWords
    released_at: dt.datetime | None
    is_current: bool
    replaces: int | None
    marks: tuple[str, ...]
    comment: str


def report_view(
    report: ReportFacts,
    *,
    facility: FacilityFacts,
    level: LevelEvidence | None,
    patient: PatientStrip,
    shelf: Shelf,
    proof: MarkProof,
) -> ReportView:
    """Return a report for screen and paper."""
    held = [one for one in (shelf.get(result.id) for result in report.results) if one]
    code = facility.region_path[0].lower()
    language = _LOCAL_LANGUAGE.get(code, "")
    notes: dict[str, int] = {}
    rows = [(one, _row(one, report=report, language=language, proof=proof, notes=notes)) for one in held]
    is_imaging = bool(held) and all(one.analyte.is_narrative for one in held)
    title = _OF_IMAGING if is_imaging else _TITLE
    local_title = _in_language(language, title)
    return ReportView(
        id=report.id,
        number=report.number,
        title=_(title),
        local_title="" if local_title == _(title) else local_title,
        local_language=language,
        facility=facility.name,
        facility_code=facility.code,
        laboratories=", ".join(dict.fromkeys(one.procedure.laboratory_name for one in held if one.procedure)),
        level=_level(level),
        status=status_words(report.status),
        requester=report.requester,
        specimen=specimen_words(report.specimen),
        collected=collected_words(report.collected_at, report.results),
        received=moment(report.received_at),
        released=moment(report.released_at),
        placer_number=report.placer_number,
        comment=report.comment,
        patient=patient,
        groups=_groups(rows, jurisdiction=code, language=language),
        marks=tuple(dict.fromkeys(mark for _one, row in rows if not row.is_mark_off for mark in row.marks)),
        notes=tuple(notes),
        filled=filled_notes(report.results),
        versions=max((one.version for one in report.versions), default=1),
        is_corrected=any(one.version > 1 for one in report.results),
        is_withdrawn=report.status == "withdrawn",
        is_imaging=is_imaging,
    )


def report_sheet(page: ReportView) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the table as shown."""
    header = [
        *(_("Test"), _("Result"), _("Unit"), _("Flag"), _("Interval of this laboratory")),
        *(_("Method, instrument"), _("Mark"), _("Status"), _("Comment"), _("Comment on the report")),
        _("Filled in"),
    ]
    return header, [
        [
            *(row.name, row.value.text, row.value.unit, row.value.flag, row.value.limits),
            *(row.method, "" if row.is_mark_off else ", ".join(row.marks), row.status.words),
            *(row.comment, page.comment, row.filled),
        ]
        for group in page.groups
        for row in group.rows
    ]


def version_rows(report: ReportFacts, *, shelf: Shelf) -> list[VersionRow]:
    """Return every version of every result, the newest of each first."""
    ordered = sorted(report.versions, key=lambda one: (_name(one, shelf), one.key, -one.version))
    return [
        VersionRow(
            name=held.analyte.name,
            version=one.version,
            value=as_reported(one, held.analyte, held.procedure),
            status=status_words(one.status),
            released_at=one.released_at,
            is_current=one.is_current,
            replaces=one.version - 1 if one.replaces else None,
            marks=_mark_texts(one),
            comment=one.comment,
        )
        for one in ordered
        if (held := shelf.get(one.id))
    ]


def version_sheet(rows: Sequence[VersionRow]) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the table as shown."""
    header = [
        *(_("Test"), _("Version"), _("Result"), _("Unit"), _("Flag"), _("Status"), _("Released"), _("Mark")),
        _("Comment"),
    ]
    return header, [
        [
            *(row.name, row.version, row.value.text, row.value.unit, row.value.flag),
            *(row.status.words, row.released_at, ", ".join(row.marks), row.comment),
        ]
        for row in rows
    ]


def _name(result: ResultFacts, shelf: Shelf) -> str:
    held = shelf.get(result.id)
    return held.analyte.name if held else ""


def _row(one: Shown, *, report: ReportFacts, language: str, proof: MarkProof, notes: dict[str, int]) -> ReportRow:
    why = proof.note(one)
    note = notes.setdefault(why.text, len(notes) + 1) if why else None
    local_name = analyte_name(one.analyte, language)
    return ReportRow(
        name=one.analyte.name,
        local_name="" if local_name == one.analyte.name else local_name,
        value=as_reported(one.result, one.analyte, one.procedure),
        method=one.method,
        marks=_mark_texts(one.result),
        is_mark_off=bool(why and why.takes_it_off),
        note=note,
        status=status_words(one.result.status),
        replaced=_replaced(one, report.versions),
        comment=one.result.comment,
        filled=filled_names(one.result),
    )


def analyte_name(analyte: AnalyteFacts, language: str) -> str:
    """Return an analyte's name in a language; empty where it has none."""
    return {"vi": analyte.name_vi, "zh-hans": analyte.name_zh, "en": analyte.name_en}.get(language, "")


def _mark_texts(result: ResultFacts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(mark["mark"]) for mark in result.marks))


def _replaced(one: Shown, versions: Iterable[ResultFacts]) -> str:
    """Say what a corrected result replaces."""
    earlier = next((other for other in versions if other.id == one.result.replaces), None)
    if earlier is None:
        return ""
    value = as_reported(earlier, one.analyte, one.procedure)
    words = _("Replaces version %(version)s: %(value)s, released %(released)s.")
    return words % {
        "version": earlier.version,
        "value": f"{value.text} {value.unit}".strip(),
        "released": moment(earlier.released_at),
    }


def _groups(rows: Sequence[tuple[Shown, ReportRow]], *, jurisdiction: str, language: str) -> tuple[ReportGroup, ...]:
    by_group: dict[str, list[ReportRow]] = {}
    for one, row in rows:
        by_group.setdefault(one.analyte.group, []).append(row)
    return tuple(
        ReportGroup(*_group_names(code, jurisdiction=jurisdiction, language=language), rows=tuple(found))
        for code, found in by_group.items()
    )


def _group_names(code: str, *, jurisdiction: str, language: str) -> tuple[str, str]:
    """Return the group's name in the reader's language and, where it differs, in that of the country."""
    names: Mapping[str, str] = pack(jurisdiction).groups.get(code, {})
    shown = pick_name(vi=names.get("vi", ""), zh=names.get("zh_hans", ""), en=names.get("en", "")) or code
    local = names.get({"zh-hans": "zh_hans"}.get(language, language), "")
    return shown, "" if local == shown else local


def _level(level: LevelEvidence | None) -> str:
    if level is None:
        return ""
    words = _("Quality level %(level)s, published on %(day)s")
    return words % {"level": level.level, "day": day(level.published_on)}


def _in_language(language: str, title: str) -> str:
    if not language:
        return ""
    with translation.override(language):
        return _(title)
