"""What a hospital tells in the course of a day, by seed: reports and what becomes of them, orders, patients who merge.

A story is what its messages are about: they are sent in their order, and those of other stories between them. What a
message changes is said beside it, so that a test can tell what must be stored of those that were acknowledged.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal
from zlib import crc32

from tests.factories.exchange import message

GLUCOSE, POTASSIUM = "2345-7", "2823-3"
INTERVALS = {GLUCOSE: "3.9-6.4", POTASSIUM: "3.5-5.1"}
NAMES = {GLUCOSE: "Glucose", POTASSIUM: "Potassium"}
AT_ONCE = 4  # stories that are told at the same time

Kind = Literal["report", "order", "merge", "held"]
Said = tuple[str, str]  # OBX-11 and OBX-5 of a result


@dataclass(frozen=True, slots=True)
class Told:
    """One message: its control id and bytes, and what it says of whom.

    `results` are OBX-11 and OBX-5 by code; `order` is what an order becomes by it, and its priority, each empty where
    it is left as it is. One `again` has the bytes of one that was told before.
    """

    name: str
    raw: bytes
    kind: Kind
    number: str
    patient: str
    results: dict[str, Said] = field(default_factory=dict)
    order: Said = ("", "")
    survivor: str = ""
    again: bool = False


def day(sender: int, seed: int) -> Iterator[Told]:
    """Yield one sender's messages without end: stories begin by chance, and each goes on when its turn comes."""
    chance = random.Random(f"{seed}-{sender}")  # noqa: S311 — for a test that can be repeated
    running: list[Iterator[Told]] = []
    begun = 0
    while True:
        while len(running) < AT_ONCE:
            begun += 1
            tell = chance.choices((_report, _order, _merge, _held), weights=(12, 5, 3, 1))[0]
            running.append(tell(f"S{sender}N{begun}", chance))
        story = chance.choice(running)
        found = next(story, None)
        if found is None:
            running.remove(story)
        else:
            yield found


def _report(number: str, chance: random.Random) -> Iterator[Told]:
    """A report, often ordered before, with what its laboratory sends after it; at times a correction comes first."""
    patient = _patient_of(number)
    if chance.random() < 0.25:
        yield _of_order(number, patient, "NW", "requested", "R", "1", chance.choice(("ORM^O01", "OML^O21")))
    first = {code: ("F", value) for code, value in values_of(f"{number}.1").items()}
    told = [_of_report(number, patient, first, "1")]
    for step in range(2, 2 + chance.choice((0, 1, 1, 2, 3))):
        told.append(_next_of_report(told, f"{number}.{step}", chance))
    if len(told) > 1 and told[1].results[GLUCOSE][0] == "C" and chance.random() < 0.5:
        told[:2] = told[1], told[0]
    yield from told


def _next_of_report(told: list[Told], name: str, chance: random.Random) -> Told:
    what = chance.choice(("C", "C", "F", "both", "X", "D", "again", "same"))
    if what == "again":
        return replace(chance.choice(told), again=True)
    last, new = told[-1], values_of(name)
    latest = next(one for one in reversed(told) if not one.again)
    step = name.rpartition(".")[2]
    if what == "same":
        return _of_report(last.number, last.patient, latest.results, step)
    if what == "both":
        return _of_report(last.number, last.patient, {code: ("F", value) for code, value in new.items()}, step)
    value = latest.results[GLUCOSE][1] if what in "XD" else new[GLUCOSE]
    potassium = ("F", latest.results[POTASSIUM][1])
    return _of_report(last.number, last.patient, {GLUCOSE: (what, value), POTASSIUM: potassium}, step)


def _order(number: str, chance: random.Random) -> Iterator[Told]:
    """An order: new, accepted, made urgent, cancelled, and some of it sent again."""
    patient, kind = _patient_of(number), chance.choice(("ORM^O01", "OML^O21"))
    told = [_of_order(number, patient, "NW", "requested", "R", "1", kind)]
    steps = chance.sample(("accept", "hurry", "again", "same"), k=chance.randint(0, 3))
    for step, what in enumerate([*steps, *chance.choice(((), ("cancel",), ("cancel", "again")))], start=2):
        if what == "again":
            told.append(replace(chance.choice(told), again=True))
        elif what == "same":
            latest = next(one for one in reversed(told) if not one.again)
            name = f"{number}.O{step}"
            told.append(replace(latest, name=name, raw=latest.raw.replace(latest.name.encode(), name.encode())))
        else:
            said = {"accept": ("SC", "accepted", ""), "hurry": ("XO", "", "S"), "cancel": ("CA", "cancelled", "")}[what]
            told.append(_of_order(number, patient, *said, str(step), kind))
    yield from told


