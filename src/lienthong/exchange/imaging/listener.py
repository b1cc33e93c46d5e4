"""The DICOM storage listener (service class provider of Verification and Storage, PS3.4, annexes A and B).

Threads of pynetdicom, one an association; each has a database connection of its own for as long as it stores an object.
"""

from __future__ import annotations

import datetime as dt
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from lienthong.exchange.imaging.callers import Caller, sender_of
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.keeping import Status, keep
from lienthong.exchange.imaging.service import C_STORE, StorageServer, application_entity
from lienthong.exchange.listening.certificates import names_in
from lienthong.exchange.senders import SourceFacts

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event

log = logging.getLogger(__name__)

# Result, source and reason of a refused association (PS3.8, table 9-21).
CALLER_UNKNOWN = (0x01, 0x01, 0x03)
TRY_LATER = (0x02, 0x03, 0x01)
LARGEST_OBJECT = 512 * 1024 * 1024  # bytes; key images are a few megabytes
# Django's errors and the driver's own, which one that comes from beneath Django may still be.
DATABASE_LOST = (DatabaseError, InterfaceError, psycopg.Error)


@dataclass(frozen=True, slots=True)
class DicomDoors:
    """Where the listener is reached; a port of 0 chooses a free one, None is closed."""

    host: str
    title: str
    plain: int | None
    private: int | None = None
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class StorageListener:
    """Answers associations of registered senders, and C-STORE only when the object is on disk and committed."""

    files: ImageFiles
    clock: Callable[[], dt.datetime] = timezone.now
    largest: int = LARGEST_OBJECT
    _senders: WeakKeyDictionary[Association, SourceFacts] = field(default_factory=WeakKeyDictionary)
    _sizes: WeakKeyDictionary[Association, int] = field(default_factory=WeakKeyDictionary)

    def admit(self, event: Event) -> None:
        """Refuse whoever is not registered by title, or comes from another address or with another certificate."""
        association, caller = event.assoc, _caller(event.assoc)
        try:
            sender = sender_of(caller, on=timezone.localdate(self.clock()))
        except DATABASE_LOST as error:
            log.warning("a DICOM sender could not be looked up: %s", type(error).__name__)
            _refuse(association, TRY_LATER)
            return
        finally:
            connection.close()
        if sender is None:
            log.warning("a DICOM caller was refused: %r at %s is not registered so", caller.title, caller.address)
            _refuse(association, CALLER_UNKNOWN)
            return
        self._senders[association] = sender

    def store(self, event: Event) -> int:
        """Keep what a C-STORE brings; success is answered when it is on disk and committed, else why it is not."""
        self._sizes[event.assoc] = 0
        sender, asked = self._senders.get(event.assoc), event.request
        if sender is None or not isinstance(asked, C_STORE):
            return Status.FAILED
        try:
            return keep(
                event.encoded_dataset(),
                sender,
                self.files,
                sop_class=str(asked.AffectedSOPClassUID or ""),
                sop_instance=str(asked.AffectedSOPInstanceUID or ""),
                at=self.clock(),
            )
        except OSError as error:
            log.error("a DICOM object could not be written to disk: %s", type(error).__name__)
            return Status.NO_ROOM
        except DATABASE_LOST as error:
            log.error("a DICOM object could not be committed: %s", type(error).__name__)
            return Status.FAILED
        except Exception as error:  # whatever it is, the sender must not hear that the object is kept
            log.error("a DICOM object could not be kept: %s", type(error).__name__)
            return Status.FAILED
        finally:
            connection.close()

    def weigh(self, event: Event) -> None:
        """Hang up on an object that is larger than any image: it would be gathered in memory."""
        items = getattr(event.pdu, "presentation_data_value_items", ())
        size = self._sizes.get(event.assoc, 0) + sum(len(item.presentation_data_value or b"") for item in items)
        self._sizes[event.assoc] = size
        if size > self.largest:
            log.error("a DICOM object is larger than %s bytes; the association is ended", self.largest)
            self._sizes[event.assoc] = 0
            if line := event.assoc.dul.socket:
                line.close()


def run_dicom_listener(
    doors: DicomDoors,
    *,
    stop: threading.Event,
    on_ready: Callable[[list[int]], None] | None = None,
    listener: StorageListener | None = None,
) -> None:
    """Listen until `stop` is set; tell `on_ready` the ports, the plain one before that of TLS."""
    own = listener or StorageListener(ImageFiles.of_installation())
    entity = application_entity(doors.title)
    asked = [(doors.plain, None), (doors.private, doors.tls)]
    servers: list[StorageServer] = []
    try:
        for port, tls in asked:
            if port is not None:
                servers.append(StorageServer.start(entity, (doors.host, port), tls, own.admit, own.store, own.weigh))
        if on_ready:
            on_ready([int(server.server_address[1]) for server in servers])
        stop.wait()
    finally:
        for server in servers:
            server.end()


def _caller(association: Association) -> Caller:
    names: frozenset[str] = frozenset()
    line: socket.socket | None = association.dul.socket.socket if association.dul.socket else None
    if isinstance(line, ssl.SSLSocket):
        names = names_in(line.getpeercert())
    title = association.requestor.primitive.calling_ae_title if association.requestor.primitive else ""
    return Caller(str(title), str(association.requestor.address or ""), names)


def _refuse(association: Association, why: tuple[int, int, int]) -> None:
    association.acse.send_reject(*why)
    association.kill()
