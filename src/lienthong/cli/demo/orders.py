"""Ten sample orders: earlier results that stand, don't stand or are for reference, and what each implies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lienthong.cli.demo import people
from lienthong.cli.demo.messages import Sender, Sent

STANDS, REFERENCE, FALLS, NOTHING = "stands", "for_reference", "does_not_stand", "no_earlier_result"


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """An order of a clinician, the messages that bring the earlier results, and the outcome of each item."""

    number: str
    title: str
    facility: str
    messages: tuple[Sent, ...]
    outcomes: dict[str, str]
    encounter_class: str | None = "outpatient"
    purposes: tuple[str, ...] | None = ()

    @property
    def first(self) -> Sent:
        return self.messages[0]


def sample_orders(sender: Sender) -> Iterator[SampleOrder]:
    """Yield the ten orders; each brings its own patient."""
    yield _order(
        sender, 1, "diabetes check, sugar of three weeks ago", [("30001", ("HBA1C",), 6 * 24)], {"HBA1C": STANDS}
    )
    yield _order(
        sender,
        2,
        "lipids, two ages",
        [("30001", ("TC",), 4 * 24), ("30007", ("UA",), 9 * 24)],
        {"TC": STANDS, "UA": REFERENCE, "TSH": NOTHING},
    )
    yield _order(
        sender, 3, "potassium while the control was out", [("30001", ("K", "NA"), 2.5)], {"K": FALLS, "NA": STANDS}
    )
    yield _order(sender, 4, "laboratory that failed EQA", [("30205", ("UREA",), 10)], {"UREA": FALLS})
    yield _order(sender, 5, "laboratory without controls for days", [("30102", ("GLU",), 10)], {"GLU": REFERENCE})
    yield _order(sender, 6, "negative HBsAg", [("30001", ("HBSAG",), 12)], {"HBSAG": FALLS})
    yield replace(
        _order(sender, 7, "emergency", [("30001", ("HBA1C", "GLU"), 6)], {"HBA1C": REFERENCE, "GLU": REFERENCE}),
        encounter_class="emergency",
    )
    yield replace(
        _order(sender, 8, "kind of visit not known", [("30001", ("TC",), 30)], {"TC": REFERENCE}), encounter_class=None
    )
    yield replace(
        _order(sender, 9, "higher level asked to accept a lower", [("30101", ("TC",), 20)], {"TC": FALLS}),
        facility="30001",
    )
    yield _longnan(sender)


def _order(
    sender: Sender, serial: int, title: str, results: list[tuple[str, tuple[str, ...], float]], outcomes: dict[str, str]
) -> SampleOrder:
    """Return an order at the district centre of Thanh Bình, for one of its patients who was seen elsewhere since."""
    patient = people.vietnamese(sender.draw, 50_000 + serial)
    seen = [("30101", ("CREA",), 20.0 * 24), *results]
    messages = tuple(sender.message(code, patient, keys, hours_ago=hours) for code, keys, hours in seen)
    return SampleOrder(f"DEMO-{serial:02d}", title, "30101", messages, outcomes)


def _longnan(sender: Sender) -> SampleOrder:
    """Return an order in Longnan: no window is set, the clinician judges; one item lacks its three years."""
    patient = people.chinese(sender.draw, 77)
    sent = sender.message("360783002", patient, ("GLU", "ALT"), hours_ago=3 * 24)
    sent = replace(sent, charset="GB 18030-2000", encoding="gb18030")
    outcomes = {"GLU": STANDS, "ALT": FALLS}
    return SampleOrder("DEMO-10", "Longnan: three years of EQA", "360783001", (sent,), outcomes)
