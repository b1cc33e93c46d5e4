"""What the ASTM listener makes of a message before its last frame is acknowledged: the row for the inbox.

ASTM has no answer that says why. So nothing that is complete is refused on the line: a message of an analyser that is
not registered, or whose text can't be read, is kept as held and shown with its reason, and goes on when it is replayed.
Only where so much came of unknown analysers that no more is kept of them, the last frame is asked for again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from lienthong.exchange.analyzers.directory import AnalyzerDirectory, AnalyzerSender, Caller, analyzer_directory
from lienthong.exchange.errors import Unstorable
from lienthong.findings import Finding
from lienthong.interop import astm
from lienthong.results.actions import Arrival

MESSAGE_TYPE = "ASTM"
UNKNOWN_SENDER = Finding(
    "H-5",
    "unknown-sender",
    "H-5, the peer's address and the port name no registered analyser; register it, then replay.",
)
TRUNCATED = Finding(
    "L", "truncated", "The message is cut off before its terminator (L); the analyser has to send it again."
)
MOST_MESSAGES = 5_000  # all other analysers wait while a transmission is taken apart
TOO_MANY = Finding(
    "H",
    "too-many",
    f"The transmission holds more than {MOST_MESSAGES} messages; none is taken, send fewer in one.",
)
ASKS_ONLY = Finding("Q", "order-request", "The analyser asked for orders; none are kept here, and it was told so.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection came in: the peer's address and the port that it called."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class AstmReception:
    """A row for the inbox, and what is said back, if anything."""

    arrival: Arrival
    answer: bytes | None = None


def receive_text(
    text: bytes, place: Place, directory: AnalyzerDirectory, *, at: dt.datetime, is_whole: bool = True
) -> tuple[AstmReception, ...]:
    """Read each message of a transmission; `is_whole` is false where the connection or the line broke off.

    What is cut off, or holds too many messages, is one row that is refused.
    """
    if not is_whole:
        return (_refused(text, TRUNCATED, place, directory, at=at),)
    if astm.messages_in(text) > MOST_MESSAGES:
        return (_refused(text, TOO_MANY, place, directory, at=at),)
    return tuple(receive_message(one, place, directory, at=at) for one in astm.split_messages(text))


def receive_message(data: bytes, place: Place, directory: AnalyzerDirectory, *, at: dt.datetime) -> AstmReception:
    """Read as much of a message as its row needs."""
    message, _ = astm.parse(data, default_charset="8859/1")
    caller = _caller(message, place)
    sender = directory.find(caller)
    arrival = _arrival(data, message, caller, sender, at=at)
    if sender is None:
        return AstmReception(_held(arrival, UNKNOWN_SENDER, lane=f"?{caller.label}:{_specimen(message)}"))
    return _read_further(arrival, sender, at=at)


def _refused(
    text: bytes, finding: Finding, place: Place, directory: AnalyzerDirectory, *, at: dt.datetime
) -> AstmReception:
    """Keep a text as it came; of its records only the first is read."""
    header, _ = astm.parse(text.lstrip().split(b"\r", 1)[0], default_charset="8859/1")
    caller = _caller(header, place)
    arrival = _arrival(text, header, caller, directory.find(caller), at=at)
    return AstmReception(replace(arrival, state="rejected", reason=finding.code, findings=(finding,)))


def _arrival(
    data: bytes, message: astm.Message | None, caller: Caller, sender: AnalyzerSender | None, *, at: dt.datetime
) -> Arrival:
    return Arrival(
        raw=data,
        received_at=at,
        source=sender.code if sender else "",
        sender=caller.label,
        message_type=MESSAGE_TYPE,
        control_id=message.records[0].value(3) if message else "",
    )


def _read_further(arrival: Arrival, sender: AnalyzerSender, *, at: dt.datetime) -> AstmReception:
    message, findings = astm.parse(arrival.raw, default_charset=sender.default_charset)
    if message is None:
        return AstmReception(_held(arrival, findings[0], lane=f"{sender.code}::{arrival.control_id}"))
    kinds = {record.type for record in message}
    if "Q" in kinds and not kinds & {"O", "R"}:
        told = replace(arrival, state="duplicate", reason=ASKS_ONLY.code, findings=(ASKS_ONLY,))
        return AstmReception(told, no_orders(message, at=at))
    return AstmReception(replace(arrival, lane=_lane(message, sender, arrival)))


def _lane(message: astm.Message, sender: AnalyzerSender, arrival: Arrival) -> str:
    """Name the lane by the first specimen of a patient. Runs of controls have no order among them."""
    orders = [record for record in message if record.type == "O"]
    controls = [one for one in orders if one.value(12).upper() == "Q" or sender.is_control(_number(one))]
    if orders and len(controls) == len(orders):
        return f"{sender.code}:QC:{sha256(arrival.raw).hexdigest()[:16]}"
    return f"{sender.code}:{_specimen(message, but=controls)}"


def find_analyzer(label: str) -> AnalyzerSender:
    """Return the analyser that a label names, if it is registered meanwhile; raise Unstorable where it is not."""
    caller = Caller.of_label(label)
    sender = analyzer_directory().find(caller) if caller else None
    if sender is None:
        raise Unstorable(UNKNOWN_SENDER.code, [UNKNOWN_SENDER])
    return sender


def no_orders(request: astm.Message, *, at: dt.datetime) -> bytes:
    """Write the answer to a request of an analyser for orders: there is no information (L-3 is I)."""
    header = astm.Record.of(
        *("H", request.delimiters.all[1:], "", "", "Lienthong", "", "", "", ""),
        *(request.records[0].value(5), "", "P", request.records[0].value(13), at.strftime("%Y%m%d%H%M%S")),
    )
    records = (header, astm.Record.of("L", "1", "I"))
    return astm.write(astm.Message(records, request.delimiters, request.codec))


def _held(arrival: Arrival, finding: Finding, *, lane: str) -> Arrival:
    return replace(arrival, state="held", reason=finding.code, findings=(finding,), lane=lane)


def _caller(message: astm.Message | None, place: Place) -> Caller:
    name = "^".join(message.records[0].repeats(5)[0]).strip("^ ") if message else ""
    return Caller(name, place.address, place.port)


def _specimen(message: astm.Message | None, *, but: Sequence[astm.Record] = ()) -> str:
    """Return the number of the first specimen: what is held of it delays only what comes later of it."""
    found = (_number(record) for record in message or () if record.type == "O" and record not in but)
    return next((one for one in found if one), f":{message.records[0].value(3) if message else ''}")


def _number(order: astm.Record) -> str:
    return order.value(3) or order.value(4)
