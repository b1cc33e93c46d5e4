"""The input of the demonstration as files: what is replayed is read from here, never from the generator."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lienthong.cli.demo import controls, eqa_round, faults, messages, orders, registry
from lienthong.cli.demo.open import inputs as open_inputs
from lienthong.cli.demo.open.places import ROOM
from lienthong.cli.demo.province import HD, LONGNAN, Province, build, zone_of
from lienthong.core.packs import policy_for

NOTE = "Generated input of the demonstration. Every person, laboratory and result in this folder is invented.\n"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The folder of input files, and the instant up to which its history runs."""

    folder: Path

    @property
    def anchor(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.manifest()["anchor"])

    def manifest(self) -> dict[str, Any]:
        """Return the answer key: what the generator planted, and so what the numbers must be."""
        found: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())
        return found

    def bytes_of(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def messages(self) -> list[tuple[str, bytes]]:
        """Return name and bytes of every message in the order of sending; `.cut` is the beginning of a frame."""
        return [(path.name, path.read_bytes()) for path in sorted((self.folder / "messages").iterdir())]


def write_inputs(folder: Path, *, anchor: dt.datetime, only: Collection[str] | None = None) -> Inputs:
    """Generate the input of a province, or of some of its places, whose history ends at the anchor."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "messages").mkdir(parents=True)
    (folder / "README.txt").write_text(NOTE)
    province = build(only)
    registry.write(folder / "registry", province, anchor=anchor)
    _csv(folder / "iqc-targets.csv", controls.targets(province, anchor=anchor))
    _csv(folder / "iqc-runs.csv", controls.runs(province, anchor=anchor))
    _json(folder / "iqc-resets.json", controls.resets(province, anchor=anchor))
    _json(folder / "iqc-actions.json", controls.actions(province, anchor=anchor))
    _json(folder / "eqa-schemes.json", eqa_round.SCHEMES)
    _csv(folder / "local-codes.csv", messages.local_codes(province))
    _csv(folder / "control-materials.csv", messages.control_materials(province))
    _csv(folder / "eqa-plan.csv", eqa_round.plan(province, anchor=anchor))
    _csv(folder / "eqa-results.csv", eqa_round.results(province, anchor=anchor))
    _csv(folder / "eqa-outside.csv", eqa_round.outside_scores(province, anchor=anchor))
    _write_messages(folder, province, anchor=anchor)
    return Inputs(folder)


def _write_messages(folder: Path, province: Province, *, anchor: dt.datetime) -> None:
    sender = messages.Sender(province, anchor=anchor)
    sample = list(orders.sample_orders(sender))
    sent = [*messages.ordinary(sender), *messages.faulty(sender), *(one for order in sample for one in order.messages)]
    for number, message in enumerate(sent, start=1):
        suffix = "cut" if message.cut_at else "hl7"
        (folder / "messages" / f"{number:04d}.{suffix}").write_bytes(message.sent_bytes())
    _json(folder / "orders.json", [_order(order) for order in sample])
    implied = open_inputs.write(folder / "open", province, anchor=anchor)
    manifest = _manifest(province, sent, sample, anchor=anchor)
    _json(folder / "manifest.json", manifest | {"open": implied, "grants": _with_room(manifest["grants"], implied)})


def _order(order: orders.SampleOrder) -> dict[str, object]:
    first = order.first
    return {
        "number": order.number,
        "title": order.title,
        "facility": order.facility,
        "source": first.sender or f"LIS{first.place.code}",
        "local_id": first.local_id,
        "items": list(order.outcomes),
        "encounter_class": order.encounter_class,
        "purposes": None if order.purposes is None else list(order.purposes),
    }


def _manifest(
    province: Province, sent: list[messages.Sent], sample: list[orders.SampleOrder], *, anchor: dt.datetime
) -> dict[str, Any]:
    states = [message.state for message in sent]
    return {
        "anchor": anchor.isoformat(),
        "messages": {
            "received": len(sent),
            "states": {state: states.count(state) for state in sorted(set(states))},
            "results_stored": sum(message.implied_results for message in sent),
            "results_held": sum(message.held for message in sent),
            "faults": _counted(message.note for message in sent if message.note),
        },
        "iqc": _counted(faults.iqc_state(system) for system in province.systems if system.has_controls),
        "eqa": {
            "systems": len(eqa_round.enrolled(province)),
            "failed": len([code for code in faults.EQA_FAILED if _is_enrolled(province, code)]),
        },
        "grants": faults.grants(province, listed=_listed(anchor)),
        "orders": {order.number: order.outcomes for order in sample},
    }


def _with_room(grants: dict[str, int], implied: Mapping[str, object]) -> dict[str, int]:
    """Count the right of the ultrasound room, whose images were reviewed in three years, where there is one."""
    has_room = ROOM.code in implied
    return grants | ({"in_force": grants.get("in_force", 0) + 1} if has_room else {})


def _listed(anchor: dt.datetime) -> dict[str, set[str]]:
    """Return for each region the analytes that its list of items holds."""
    paths = {HD: ("VN", "VN-HP", HD), LONGNAN: ("CN", "CN-36", "CN-3607", LONGNAN)}
    days = {region: anchor.astimezone(ZoneInfo(zone_of(region))).date() for region in paths}
    return {
        region: {key for item in policy_for(path, days[region]).items for key in item.analytes}
        for region, path in paths.items()
    }


def _is_enrolled(province: Province, code: str) -> bool:
    return any(system.code == code for system in eqa_round.enrolled(province))


def _counted(values: Iterable[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for value in values:
        counted[value] = counted.get(value, 0) + 1
    return counted


def _csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1))
