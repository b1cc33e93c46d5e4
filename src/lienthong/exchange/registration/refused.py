"""What a system sent before it was registered."""

from __future__ import annotations

from lienthong.exchange.analyzers.arrivals import MESSAGE_TYPE as ASTM
from lienthong.exchange.analyzers.directory import AnalyzerDirectory, Caller, analyzer_directory
from lienthong.exchange.senders import Directory, Sender, directory
from lienthong.interop import hl7v2
from lienthong.results import reads as results
from lienthong.results.reads import InboxFacts


def refused_messages(code: str) -> list[int]:
    """Return in order of arrival the messages that were kept only because this sender was not registered yet.

    A sender may have written its name in several ways; a message of each is read.
    """
    systems, analyzers = directory(), analyzer_directory()
    ids: list[int] = []
    for unknown in results.unknown_senders():
        first = results.inbox_message(unknown.first_id)
        sender = _sender(first, systems, analyzers) if first else None
        if sender is not None and sender.code == code:
            ids += results.refused_of_sender(unknown.sender)
    return sorted(ids)


def caller(message: InboxFacts) -> Caller | None:
    """Return who called, of an analyser's message; None of any other."""
    return Caller.of_label(message.sender) if message.message_type == ASTM else None


def _sender(message: InboxFacts, systems: Directory, analyzers: AnalyzerDirectory) -> Sender | None:
    if called := caller(message):
        return analyzers.find(called)
    header = hl7v2.header(message.raw)
    return systems.find(header) if header else None
