"""How PostgreSQL carried out the very statements that were sent: by which indexes, and how many rows it looked at.

auto_explain tells it in the session itself, so that prepared statements and plans that are kept are told as they ran.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

Node = dict[str, Any]
_TELL = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_buffers = on;
SET auto_explain.log_format = json; SET auto_explain.log_level = notice; SET auto_explain.sample_rate = 1;
"""
_SAY_NOTHING = "SET auto_explain.log_min_duration = -1"
_PARENTS = "SELECT inhrelid::regclass::text, inhparent::regclass::text FROM pg_inherits"
_TABLES = "SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index"
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan")


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement as it ran, or several as one.

    `scans` are the nodes that read a table or an index and were reached at all, `blocks` how many of 8 kB it read;
    `parents` are the tables and indexes of partitions, and `tables` the tables of indexes.
    """

    statement: str
    scans: tuple[Node, ...]
    blocks: int
    parents: dict[str, str]
    tables: dict[str, str]

    def _whole(self, name: str) -> str:
        return self.parents.get(name, name)

    @property
    def read_through(self) -> set[str]:
        """The tables that were read from end to end, without an index, where they hold anything."""
        through = [one for one in self.scans if one["Node Type"] == "Seq Scan" and one["Actual Rows"] + _left_out(one)]
        return {self._whole(one["Relation Name"]) for one in through}

    @property
    def indexes(self) -> set[str]:
        """The indexes that were used; those of partitions by the name of the whole."""
        return {self._whole(one["Index Name"]) for one in self.scans if "Index Name" in one}

    def partitions(self, *, by: str) -> set[str]:
        """The partitions that were looked into by an index of the whole table."""
        return {self.tables[one["Index Name"]] for one in self.scans if self._whole(one.get("Index Name", "")) == by}

    def rows_of(self, *tables: str) -> float:
        """How many rows of some tables were looked at, those that were then left out among them."""
        return sum(
            (one["Actual Rows"] + _left_out(one)) * one["Actual Loops"]
            for one in self.scans
            if self._whole(one.get("Relation Name", "")) in tables
        )


def together(several: Sequence[Plan]) -> Plan:
    """Return what several statements did as that of one."""
    text, scans = "\n".join(one.statement for one in several), tuple(scan for one in several for scan in one.scans)
    return Plan(text, scans, sum(one.blocks for one in several), several[0].parents, several[0].tables)


def _left_out(node: Node) -> float:
    return sum(value for name, value in node.items() if name.startswith("Rows Removed by"))


@contextmanager
def plans() -> Iterator[list[Plan]]:
    """Give the plans of all statements of this connection that run meanwhile, in their order."""
    connection.ensure_connection()
    session: psycopg.Connection[Any] = connection.connection
    with session.cursor() as cursor:
        parents, tables = (dict(cursor.execute(one).fetchall()) for one in (_PARENTS, _TABLES))
    found: list[Plan] = []

    def keep(told: psycopg.errors.Diagnostic) -> None:
        text = told.message_primary or ""
        if "plan:" in text:
            plan = json.loads(text.partition("plan:")[2])
            scans = tuple(one for one in _nodes(plan["Plan"]) if one["Node Type"] in _SCANS and one["Actual Loops"])
            blocks = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
            found.append(Plan(plan["Query Text"], scans, blocks, parents, tables))

    session.execute(_TELL)
    session.add_notice_handler(keep)
    try:
        yield found
    finally:
        session.execute(_SAY_NOTHING, prepare=False)  # which ends the last statement, that then is told
        session.remove_notice_handler(keep)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for one in node.get("Plans", []):
        yield from _nodes(one)
