"""What must be stored of messages that were acknowledged, told by what they say alone; and whether it is."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.integration.exchange.cluster import ROOT, Cluster, wait_until
from tests.integration.exchange.stories import INTERVALS, Said, Told

WITHDRAWN = frozenset("DX")
VERSIONS = """
SELECT r.number, p.local_id, v.local_code, v.version, v.status, v.reported_value, v.value, v.reported_unit,
  v.reference_range, v.is_current, old.version, i.control_id, i.state
FROM results_result v JOIN results_report r ON r.id = v.report_id
JOIN results_patientrecord p ON p.id = v.patient_record_id AND p.id = r.patient_record_id
JOIN results_inbox i ON i.id = v.inbox_id
LEFT JOIN results_result old ON old.id = v.replaces AND old.key = v.key AND old.report_id = v.report_id
"""
LEAVES = """
SELECT r.number, kept.version, count(leaf.entry) FROM results_report_version kept
JOIN results_report r ON r.id = kept.report_id LEFT JOIN core_log_leaf leaf ON leaf.entry = kept.id
GROUP BY kept.id, r.number, kept.version
"""
ORDERS = """
SELECT o.placer_number, v.version, v.status, v.priority, v.is_current FROM results_orderversion v
JOIN results_order o ON o.id = v.order_id JOIN results_patientrecord p ON p.id = o.patient_record_id
"""
# How often a prior number was joined: by a merge of two persons, or by a record that was made for it.
JOINED = """
SELECT number.local_id, survivor.local_id, count(DISTINCT number.id), count(DISTINCT link.person_id),
  (SELECT count(*) FROM results_personmerge m JOIN results_inbox i ON i.id = m.inbox_id
   WHERE i.control_id = message.control_id)
  + (SELECT count(*) FROM results_personlink made WHERE made.record_id = gone.id AND made.reason = 'sender'),
  (SELECT count(*) FROM results_patientrecord p JOIN results_personlink l ON l.record_id = p.id
   WHERE l.superseded_at IS NULL AND l.person_id = min(link.person_id))
