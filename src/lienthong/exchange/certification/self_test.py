"""The platform takes its own entrance test: the cases go over MLLP to a listener of its own, as a sender's do."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from queue import Empty, Queue

from lienthong.core.models import User
from lienthong.errors import LienthongError
from lienthong.exchange.certification import actions
from lienthong.exchange.certification.cases import Filling, cases, wire
from lienthong.exchange.certification.judging import CaseVerdict
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.listening.client import NoAnswer, send_messages
from lienthong.exchange.listening.listener import run_listener

HOST = "127.0.0.1"
SECONDS_TO_START = 30


class ListenerDidNotStart(LienthongError):
    code = "listener-did-not-start"


def self_test(
    source: str, *, by: User, clock: Callable[[], dt.datetime], on_progress: Callable[[int], None] | None = None
) -> list[CaseVerdict]:
    """Replay every case to the platform itself under a sender's name; nothing is stored on a patient, nothing signed.

    Raises ListenerDidNotStart where no port could be opened.
    """
    run_id = actions.open_certification(source, is_self_test=True, by=by, at=clock())
    run = Certification.objects.select_related("source__facility").get(pk=run_id)
    filling = actions.filling_of(run)
    try:
        with _listening() as port:
            for case_number in range(len(cases())):
                _send(filling, case_number, port)
                if on_progress:
                    on_progress(1)
        return actions.judge_certification(run, at=clock())
    finally:
        actions.close_certification(run_id, by=by, at=clock())


def _send(filling: Filling, case_number: int, port: int) -> None:
    """Send the messages of a case one after the other; an answer that does not come shows in what arrived."""
    for _name, data in wire(filling, cases()[case_number]):
        with contextlib.suppress(NoAnswer):
            send_messages([data], HOST, port, timeout_seconds=20)


@contextlib.contextmanager
def _listening() -> Iterator[int]:
    stop, ports = threading.Event(), Queue[int]()
    listener = threading.Thread(
        target=run_listener, args=(HOST, 0), kwargs={"stop": stop, "on_ready": ports.put}, daemon=True
    )
    listener.start()
    try:
        yield _port(ports)
    finally:
        stop.set()
        listener.join(timeout=SECONDS_TO_START)


def _port(ports: Queue[int]) -> int:
    try:
        return ports.get(timeout=SECONDS_TO_START)
    except Empty:
        raise ListenerDidNotStart("the listener of the self-test did not open a port in time") from None
