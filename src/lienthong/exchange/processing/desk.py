"""What a worker reads messages with. It is kept between batches and made anew when what it was read from changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from lienthong.exchange.analyzers.arrivals import MESSAGE_TYPE as ASTM
from lienthong.exchange.analyzers.arrivals import find_analyzer
from lienthong.exchange.controls.book import ControlBook
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.listening.arrivals import NO_CERTIFICATE
from lienthong.exchange.senders import Directory, Sender, SourceFacts, directory, sources_by_code
from lienthong.exchange.terms.codebook import CodeBook, Edition, book_edition
from lienthong.interop import hl7v2
from lienthong.results.actions import Waiting


@dataclass(slots=True)
class Desk:
    """Senders with their places, and the code book. One worker has one desk; `prepare` is called for each batch.

    `held_lanes` are those of the batch in which a message was held: the inbox says so only at the end of the batch.
    """

    sources: Mapping[str, SourceFacts] = field(default_factory=dict)
    directory: Directory = field(default_factory=lambda: Directory({}))
    book: CodeBook = field(default_factory=lambda: CodeBook({}, {}, {}))
    control_book: ControlBook = field(default_factory=ControlBook)
    held_lanes: set[str] = field(default_factory=set)
    _edition: Edition | None = None
    _on: dt.date | None = None

    def prepare(self, waiting: Iterable[Waiting], *, at: dt.datetime) -> None:
        """Bring the desk up to date for claimed messages.

        The edition is asked for after the claim: whoever corrects a mapping and sends a message to be replayed in one
        transaction finds both.
        """
        edition, on = book_edition(), timezone.localdate(at)
        if (edition, on) != (self._edition, self._on):
            self.sources, self.directory = sources_by_code(on=on), directory()
            self.book, self.control_book = CodeBook.load([]), ControlBook()
            self._edition, self._on = edition, on
        self.held_lanes = set()
        senders = {one.source for one in waiting}
        self.book.add([self.sources[code] for code in senders if code in self.sources])

    def forget(self) -> None:
        """Have everything read anew by the next `prepare`: a batch broke off while it was being read."""
        self._edition = None

    def source_of(self, one: Waiting) -> SourceFacts | None:
        """Return who sent a message; what was refused before its sender was registered is looked for again.

        Raises Unstorable where that sender must come with a certificate: the message came without, whoever replays it.
        """
        if one.source:
            return self.sources.get(one.source)
        sender = self._sender_of(one)
        if sender is None:
            return None
        if sender.certificate:
            raise Unstorable(NO_CERTIFICATE.code, [NO_CERTIFICATE])
        self.book.add([self.sources[sender.code]])
        return self.sources[sender.code]

    def _sender_of(self, one: Waiting) -> Sender | None:
        if one.message_type == ASTM:
            return find_analyzer(one.sender)
        header = hl7v2.header(one.raw)
        return self.directory.find(header) if header else None