FROM results_priornumber number JOIN results_patientrecord survivor ON survivor.id = number.record_id
JOIN results_patientrecord gone ON gone.local_id = number.local_id AND gone.source = number.source
JOIN results_inbox message ON message.id = number.inbox_id
JOIN results_personlink link ON link.record_id IN (survivor.id, gone.id) AND link.superseded_at IS NULL
GROUP BY number.local_id, survivor.local_id, message.control_id, gone.id
"""


@dataclass(slots=True)
class Report:
    """A report as its messages imply: of each result the versions, oldest first, and how often the report changed.

    A version is number, status, value, the number of what it replaces, and the message that told it.
    """

    patient: str
    chains: dict[str, list[tuple[int, str, str, int | None, str]]] = field(default_factory=dict)
    version: int = 0

    def take(self, told: Told) -> bool:
        """Apply a message, and return whether it changes anything."""
        changes = [self._take(code, *said, told.name) for code, said in told.results.items()]
        self.version += any(changes)
        return any(changes)

    def _take(self, code: str, letter: str, value: str, name: str) -> bool:
        chain = self.chains.setdefault(code, [])
        if not chain:
            amends = letter != "F"
            chain.append((2 if amends else 1, _status(letter, is_changed=amends), value, None, name))
            return True
        number, status, last, _replaced, told_by = chain[-1]
        if number == 2 and len(chain) == 1 and letter == "F":
            chain[:] = [(1, "final", value, None, name), (2, status, last, 1, told_by)]
            return True
        if last == value and (letter == "F" or _status(letter, is_changed=True) == status):
            return False
        if letter in WITHDRAWN and status == "withdrawn":
            return False
        chain.append((number + 1, _status(letter, is_changed=True), value, number, name))
        return True

    def rows(self, number: str) -> list[tuple[object, ...]]:
        return [
            (
                *(number, self.patient, code, version, status, value, Decimal(value), "mmol/L", INTERVALS[code]),
                *(place == len(chain), replaced, name, "stored"),
            )
            for code, chain in self.chains.items()
            for place, (version, status, value, replaced, name) in enumerate(chain, start=1)
        ]


def _status(letter: str, *, is_changed: bool) -> str:
    if letter in WITHDRAWN:
        return "withdrawn"
    return "corrected" if is_changed else "final"


@dataclass(slots=True)
class Implied:
    """What messages imply, given as they were acknowledged; `changed` are the control ids of those that change any."""

    reports: dict[str, Report] = field(default_factory=dict)
    orders: dict[str, list[Said]] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    changed: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def take(self, told: Told) -> None:
        self.names.add(told.name)
        if told.again:
            return
        if told.kind == "held":
            self.held[told.number].append(told.name)
        elif told.kind == "merge":
            self.merges[told.number] = told.survivor
            self.changed.add(told.name)
        elif self._take_order(told) if told.kind == "order" else self._take_report(told):
            self.changed.add(told.name)

    def _take_report(self, told: Told) -> bool:
        return self.reports.setdefault(told.number, Report(told.patient)).take(told)

    def _take_order(self, told: Told) -> bool:
        versions = self.orders.setdefault(told.number, [])
        last = versions[-1] if versions else ("", "")
        now = (told.order[0] or last[0], told.order[1] or last[1])
        if now != last:
            versions.append(now)
        return now != last

    def effect(self, name: str) -> str:
        """Return what becomes of a message: of all its copies one, at most, does anything."""
        for first, *behind in self.held.values():
            if name == first:
                return "heldcode-unknown"
            if name in behind:
                return "received"
        return "stored" if name in self.changed else "duplicate"

    def orders_with_reports(self) -> dict[str, list[Said]]:
        """Return the states of each order; a final report completes the order that it answers."""
        return {
            number: [*states, ("completed", states[-1][1])] if number in self.reports else states
            for number, states in self.orders.items()
        }


def check_messages(cluster: Cluster, implied: Implied, raw: dict[str, bytes], attempts: Counter[str]) -> None:
    """Each message is kept as often as it may be, byte for byte, and took effect once, or is held with its reason."""
    kept: dict[str, Counter[str]] = defaultdict(Counter)
    for name, state, reason, bytes_kept in cluster.ask("SELECT control_id, state, reason, raw FROM results_inbox"):
        assert bytes(bytes_kept) == raw.get(name), f"other bytes than those of {name}"
        kept[name][state + reason] += 1
    often = {name: (states.total(), attempts[name]) for name, states in kept.items()}
    _agree([(name, *counts) for name, counts in often.items() if counts[0] > counts[1]], [])
    found = [(name, _effect(states)) for name, states in kept.items()]
    _agree(found, [(name, implied.effect(name)) for name in implied.names])


def _effect(states: Counter[str]) -> str:
    """Return what the copies of a message did together; the words of all states where that is no usual thing."""
    once = {state for state, count in states.items() if count == 1}
    for first, others in (("stored", "duplicate"), ("heldcode-unknown", "received")):
        if first in once and set(states) <= {first, others}:
            return first
    return next(iter(states)) if len(states) == 1 and set(states) <= {"duplicate", "received"} else f"{dict(states)}"


def check_reports(cluster: Cluster, implied: Implied) -> None:
    """Each report has exactly the versions that its messages imply, each with its leaf, and the log is whole."""
    expected = [row for number, report in implied.reports.items() for row in report.rows(number)]
    _agree(cluster.ask(VERSIONS), expected)
    keys = "SELECT count(DISTINCT (report_id, local_code)), count(DISTINCT key) FROM results_result"
    _agree(cluster.ask(keys), [(2 * len(implied.reports),) * 2])
    reports = cluster.ask("SELECT number, version, status FROM results_report")
    stand = [(n, one.version, "corrected" if one.version > 1 else "final") for n, one in implied.reports.items()]
    _agree(reports, stand)
    leaves = [(n, version, 1) for n, one in implied.reports.items() for version in range(1, one.version + 1)]
    _agree(cluster.ask(LEAVES), leaves)
    _agree(cluster.ask("SELECT count(*) FROM core_log_leaf"), [(len(leaves),)])
    verify = [sys.executable, "-m", "lienthong", "log", "verify"]
    told = subprocess.run(verify, env=cluster.environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def check_orders(cluster: Cluster, implied: Implied) -> None:
    """Each order went through the states that were sent, and is in the last."""
    expected = [
        (number, version, *said, version == len(states))
        for number, states in implied.orders_with_reports().items()
        for version, said in enumerate(states, start=1)
    ]
    _agree(cluster.ask(ORDERS), expected)


def check_people(cluster: Cluster, implied: Implied) -> None:
    """The two numbers of each merge are one person's, by one merge, and nobody else's."""
    _agree(cluster.ask(JOINED), [(*pair, 1, 1, 1, 2) for pair in implied.merges.items()])
    _agree(cluster.ask("SELECT count(*) FROM results_personmerge WHERE undone_at IS NOT NULL"), [(0,)])


def check_audit(cluster: Cluster, implied: Implied) -> None:
    """What was received, what became of it, each merge and each signature is told once; so is each correction."""
    states = cluster.ask("SELECT state, count(*) FROM results_inbox WHERE state <> 'received' GROUP BY 1")
    told = (
        "SELECT key, sum(value::int) FROM core_audit_event, jsonb_each_text(detail) "
        "WHERE action = 'process' AND object_kind = 'inbox' GROUP BY 1"
    )
    _agree(cluster.ask(told), states)
    received = "SELECT sum((detail->>'messages')::int) FROM core_audit_event WHERE action = 'receive'"
    _agree(cluster.ask(received), cluster.ask("SELECT count(*) FROM results_inbox"))
    of_others = "SELECT count(*) FROM core_audit_event WHERE action = %s"
    _agree(cluster.ask(of_others, "merge-records"), [(len(implied.merges),)])
    _agree(cluster.ask(of_others, "merge-people"), cluster.ask("SELECT count(*) FROM results_personmerge"))
    _agree(cluster.ask(of_others, "sign"), cluster.ask("SELECT count(*) FROM core_log_checkpoint"))
    corrected = (
        "SELECT v.id::text FROM results_result v JOIN results_result old ON old.id = v.replaces "
        "WHERE old.id < v.id ORDER BY v.id"
    )
    happened = "SELECT key FROM core_happening WHERE kind = 'result-changed' ORDER BY key::bigint"
    _agree(cluster.ask(happened), cluster.ask(corrected))


def all_is_done(cluster: Cluster) -> bool:
    """Whether nothing waits for a worker but what is behind a held message, nor for the log."""
    waiting = (
        "SELECT 1 FROM results_inbox i WHERE state = 'received' AND NOT EXISTS (SELECT 1 FROM results_inbox earlier "
        "WHERE earlier.lane = i.lane AND earlier.id < i.id AND earlier.state = 'held') LIMIT 1"
    )
    return not cluster.ask(waiting) and not cluster.ask("SELECT 1 FROM core_log_waiting LIMIT 1")


def wait_until_done(cluster: Cluster) -> None:
    wait_until(lambda: all_is_done(cluster), seconds=180)


def _agree(found: Sequence[tuple[object, ...]], expected: Sequence[tuple[object, ...]]) -> None:
    """Raise AssertionError with what is there and should not be, and what should be and is not, as often as it is."""
    there, wanted = Counter(found), Counter(expected)
    more = [f"+{count} {row}" for row, count in (there - wanted).items()]
    less = [f"-{count} {row}" for row, count in (wanted - there).items()]
    assert not more + less, "\n".join([*sorted(more)[:20], *sorted(less)[:20]])
