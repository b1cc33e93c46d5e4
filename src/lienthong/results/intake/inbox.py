"""The statements of the inbox: one receives a batch in one commit, one claims lanes, one says what became of them.

The table is at message rate, so it is read and written without the ORM; a listener sends the same statement over its
own asynchronous connection.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from lienthong.findings import Finding

LANE_LENGTH = 200
LISTENER = "system-listener"

# One statement is one commit: the raw messages and the batch's audit event stand or fall together.
RECEIVE = """
WITH kept AS (
  INSERT INTO results_inbox
    (source, sender, lane, control_id, message_type, raw, digest, received_at, state, reason, findings)
  SELECT source, sender, lane, control_id, message_type, raw, digest, received_at, state, reason, findings::jsonb
  FROM unnest(%(source)b::text[], %(sender)b::text[], %(lane)b::text[], %(control_id)b::text[],
              %(message_type)b::text[], %(raw)b::bytea[], %(digest)b::text[], %(received_at)b::timestamptz[],
              %(state)b::text[], %(reason)b::text[], %(findings)b::text[])
    WITH ORDINALITY AS arrived(source, sender, lane, control_id, message_type, raw, digest, received_at, state, reason,
                               findings, place)
  ORDER BY place
  RETURNING id, state
), told AS (
  INSERT INTO core_audit_event (at, actor, actor_label, action, object_kind, object_key, facility, relation, detail)
  SELECT %(at)s, %(actor)s, %(actor_label)s, 'receive', 'inbox', min(id)::text, '', '',
         jsonb_build_object('messages', count(*), 'rejected', count(*) FILTER (WHERE state = 'rejected'))
  FROM kept HAVING count(*) > 0
)
SELECT id FROM kept ORDER BY id
"""

# A lane is claimed from its beginning, so that no other worker holds an earlier message of it; nothing overtakes a
# message of its lane that is held. What was locked in vain is free again when the transaction ends.
_LOCKED = """
SELECT id, lane, octet_length(raw) AS size FROM results_inbox
WHERE state = 'received' AND NOT EXISTS (
  SELECT 1 FROM results_inbox earlier
  WHERE earlier.lane = results_inbox.lane AND earlier.id < results_inbox.id AND earlier.state = 'held'
)
ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_FREE = """
SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM locked
WHERE NOT EXISTS (
  SELECT 1 FROM results_inbox earlier
  WHERE earlier.lane = locked.lane AND earlier.id < locked.id AND earlier.state IN ('received', 'held')
    AND earlier.id NOT IN (SELECT id FROM locked)
)
"""
TAKE = f"""
WITH locked AS MATERIALIZED ({_LOCKED}), free AS MATERIALIZED ({_FREE})
SELECT inbox.id, source, sender, lane, control_id, message_type, raw, digest, received_at, attempts, affirmed_at
FROM free JOIN results_inbox inbox ON inbox.id = free.id
WHERE free.before < %(largest)s
ORDER BY inbox.id
"""  # noqa: S608 — made of constants

# What was found on receipt can't be found again: a batch's count is in no message of it. The rest is found anew by each
# attempt. The event of the batch is written beside.
FINISH = """
WITH told AS (
  INSERT INTO core_audit_event (at, actor, actor_label, action, object_kind, object_key, facility, relation, detail)
  VALUES (%(at)s, %(actor)s, %(actor_label)s, 'process', 'inbox', %(first)s::bigint::text, '', '', %(counts)s::jsonb)
)
UPDATE results_inbox SET
  state = CASE WHEN done.state = 'duplicate' AND results_stored > 0 THEN 'stored' ELSE done.state END,
  reason = done.reason,
  findings = jsonb_path_query_array(results_inbox.findings, '$[*] ? (@.on_receipt == true)') || done.findings::jsonb,
  results_stored = results_stored + done.stored, results_held = done.held, attempts = attempts + 1,
  processed_at = %(at)s,
  source = coalesce(nullif(done.source, ''), results_inbox.source)
FROM unnest(%(id)s::bigint[], %(state)s::text[], %(reason)s::text[], %(findings)s::text[], %(stored)s::int[],
            %(held)s::int[], %(source)s::text[]) AS done(id, state, reason, findings, stored, held, source)
WHERE results_inbox.id = done.id
"""

# Which of some messages came earlier, byte for byte, from the same source, and were stored whole.
PROCESSED_BEFORE = """
SELECT asked.id FROM unnest(%(id)s::bigint[], %(source)s::text[], %(digest)s::text[]) AS asked(id, source, digest)
WHERE EXISTS (
  SELECT 1 FROM results_inbox earlier
  WHERE earlier.digest = asked.digest AND earlier.source = asked.source AND earlier.id < asked.id
    AND earlier.results_held = 0 AND earlier.state IN ('stored', 'duplicate', 'control')
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as it came from the wire. `state` is received, or rejected with a reason that the sender was told."""

    raw: bytes
    received_at: dt.datetime
    source: str = ""
    sender: str = ""
    lane: str = ""
    control_id: str = ""
    message_type: str = ""
    state: str = "received"
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed message, locked until the transaction ends. Earlier ones of its lane are claimed with it."""

    id: int
    source: str
    sender: str
    lane: str
    control_id: str
    message_type: str
    raw: bytes
    digest: str = ""
    received_at: dt.datetime
    attempts: int = 0
    affirmed_at: dt.datetime | None = None


def receive_parameters(arrivals: Sequence[Arrival], *, at: dt.datetime, actor: str, actor_label: str) -> dict[str, Any]:
    """Return the parameters of RECEIVE."""
    return {
        "source": [one.source for one in arrivals],
        "sender": [storable(one.sender, 200) for one in arrivals],
        "lane": [storable(one.lane, LANE_LENGTH) for one in arrivals],
        "control_id": [storable(one.control_id, 200) for one in arrivals],
        "message_type": [storable(one.message_type, 40) for one in arrivals],
        "raw": [one.raw for one in arrivals],
        "digest": [sha256(one.raw).hexdigest() for one in arrivals],
        "received_at": [one.received_at for one in arrivals],
        "state": [one.state for one in arrivals],
        "reason": [one.reason for one in arrivals],
        "findings": [findings_json(one.findings, on_receipt=True) for one in arrivals],
        "at": at,
        "actor": actor,
        "actor_label": actor_label,
    }


def findings_json(findings: Sequence[Finding], *, on_receipt: bool = False) -> str:
    """Write findings as the inbox keeps them, marked where a listener found them."""
    if not findings:
        return "[]"
    mark = {"on_receipt": True} if on_receipt else {}
    return json.dumps([asdict(finding) | mark for finding in findings], ensure_ascii=False).replace("\\u0000", "")


def storable(text: str, length: int | None) -> str:
    """Cut a text to its column, if that has a length; PostgreSQL keeps no NUL. The raw message has what doesn't fit."""
    return (text.replace("\0", "") if "\0" in text else text)[:length]
