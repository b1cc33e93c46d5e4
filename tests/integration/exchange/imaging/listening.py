"""Runs the DICOM listener beside a test, and sends to it as a device does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Queue

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import Verification

from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.listener import DicomDoors, StorageListener, run_dicom_listener
from lienthong.interop.dicom import storage_classes

LINES: dict[Association, list[socket.socket]] = {}
HOST, TITLE = "127.0.0.1", "LIENTHONG"


@contextlib.contextmanager
def dicom_listening(
    folder: Path, *, tls: ssl.SSLContext | None = None, listener: StorageListener | None = None
) -> Iterator[int]:
    """Run a listener in a thread; yield its port, that of TLS where a context is given."""
    stop, ports = threading.Event(), Queue[list[int]]()
    doors = DicomDoors(HOST, TITLE, None if tls else 0, 0 if tls else None, tls)
    own = listener or StorageListener(ImageFiles(folder))
    options = {"stop": stop, "on_ready": ports.put, "listener": own}
    thread = threading.Thread(target=run_dicom_listener, args=(doors,), kwargs=options)
    thread.start()
    try:
        yield ports.get(timeout=10)[0]
    finally:
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def associate(
    port: int,
    *,
    title: str = "US1",
    called: str = TITLE,
    tls: ssl.SSLContext | None = None,
    host: str = HOST,
    syntaxes: Sequence[str] = (ExplicitVRLittleEndian,),
) -> Association:
    """Ask for an association for verification and every storage class, each with a choice of syntaxes."""
    entity = AE(ae_title=title)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    entity.add_requested_context(Verification)
    for uid in storage_classes():
        entity.add_requested_context(uid, list(syntaxes))
    lines: list[socket.socket] = []
    association = entity.associate(
        host,
        port,
        ae_title=called,
        tls_args=(tls, host) if tls else None,
        evt_handlers=[(evt.EVT_CONN_OPEN, lambda event: lines.append(event.assoc.dul.socket.socket))],
    )
    LINES[association] = lines
    return association


def send(port: int, *objects: Dataset, title: str = "US1") -> list[int]:
    """Send objects over one association; return the status of each."""
    association = associate(port, title=title)
    assert association.is_established
    try:
        return [_status(association.send_c_store(_prepared(one))) for one in objects]
    finally:
        end(association)


def end(association: Association) -> None:
    """Release an association, or hang up where there is none any more."""
    if association.is_established:
        association.release()
    for line in LINES.pop(association, []):  # pynetdicom leaves one open whose other end is gone
        line.close()
    if association.is_alive():
        association.join(timeout=10)


def _status(answer: Dataset) -> int:
    return int(answer.Status) if "Status" in answer else -1


def _prepared(one: Dataset) -> Dataset:
    from tests.unit.interop.dicom.objects import as_file

    as_file(one)
    return one


def rejection(association: Association) -> Sequence[int]:
    """Return result, source and reason of a refused association."""
    primitive = association.acceptor.primitive
    assert primitive is not None
    return primitive.result, primitive.result_source, primitive.diagnostic
