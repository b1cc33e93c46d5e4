"""pynetdicom as this listener uses it: what is offered, how long is waited, a TLS handshake that delays nobody."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lienthong.interop.dicom import DicomUnavailable, storage_classes

try:
    from pynetdicom import AE, evt
    from pynetdicom import _config as pynetdicom_config
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.transport import ThreadedAssociationServer
except ImportError as missing:
    raise DicomUnavailable(
        f"DICOM needs the extra “imaging” ({missing.name} is not installed): pip install 'lienthong[imaging]'"
    ) from None

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event

__all__ = ["C_STORE", "StorageServer", "application_entity"]

log = logging.getLogger(__name__)

# What it would log of messages names patients.
pynetdicom_config.LOG_HANDLER_LEVEL = "none"
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)

VERIFICATION = "1.2.840.10008.1.1"
MOST_ASSOCIATIONS = 50
# Bytes of a PDU, whose length its sender says before anybody knows who it is: 16 KB of data are asked for in one, and
# the longest request for an association has some 100 KB.
LARGEST_PDU = 1024 * 1024
HANDSHAKE_SECONDS, SILENT_SECONDS, SECONDS_TO_END = 10, 60, 5
# Every syntax is kept as it comes, but for deflated ones, of which a few bytes can become gigabytes. Of those that a
# context offers the first here is taken: implicit VR would lose what private elements are.
SYNTAXES = (
    "1.2.840.10008.1.2.1",  # explicit VR little endian
    "1.2.840.10008.1.2",  # implicit VR little endian
    "1.2.840.10008.1.2.4.50",  # JPEG baseline
    "1.2.840.10008.1.2.4.51",  # JPEG extended
    "1.2.840.10008.1.2.4.57",  # JPEG lossless
    "1.2.840.10008.1.2.4.70",  # JPEG lossless, first-order prediction
    "1.2.840.10008.1.2.4.80",  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.81",  # JPEG-LS near-lossless
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.91",  # JPEG 2000
    "1.2.840.10008.1.2.5",  # RLE
)


def _guarded(run: Callable[[], None]) -> None:
    """Read an association's line; broken bytes end it with a word in the log, and no one else's."""
    try:
        run()
    except Exception as error:  # what is broken fails in any way in pynetdicom, which names no common class
        log.warning("a DICOM association was ended by what came over it: %s", type(error).__name__)


def _bounded(receive: Callable[[int], bytearray], length: int) -> bytearray:
    """Receive what a PDU is said to have; raise OSError, which ends the association, where that fills the memory."""
    if length > LARGEST_PDU:
        log.warning("a DICOM association was ended: a PDU of %d bytes was announced", length)
        raise ConnectionAbortedError
    return receive(length)


def application_entity(title: str) -> AE:
    """Return the entity with the services that it offers; it must be called by its own title."""
    entity = AE(ae_title=title)
    entity.require_called_aet = True
    entity.maximum_associations = MOST_ASSOCIATIONS
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = SILENT_SECONDS
    entity.add_supported_context(VERIFICATION)
    for uid in storage_classes():
        entity.add_supported_context(uid, list(SYNTAXES))
    return entity


class StorageServer(ThreadedAssociationServer):
    """Accepts connections. A TLS handshake is made in the connection's own thread: who is silent delays no one else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lines: dict[Association, socket.socket] = {}
        super().__init__(*args, **kwargs)

    @classmethod
    def start(
        cls,
        entity: AE,
        address: tuple[str, int],
        tls: ssl.SSLContext | None,
        admit: Callable[[Event], None],
        store: Callable[[Event], int],
        weigh: Callable[[Event], None],
    ) -> StorageServer:
        """Listen at an address in a thread."""
        handlers: list[Any] = [(evt.EVT_REQUESTED, admit), (evt.EVT_C_STORE, store), (evt.EVT_PDU_RECV, weigh)]
        server = cls(entity, address, entity.ae_title, entity.supported_contexts, tls, handlers)
        server.bind(evt.EVT_CONN_OPEN, server.remember)
        entity._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return server

    def end(self) -> None:
        """Stop accepting, and end what is open; an object that is not answered yet is sent again by its sender."""
        self.shutdown()
        for association in self.active_associations:
            association.abort()
            association.join(SECONDS_TO_END)
        for line in self._lines.values():
            line.close()

    def remember(self, event: Event) -> None:
        """Keep a connection's socket by its association: one whose other end is gone is not closed by anyone else."""
        line, provider = event.assoc.dul.socket, event.assoc.dul
        provider.__dict__["run"] = partial(_guarded, provider.run)
        if line is not None and line.socket is not None:
            self._lines[event.assoc] = line.socket
            line.__dict__["recv"] = partial(_bounded, line.recv)

    def service_actions(self) -> None:
        """Close the sockets of associations that have ended."""
        super().service_actions()
        for association in [one for one in self._lines if one.ident is not None and not one.is_alive()]:
            self._lines.pop(association).close()

    def get_request(self) -> tuple[socket.socket, Any]:
        assert self.socket is not None  # noqa: S101 — bound since it was made
        return self.socket.accept()

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.ssl_context is not None:
            request.settimeout(HANDSHAKE_SECONDS)
            try:
                request = self.ssl_context.wrap_socket(request, server_side=True)
            except (OSError, ValueError) as error:  # SSLError is an OSError
                log.warning("a TLS connection of DICOM was refused: %s", type(error).__name__)
                with contextlib.suppress(OSError):
                    request.close()
                return
        request.settimeout(SILENT_SECONDS)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.warning("a DICOM connection failed before its association")
