"""Tables as workbooks, exactly as shown; and what an import did, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.eqa.imports import ImportOutcome
from lienthong.eqa.presenters.certificates import CertificatesPage
from lienthong.eqa.presenters.mine import MinePage
from lienthong.eqa.presenters.round import RoundPage
from lienthong.eqa.presenters.rounds import RoundsPage

Table = tuple[Sequence[str], Iterable[Sequence[Cell]]]


def rounds(page: RoundsPage) -> Table:
    """Return header and rows of the list of rounds."""
    header = [
        *(_("Scheme"), _("Round"), _("Status"), _("Closes"), _("Final on")),
        *(_("Participants"), _("Own code"), _("Passed"), _("Failed"), _("Not evaluated")),
    ]
    return header, [
        [
            *(row.scheme, row.code, str(row.chip.words), row.closes_at, row.final_on),
            *(row.participants, row.own_codes, row.passed, row.failed, row.not_evaluated),
        ]
        for row in page.rows
    ]


def round_(page: RoundPage) -> Table:
    """Return header and rows of a round's table: results, what is still waited for, or a provider's scores."""
    if page.picture is not None:
        header = [_("Peer group"), _("Code"), _("Result"), _("Difference, %"), _("z"), _("Verdict"), _("Remark")]
        return header, [
            [group.heading, row.code, row.value, row.difference, row.z, str(row.chip.words), row.remark]
            for group in page.picture.groups
            for row in group.rows
        ]
    if page.is_own_scheme:
        return [_("Code"), _("Measuring systems"), _("Results in"), _("Results owed")], [
            [one.code, one.systems, one.returned, one.owed] for one in page.waiting
        ]
    header = [_("Laboratory"), _("Measuring system"), _("Analyte"), _("Score, %"), _("z"), _("Verdict"), _("Source")]
    return header, [
        [one.laboratory, one.procedure, one.analyte, one.percent, one.z, str(one.chip.words), one.source]
        for one in page.outside
    ]


def mine(page: MinePage) -> Table:
    """Return header and rows of a laboratory's own results."""
    header = [
        *(_("Laboratory"), _("Measuring system"), _("Analyte"), _("Score, %"), _("Largest z")),
        *(_("Verdict"), _("Advice"), _("Source")),
    ]
    return header, [
        [
            *(row.laboratory, row.procedure, row.analyte, row.percent, row.worst_z),
            *(str(row.passed.words), str(row.advice), row.source),
        ]
        for row in page.rows
    ]


def certificates(page: CertificatesPage) -> Table:
    """Return header and rows of the list of certificates."""
    header = [
        _("Number"),
        _("Laboratory"),
        _("Scheme"),
        _("Round"),
        _("Day on the report"),
        _("Handed in"),
        _("Status"),
    ]
    return header, [
        [row.number, row.laboratory, row.scheme, row.round_code, row.finished_on, row.handed_in_at, str(row.chip.words)]
        for row in page.rows
    ]


def in_words(outcome: ImportOutcome) -> str:
    """Say what an import stored, changed, found unchanged and refused."""
    if not outcome.is_written:
        return _("Nothing was stored: %(count)s faults were found.") % {"count": len(outcome.findings)}
    numbers = {
        "stored": outcome.stored,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "refused": outcome.refused,
    }
    return _("Rows: %(stored)s stored, %(changed)s changed, %(unchanged)s unchanged, %(refused)s refused.") % numbers
