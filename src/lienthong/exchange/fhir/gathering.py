"""Requests that write at the same time share one transaction: its statements and its wait for the disk.

As with messages of listeners, throughput is then not bounded by one commit a request. Requests of one system are
gathered; those of several write beside one another. Whoever finds nobody storing stores for all that wait with it.
"""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition

from django.db import connection

from lienthong.exchange.fhir.storing import Brought, Receipt, store

LARGEST = 32


@dataclass(slots=True, eq=False)
class _Request:
    brought: Brought
    answer: Future[Receipt] = field(default_factory=Future)


@dataclass(slots=True)
class Gathering:
    """The requests of one system in this process."""

    _changed: Condition = field(default_factory=Condition)
    _waiting: list[_Request] = field(default_factory=list)
    _is_storing: bool = False

    def store(self, brought: Brought) -> Receipt:
        """Store with others, and return or raise what came of this one."""
        own = _Request(brought)
        with self._changed:
            self._waiting.append(own)
            self._changed.wait_for(lambda: own.answer.done() or not self._is_storing)
            if own.answer.done():
                return own.answer.result()
            self._is_storing = True
            together = self._taken(own)
        try:
            _store_all(together)
        finally:
            with self._changed:
                self._is_storing = False
                self._changed.notify_all()
        return own.answer.result()

    def _taken(self, own: _Request) -> list[_Request]:
        """Take this request and others, of which no two write the same resource."""
        together, named = [own], own.brought.references
        for one in self._waiting:
            if one is not own and len(together) < LARGEST and named.isdisjoint(one.brought.references):
                together.append(one)
                named |= one.brought.references
        self._waiting = [one for one in self._waiting if one not in together]
        return together


_gatherings: dict[str, Gathering] = defaultdict(Gathering)


def store_gathered(brought: Brought) -> Receipt:
    """Store what a request brings; inside a transaction of the caller's by itself, as a part of it."""
    if connection.in_atomic_block:
        return store([brought])[0]
    return _gatherings[brought.caller.caller.client_id].store(brought)


def _store_all(together: list[_Request]) -> None:
    """Answer each; where they can't be stored together, each is tried by itself, so that nobody fails for another."""
    try:
        receipts = store([one.brought for one in together])
    except Exception as error:  # handed to the request that waits for it, which raises it again
        if len(together) == 1:
            together[0].answer.set_exception(error)
        else:
            for one in together:
                _store_all([one])
        return
    for one, receipt in zip(together, receipts, strict=True):
        one.answer.set_result(receipt)
