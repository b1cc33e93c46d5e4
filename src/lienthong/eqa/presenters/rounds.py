"""The list of rounds: what waits, and how each went as far as one may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.eqa.lookups import laboratories_of, reach_of
from lienthong.eqa.models import Participant, ProcedureScore, Round, Scheme
from lienthong.eqa.presenters.words import ROUND, Chip
from lienthong.registry.reads import Access


@dataclass(frozen=True, slots=True)
class RoundRow:
    id: int
    scheme: str
    organiser: str
    code: str
    chip: Chip
    closes_at: dt.datetime | None
    final_on: dt.date | None
    participants: int
    own_codes: str
    passed: int
    failed: int
    not_evaluated: int


@dataclass(frozen=True, slots=True)
class RoundsPage:
    heading: str
    rows: tuple[RoundRow, ...]
    is_officer: bool
    works_in_laboratory: bool


def rounds_page(access: Access) -> RoundsPage:
    """Return the rounds that a user may see, newest first."""
    rounds = list(Round.objects.visible_to(access).select_related("scheme").annotate(taking_part=Count("participants")))
    managed = set(Scheme.objects.managed_by(access).values_list("pk", flat=True))
    counts = _verdicts(rounds, access, managed)
    codes = _own_codes(rounds, access)
    is_officer = "officer" in access.roles
    rows = tuple(_row(one, counts.get(one.pk, (0, 0, 0)), codes.get(one.pk, "")) for one in rounds)
    return RoundsPage(
        heading=_heading_of_officer(rounds, managed) if is_officer else _heading_of_laboratory(rounds),
        rows=rows,
        is_officer=is_officer,
        works_in_laboratory=bool(laboratories_of(access)),
    )


def _row(one: Round, counts: tuple[int, int, int], codes: str) -> RoundRow:
    passed, failed, not_evaluated = counts
    return RoundRow(
        id=one.pk,
        scheme=one.scheme.name,
        organiser=one.scheme.organiser,
        code=one.code,
        chip=ROUND[one.status],
        closes_at=one.closes_at if one.scheme.is_own else None,
        final_on=one.final_on,
        participants=getattr(one, "taking_part", 0),
        own_codes=codes,
        passed=passed,
        failed=failed,
        not_evaluated=not_evaluated,
    )


def _verdicts(rounds: Sequence[Round], access: Access, managed: set[int]) -> dict[int, tuple[int, int, int]]:
    """Count the verdicts of each round: of all systems in what one runs, of one's own laboratories elsewhere."""
    mine = Q(procedure__laboratory__in=reach_of(access)) | Q(round__scheme__in=managed)
    scores = ProcedureScore.objects.current().filter(mine, round__in=[one.pk for one in rounds])
    counted = scores.values("round_id").annotate(
        yes=Count("pk", filter=Q(passed=True)),
        no=Count("pk", filter=Q(passed=False)),
        unknown=Count("pk", filter=Q(passed=None)),
    )
    return {row["round_id"]: (row["yes"], row["no"], row["unknown"]) for row in counted}


def _own_codes(rounds: Sequence[Round], access: Access) -> dict[int, str]:
    own = Participant.objects.filter(round__in=[one.pk for one in rounds], laboratory__in=laboratories_of(access))
    codes: dict[int, list[str]] = {}
    for round_id, code in own.order_by("code").values_list("round_id", "code"):
        codes.setdefault(round_id, []).append(code)
    return {round_id: ", ".join(found) for round_id, found in codes.items()}


def _heading_of_officer(rounds: Sequence[Round], managed: set[int]) -> str:
    mine = [one.status for one in rounds if one.scheme_id in managed]
    closed, interim = mine.count("closed"), mine.count("interim")
    if closed:
        text = ngettext("%(count)s round waits to be scored", "%(count)s rounds wait to be scored", closed)
        return text % {"count": closed}
    if interim:
        text = ngettext(
            "%(count)s interim report waits to become final", "%(count)s interim reports wait to become final", interim
        )
        return text % {"count": interim}
    return _("No round waits for you")


def _heading_of_laboratory(rounds: Sequence[Round]) -> str:
    taking = sum(one.status == Round.Status.OPEN for one in rounds)
    if not taking:
        return _("No round takes results now")
    return ngettext("%(count)s round takes results", "%(count)s rounds take results", taking) % {"count": taking}
