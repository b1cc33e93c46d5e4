"""Loads a measuring system for a page, if the one who asks may read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.iqc.overview import Standing, standings
from lienthong.iqc.permissions import check_reader
from lienthong.iqc.presenters.system import system_name, violation_words
from lienthong.iqc.systems import systems


@dataclass(frozen=True, slots=True)
class Bench:
    """A measuring system with the others of its instrument, at an instant."""

    standing: Standing
    neighbours: tuple[Standing, ...]
    at: dt.datetime

    @property
    def names(self) -> Mapping[int, str]:
        return {one.system.id: one.system.procedure.analyte.name for one in self.neighbours}

    def open_violations(self) -> list[tuple[int, str]]:
        """Return the open violations of the instrument, those of the system itself first."""
        ordered = sorted(self.neighbours, key=lambda one: one.system.id != self.standing.system.id)
        return [
            (found.id, violation_words(found, one.system.procedure.analyte.name))
            for one in ordered
            for found in one.rejections
        ]

    def system_choices(self) -> list[tuple[int, str]]:
        return [(one.system.id, system_name(one)) for one in self.neighbours]


def bench_of(user: User, procedure_id: int, *, at: dt.datetime) -> Bench:
    """Return a system with its neighbours; raise NotFound for one that is not there or not the user's to see."""
    found = systems([procedure_id], on=timezone.localdate(at)).get(procedure_id)
    if found is None:
        raise NotFound(_("There is no such measuring system among those of your laboratories."))
    check_reader(user, found.laboratory_id, at=at)
    everything = standings([found.laboratory_id], at=at)
    standing = next((one for one in everything if one.system.id == procedure_id), None)
    if standing is None:
        raise NotFound(_("This measuring system is no longer in use."))
    instrument = found.procedure.instrument
    neighbours = tuple(one for one in everything if one is standing or one.system.procedure.instrument == instrument)
    return Bench(standing, neighbours, at)
