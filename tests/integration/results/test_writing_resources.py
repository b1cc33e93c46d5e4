"""Resources that two transactions make at once: whoever comes second waits for the first, and is told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from lienthong.core.actions import system_user
from lienthong.core.bulk import fetch_rows
from lienthong.results import actions as results
from lienthong.results.actions import ResourceDraft, VersionConflict
from lienthong.results.models import Resource

LONGEST = 20  # seconds
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"


def device(name: UUID, *, content: str = '{"resourceType":"Device","id":"d1"}', **said: object) -> ResourceDraft:
    base = {"name": name, "kind": "Device", "source": "SX", "own_id": "d1", "facility_id": 1, "inbox_id": 1}
    return ResourceDraft(**base | {"content": content} | said)  # type: ignore[arg-type]  # by name


@pytest.mark.django_db(transaction=True)
def test_resource_that_another_makes_meanwhile_is_a_conflict() -> None:
    name, by, has_written = uuid4(), system_user("exchange"), Event()

    def write_first() -> None:
        try:
            with transaction.atomic():
                results.store_resources([device(name)], by=system_user("exchange"))
                has_written.set()
                _wait_for_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(write_first)
        assert has_written.wait(LONGEST)
        with pytest.raises(VersionConflict):
            results.store_resources([device(name, content="{}"), device(uuid4())], by=by)
        first.result(LONGEST)

    assert [(one.pk, one.version) for one in Resource.objects.all()] == [(name, 1)]


def _wait_for_waiting() -> None:
    until = time.monotonic() + LONGEST
    while not fetch_rows(WAITING, []):
        assert time.monotonic() < until, "nobody waits"
        time.sleep(0.005)


@pytest.mark.django_db
def test_content_and_what_it_is_found_by_come_back_as_they_were_written() -> None:
    content = '{"resourceType":"Device","id":"d1","note":[{"text":"a\\\\b \\"c\\"\\t{d}, Đào"}]}'
    first = device(uuid4(), content=content, tokens=(-5, 7), ranges={"amount": [(1.5, 250.0)]})
    changed = device(first.name, content=content + " ", tokens=(7,), ranges={})

    for one, version in ((first, 1), (changed, 2)):
        [written] = results.store_resources([one], by=system_user("exchange"))
        stored = Resource.objects.get()
        assert (written.version, stored.version) == (version, version)
        assert (stored.content, stored.tokens, stored.ranges) == (
            one.content,
            [*one.tokens],
            {key: [[*pair] for pair in pairs] for key, pairs in one.ranges.items()},
        )
