"""The laboratory SX with its codes mapped, and a system of its facility that pushes."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter
from tests.factories.exchange import CodeMappingFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.pushing import System


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
