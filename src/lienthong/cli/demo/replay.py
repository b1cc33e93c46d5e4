"""Replays the input files through the same actions that pages, commands and listeners call."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from lienthong.cli.demo import accounts, eqa_round
from lienthong.cli.demo.inputs import Inputs
from lienthong.cli.demo.open.room import import_room, import_room_scores
from lienthong.cli.message_files import read_messages
from lienthong.cli.progress import Steps
from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.eqa import actions as eqa
from lienthong.eqa import reads as eqa_reads
from lienthong.errors import BadInput
from lienthong.exchange import actions as exchange
from lienthong.exchange.controls import actions as exchange_controls
from lienthong.exchange.listening.client import send_messages
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.iqc import actions as iqc
from lienthong.iqc import reads as iqc_reads
from lienthong.recognition import actions as recognition
from lienthong.registry import actions as registry
from lienthong.registry import reads as registry_reads

REGISTRY_FILES = (
    *("regions", "facilities", "laboratories", "analytes"),
    *("staff", "instruments", "procedures", "comparability", "levels", "scopes"),
)
FIRST_GRANTS_DAYS_AGO = 14
FURTHER_FACILITY = "30012"


class Report(Protocol):
    """What every import returns."""

    @property
    def findings(self) -> Sequence[Finding]: ...


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay of a folder of input files, in the order in which things happened."""

    inputs: Inputs
    steps: Steps

    def history(self) -> None:
        """Replay registry, quality control and EQA, and judge the rights on the days when evidence arrived."""
        by, anchor = system_user("demonstration"), self.inputs.anchor
        self._registry(by, anchor - dt.timedelta(days=60))
        self._controls(by, anchor)
        self._outside_eqa(by, anchor - dt.timedelta(days=40))
        self._judge("rights judged for the first time", by, anchor - dt.timedelta(days=FIRST_GRANTS_DAYS_AGO))
        self._eqa_round(by, anchor)
        self._judge("rights judged after the round", by, anchor - dt.timedelta(days=eqa_round.FINAL_DAYS_AGO))
        self._judge("rights judged today", by, anchor)

    def messages(self, *, port: int) -> None:
        """Send every message over MLLP; one that was cut off hangs up."""
        files = self.inputs.messages()
        forward = self.steps.advance("messages sent over MLLP", len(files))
        whole = [data for name, data in files if not name.endswith(".cut")]
        for data in (data for name, data in files if name.endswith(".cut")):
            _send_cut_off(data, port)
            forward(1)
        send_messages(whole, "127.0.0.1", port, connections=8, on_progress=forward)

    def further_messages(self, paths: Sequence[Path], *, port: int) -> None:
        """Send the messages of further folders as they are, as if their senders were systems of one hospital here."""
        found = [data for _, data in read_messages(paths)]
        by, at = system_user("demonstration"), self.inputs.anchor
        headers = [header for header in map(hl7v2.header, found) if header and header.sending_application]
        senders = dict.fromkeys((header.sending_application, header.sending_facility) for header in headers)
        for number, (application, facility) in enumerate(senders, start=1):
            entry = exchange.SenderEntry(
                code=f"FURTHER-{number:03d}",
                sending_application=application,
                sending_facility=facility,
                facility=FURTHER_FACILITY,
            )
            exchange.register_source(entry, by=by, at=at)
        forward = self.steps.advance("further messages sent over MLLP", len(found))
        send_messages(found, "127.0.0.1", port, connections=4, on_progress=forward)

    def _registry(self, by: User, at: dt.datetime) -> None:
        forward = self.steps.advance("registry and assessments imported", len(REGISTRY_FILES) + 2)
        for kind in REGISTRY_FILES:
            name = f"registry/{kind}.csv"
            _stored(registry.import_table(kind, self.inputs.bytes_of(name), name, by=by, at=at))
            forward(1)
        accounts.create_accounts(by=by, at=at)
        forward(1)
        import_room(self.inputs, by=by, at=at)
        self._senders(by, at)
        forward(1)

    def _senders(self, by: User, at: dt.datetime) -> None:
        """Register each laboratory's system, and the local codes of those that have their own."""
        second = system_user("demonstration-second-person")
        facilities = {
            facility.id: facility for facility in registry_reads.facilities(on=timezone.localdate(at)).values()
        }
        for facility in facilities.values():
            entry = exchange.SenderEntry(
                code=f"LIS{facility.code}",
                sending_application=f"LIS{facility.code}",
                sending_facility=facility.code,
                facility=facility.code,
            )
            exchange.register_source(entry, by=by, at=at)
        for row in self.inputs.rows("local-codes.csv"):
            mapping = exchange.propose_mapping(**row, valid_from=timezone.localdate(at), by=by, at=at)
            exchange.confirm_mapping(mapping, by=second, at=at)

    def _controls(self, by: User, anchor: dt.datetime) -> None:
        with self.steps.step("control targets imported"):
            targets = self.inputs.bytes_of("iqc-targets.csv")
            _stored(iqc.import_targets(targets, "iqc-targets.csv", by=by, at=anchor))
        with self.steps.step("45 days of control runs judged"):
            _stored(iqc.import_runs(self.inputs.bytes_of("iqc-runs.csv"), "iqc-runs.csv", by=by, at=anchor))
        codes = {one.code: one.id for one in registry_reads.procedures(on=timezone.localdate(anchor)).values()}
        self._control_materials(by, anchor, lots=iqc_reads.control_lots(codes.values()))
        with self.steps.step("resets and corrective actions recorded"):
            for row in self.inputs.json("iqc-resets.json"):
                at_event = dt.datetime.fromisoformat(row["at"])
                iqc.record_reset([codes[row["procedure"]]], row["kind"], at_event=at_event, by=by, at=anchor)
            for row in self.inputs.json("iqc-actions.json"):
                systems = [codes[code] for code in row["procedures"].split()]
                open_ones = [one.violation_id for one in iqc_reads.brackets(systems) if one.end is None]
                done_at = dt.datetime.fromisoformat(row["done_at"])
                iqc.record_action(open_ones, row["cause"], row["action"], by=by, at=anchor, done_at=done_at)

    def _control_materials(self, by: User, at: dt.datetime, *, lots: Sequence[iqc_reads.ControlLotFacts]) -> None:
        """Say which lot and level each number of a control specimen is; a second person confirms it."""
        second = system_user("demonstration-second-person")
        known = {(one.material, one.lot, str(one.level)): one for one in lots}
        first_day = timezone.localdate(at - dt.timedelta(days=60))
        for row in self.inputs.rows("control-materials.csv"):
            mapping = exchange_controls.propose_control_mapping(
                source=row["source"],
                material=row["material"],
                control_lot_id=known[row["control"], row["lot"], row["level"]].id,
                valid_from=first_day,
                by=by,
                at=at,
            )
            exchange_controls.confirm_control_mapping(mapping, by=second, at=at)

    def _outside_eqa(self, by: User, at: dt.datetime) -> None:
        with self.steps.step("scores of outside providers imported"):
            for row in self.inputs.json("eqa-schemes.json"):
                region_ids = registry_reads.region_ids(row.pop("regions")).values()
                eqa.create_scheme(**row, region_ids=region_ids, by=by, at=at)
            _stored(eqa.import_scores(self.inputs.bytes_of("eqa-outside.csv"), "eqa-outside.csv", by=by, at=at))
            import_room_scores(self.inputs, by=by, at=at)

    def _eqa_round(self, by: User, anchor: dt.datetime) -> None:
        opened, closed, final = (anchor - dt.timedelta(days=eqa_round.FINAL_DAYS_AGO + days) for days in (20, 4, 0))
        with self.steps.step("EQA round of 45 laboratories scored"):
            _stored(eqa.import_plan(self.inputs.bytes_of("eqa-plan.csv"), "eqa-plan.csv", by=by, at=opened))
            name = f"{eqa_round.SCHEME}/{eqa_round.ROUND}"
            results = self.inputs.bytes_of("eqa-results.csv")
            _stored(eqa.import_results(name, results, "eqa-results.csv", by=by, at=closed - dt.timedelta(days=2)))
            round_id = next(one.round_id for one in eqa_reads.round_summary() if one.status == "open")
            eqa.close_round(round_id, by=by, at=closed)
            eqa.score_round(round_id, by=by, at=closed)
            eqa.publish_final(round_id, by=by, at=final)

    def _judge(self, words: str, by: User, at: dt.datetime) -> None:
        with self.steps.step(words):
            recognition.recompute_grants(list(registry_reads.procedures(on=timezone.localdate(at))), by=by, at=at)


def _stored(report: Report) -> None:
    if report.findings:
        raise BadInput(report.findings)


def _send_cut_off(data: bytes, port: int) -> None:
    """Send the beginning of a frame and hang up, as a sender does whose line breaks."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(data)