def _merge(number: str, chance: random.Random) -> Iterator[Told]:
    """Two numbers of one patient, of which one is given up for the other while results come under both."""
    prior, survivor = f"{number}A", f"{number}B"
    a40 = Told(
        f"{number}.M",
        message(_pid(survivor), f"MRG|{prior}^^^SX^MR", kind="ADT^A40", control_id=f"{number}.M"),
        "merge",
        prior,
        survivor,
        survivor=survivor,
    )
    reports = [
        _of_report(f"{number}{mark}", patient, _final(f"{number}{mark}.1"), "1")
        for mark, patient in (("a", prior), ("b", survivor), ("c", prior))
    ]
    told = [*reports[:2], a40, reports[2]]
    if chance.random() < 0.3:
        told[1], told[2] = told[2], told[1]
    if chance.random() < 0.5:
        told.append(replace(a40, again=True))
    yield from told


def _held(number: str, chance: random.Random) -> Iterator[Told]:
    """A report of a code that nobody mapped; what comes for it later waits behind it."""
    patient = _patient_of(number)
    unknown = "OBX|1|NM|ZZ9^Unknown^L||1|mmol/L|||||F"
    raw = message(_pid(patient), _obr(number), unknown, control_id=f"{number}.1")
    yield Told(f"{number}.1", raw, "held", number, patient)
    if chance.random() < 0.5:
        yield replace(_of_report(number, patient, _final(f"{number}.2"), "2"), kind="held")


def values_of(name: str) -> dict[str, str]:
    """Return glucose and potassium of a message, apart for each, as they are written: with their last zeros."""
    mark = crc32(name.encode())
    return {GLUCOSE: f"{3 + mark % 20_000 / 1000:.3f}", POTASSIUM: f"{2 + mark // 20_000 % 5000 / 1000:.3f}"}


def _final(name: str) -> dict[str, Said]:
    return {code: ("F", value) for code, value in values_of(name).items()}


def _of_report(number: str, patient: str, results: dict[str, Said], step: str) -> Told:
    name = f"{number}.{step}"
    lines = [_obx(place, code, *said) for place, (code, said) in enumerate(results.items(), start=1)]
    raw = message(_pid(patient), _obr(number), *lines, control_id=name)
    return Told(name, raw, "report", number, patient, results)


def _of_order(number: str, patient: str, control: str, status: str, priority: str, step: str, kind: str) -> Told:
    name = f"{number}.O{step}"
    orc = f"ORC|{control}|{number}|||{'IP' if status == 'accepted' else ''}||1^^^20261121070000^^{priority}"
    obr = f"OBR|1|{number}||CHEM^Chemistry^L|||20261120063000"
    raw = message(_pid(patient), orc, obr, kind=kind, control_id=name)
    return Told(name, raw, "order", number, patient, order=(status, priority))


def _obr(number: str) -> str:
    return f"OBR|1|{number}|{number}|CHEM^Chemistry^L|||20261120070000|||||||||||||||20261120090000|||F"


def _obx(place: int, code: str, status: str, value: str) -> str:
    test = f"{code}^{NAMES[code]}^LN||{value}|mmol/L|{INTERVALS[code]}"
    return f"OBX|{place}|NM|{test}|N|||{status}|||20261120070000||C6|||20261120080000"


def _pid(patient: str) -> str:
    """Return PID of a patient whom no other is like; both numbers of a merge are of one."""
    who = patient.rstrip("AB")
    born = 19400101 + 10000 * (crc32(who.encode()) % 80)
    return f"PID|1||{patient}^^^SX^MR||Nguyễn^{who}^Thị||{born}|F"


def _patient_of(number: str) -> str:
    """Return the patient of a report or an order; a sender's stories are about fifty."""
    sender, _, story = number.partition("N")
    return f"P{int(story) % 50}-{sender}"
