"""The published cases: read from their files, and filled in for one run of one sender.

A case is a few messages (steps). Each says what becomes of it where the sender's system is right; `is_fix` is what the
sender sends after it has mended what the message before had wrong on purpose.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import yaml

from lienthong.core.names import pick_name
from lienthong.interop import hl7v2

FOLDER = Path(__file__).parent / "cases"
BATCH_HEAD = "FHS|^~\\&|${application}|${facility}\rBHS|^~\\&|${application}|${facility}\r"


@dataclass(frozen=True, slots=True)
class Expected:
    """What becomes of a step: one of some states, for one of some reasons, with results stored, numbers kept (stored or
    waiting) and a finding told; None is not asked.
    """

    states: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    results: int | None = None
    numbers: int | None = None
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    template: str
    charset: str
    is_fix: bool
    same_as: str
    in_batch: bool
    line_end: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Case:
    number: str
    key: str
    titles: Mapping[str, str]
    abouts: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        return pick_name(vi=self.titles["vi"], zh=self.titles["zh"], en=self.titles["en"])

    @property
    def about(self) -> str:
        return pick_name(vi=self.abouts["vi"], zh=self.abouts["zh"], en=self.abouts["en"])


@dataclass(frozen=True, slots=True)
class Filling:
    """What a sender's cases are filled in with: MSH-3 and MSH-4, the run's prefix, a known LOINC code, a day."""

    application: str
    facility: str
    prefix: str
    loinc: str
    at: dt.datetime


def edition() -> str:
    """Return the edition of the published cases."""
    return str(_parts()["edition"])


@cache
def cases() -> tuple[Case, ...]:
    """Return the published cases in order; one in a character set that is not read here is left out."""
    files = sorted(FOLDER.glob("[0-9]*.yaml"))
    found = (_case(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)
    return tuple(one for one in found if all(hl7v2.find_codec(step.charset) for step in one.steps))


def control_id(filling: Filling, case: Case, step: Step) -> str:
    return f"{filling.prefix}-{case.number}{step.same_as or step.id}"


def published(filling: Filling, case: Case, step: Step) -> bytes:
    """Return the bytes of one step, filled in and in its character set."""
    if step.same_as:
        step = next(one for one in case.steps if one.id == step.same_as)
    names = {
        "application": filling.application,
        "facility": filling.facility,
        "number": f"{filling.prefix}-{case.number}",
        "id": control_id(filling, case, step),
        "loinc": filling.loinc,
        "charset": step.charset,
        **_times(filling.at),
    }
    text = Template(Template(step.template).safe_substitute(_parts()["parts"])).substitute(names)
    codec = hl7v2.find_codec(step.charset) or "utf-8"
    return hl7v2.encode(step.line_end.join([*text.splitlines(), ""]), codec)


def wire(filling: Filling, case: Case) -> list[tuple[str, bytes]]:
    """Return name and bytes of what goes over the wire for a case: one message a step, or all in one batch."""
    name = f"{case.number}-{case.key}"
    messages = [(f"{name}-{step.id}", published(filling, case, step)) for step in case.steps]
    if not any(step.in_batch for step in case.steps):
        return messages
    head = Template(BATCH_HEAD).substitute(application=filling.application, facility=filling.facility).encode()
    tail = f"BTS|{len(messages)}\rFTS|1\r".encode()
    return [(name, head + b"".join(data for _name, data in messages) + tail)]


def archive(filling: Filling) -> bytes:
    """Return all cases as a ZIP of .hl7 files in the order in which they are sent."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for case in cases():
            for name, data in wire(filling, case):
                book.writestr(f"{name}.hl7", data)
    return stream.getvalue()


def _case(read: Mapping[str, object]) -> Case:
    steps = read["steps"]
    assert isinstance(steps, list)  # noqa: S101 — our own file
    return Case(
        number=str(read["number"]),
        key=str(read["key"]),
        titles=dict(read["title"]),  # type: ignore[call-overload]  # our own file
        abouts=dict(read["about"]),  # type: ignore[call-overload]  # our own file
        steps=tuple(_step(one) for one in steps),
    )


def _step(read: Mapping[str, object]) -> Step:
    expect = read["expect"]
    assert isinstance(expect, dict)  # noqa: S101 — our own file
    return Step(
        id=str(read["id"]),
        template=str(read.get("message", "")),
        charset=str(read.get("charset", "UNICODE UTF-8")),
        is_fix=bool(read.get("is_fix")),
        same_as=str(read.get("same_as", "")),
        in_batch=bool(read.get("batch")),
        line_end="\n" if read.get("lines") == "lf" else "\r",
        expected=Expected(
            states=tuple(expect["state"]),
            reasons=tuple(expect.get("reason", ())),
            results=expect.get("results"),
            numbers=expect.get("numbers"),
            finding=str(expect.get("finding", "")),
        ),
    )


def _times(at: dt.datetime) -> dict[str, str]:
    """Return the instants of a case, with the offset of `at`: collected three hours before, released one."""
    hours = {"now": 0, "collected": -3, "measured": -2, "released": -1, "future": 48}
    return {name: f"{at + dt.timedelta(hours=count):%Y%m%d%H%M%S%z}" for name, count in hours.items()}


@cache
def _parts() -> Mapping[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "parts.yaml").read_text(encoding="utf-8"))
    return read
