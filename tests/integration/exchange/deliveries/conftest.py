"""The laboratory SX with its codes mapped, a system of its facility that pushes, and exports of the sender."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType

import pytest
from django.utils import timezone
from pypdf import PdfWriter
from tests.factories.exchange import CodeMappingFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.pushing import System

from lienthong.core.actions import system_user
from lienthong.exchange.processing.worker import Processed, process_waiting
from lienthong.results.actions import Arrival, receive

Deliver = Callable[[ModuleType, bytes], Processed]


@pytest.fixture
def exporter(scene: Scene) -> Scene:
    """SX exports glucose as GLU01, potassium as K01 and HBsAg as HBS01; glucose has an interval of 3.9 to 6.4."""
    scene.glucose_system.periods.update(reference_low=Decimal("3.9"), reference_high=Decimal("6.4"))
    for code, analyte in (("GLU01", scene.glucose), ("K01", scene.potassium), ("HBS01", scene.hbsag)):
        CodeMappingFactory(source=scene.source, local_code=code, analyte=analyte)
    return scene


@pytest.fixture
def deliver(exporter: Scene) -> Deliver:
    """Return what takes a file apart, puts its pieces into the inbox, and lets a worker store them."""

    def take(kind: ModuleType, data: bytes) -> Processed:
        arrivals = [
            Arrival(
                raw=piece.raw,
                received_at=timezone.now(),
                source="SX",
                sender="SX",
                lane=f"SX:{piece.number}",
                control_id=piece.number,
                message_type=kind.MESSAGE_TYPE,
            )
            for piece in kind.split(data).pieces
        ]
        receive(arrivals, by=system_user("listener"), at=timezone.now())
        return process_waiting(timezone.now())

    return take


@pytest.fixture
def mapped(scene: Scene) -> Scene:
    """The laboratory with its codes for glucose and HBsAg mapped."""
    for code, analyte in (("GLU", scene.glucose), ("HBSAG", scene.hbsag)):
        CodeMappingFactory(source=scene.source, local_code=code, analyte=analyte)
    return scene


@pytest.fixture
def system(mapped: Scene) -> System:
    return System.of(mapped.source.facility.code)


@pytest.fixture
def pdf() -> bytes:
    """A PDF of one blank page."""
    return written(PdfWriter())


def written(writer: PdfWriter) -> bytes:
    """Return what a writer holds, with a page."""
    writer.add_blank_page(width=200, height=200)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
