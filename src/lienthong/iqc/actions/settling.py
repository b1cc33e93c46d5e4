"""How every act on controls ends: systems locked, runs judged anew, and others told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.happenings import publish
from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.iqc.evaluation import Evaluated, evaluate
from lienthong.iqc.models import ControlTarget
from lienthong.iqc.permissions import check_recorder
from lienthong.iqc.series import Since
from lienthong.iqc.systems import System, systems


def settle(since: Since, *, known: Mapping[int, System], at: dt.datetime) -> Evaluated:
    """Judge the systems' runs from an instant on, and publish that their control changed."""
    evaluated = evaluate(since, systems=known, at=at)
    publish("iqc-changed", sorted(since), at=at)
    return evaluated


def recordable_systems(procedure_ids: Collection[int], *, by: User, at: dt.datetime) -> dict[int, System]:
    """Return the systems, locked against other acts; raise NotFound, NotAllowed."""
    known = systems(set(procedure_ids), on=timezone.localdate(at))
    if not known or set(known) != set(procedure_ids):
        raise NotFound(_("There is no such measuring system among those of your laboratories."))
    check_recorder(by, {system.laboratory_id for system in known.values()}, at=at)
    lock(known)
    return known


def lock(procedure_ids: Collection[int]) -> None:
    """Let acts on the controls of one system follow one another, by the rows of its targets."""
    rows = ControlTarget.objects.of(procedure_ids).order_by("pk").select_for_update()
    list(rows.values_list("pk", flat=True))


def facility_codes(known: Mapping[int, System]) -> str:
    """Return the code of the facility that an act concerned; nothing where it concerned several."""
    codes = {system.facility.code for system in known.values()}
    return codes.pop() if len(codes) == 1 else ""
