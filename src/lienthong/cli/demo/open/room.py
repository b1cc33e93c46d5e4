"""The ultrasound room's place in the registry, and the reviews of its images: part of the demonstration's history."""

from __future__ import annotations

import datetime as dt

from lienthong.cli.demo.inputs import Inputs
from lienthong.cli.demo.open.places import ROOM
from lienthong.core.models import User
from lienthong.eqa import actions as eqa
from lienthong.errors import BadInput
from lienthong.registry import actions as registry

TABLES = ("facilities", "laboratories", "analytes", "instruments", "procedures")


def import_room(inputs: Inputs, *, by: User, at: dt.datetime) -> None:
    """Import the tables of the room, where the input has one."""
    for kind in TABLES if _has_room(inputs) else ():
        name = f"open/room/{kind}.csv"
        report = registry.import_table(kind, inputs.bytes_of(name), name, by=by, at=at)
        if report.findings:
            raise BadInput(report.findings)


def import_room_scores(inputs: Inputs, *, by: User, at: dt.datetime) -> None:
    """Import the rounds in which images and reports of the room were reviewed."""
    if _has_room(inputs):
        report = eqa.import_scores(inputs.bytes_of("open/room/scores.csv"), "scores.csv", by=by, at=at)
        if report.findings:
            raise BadInput(report.findings)


def _has_room(inputs: Inputs) -> bool:
    return ROOM.code in inputs.manifest().get("open", {})
