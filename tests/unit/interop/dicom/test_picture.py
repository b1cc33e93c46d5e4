"""The small picture of an image: bounded in what is decoded, and true in what it shows."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit
from tests.unit.interop.dicom.objects import as_file, image, report

from lienthong.interop import dicom


def drawn(data: bytes, longest: int = 32) -> Image.Image:
    picture, findings = dicom.draw_picture(data, longest=longest)
    assert picture is not None, findings
    return Image.open(BytesIO(picture))


def jpeg(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("L", (width, height), 128).save(out, "JPEG")
    return out.getvalue()


def test_picture_is_a_small_jpeg_of_the_first_frame() -> None:
    found = drawn(as_file(image(side=64, frames=3)))

    assert (found.format, found.size) == ("JPEG", (32, 32))
    assert np.asarray(found)[0, 0] < np.asarray(found)[-1, -1]


def test_inverted_grey_is_shown_as_it_is_meant() -> None:
    found = drawn(as_file(image(PhotometricInterpretation="MONOCHROME1")))

    assert np.asarray(found)[0, 0] > np.asarray(found)[-1, -1]


def test_compressed_frame_is_decoded() -> None:
    made = image(PixelData=encapsulate([jpeg(64, 64)]))
    made["PixelData"].VR = "OB"

    found = drawn(as_file(made, JPEGBaseline8Bit))

    assert found.size == (32, 32)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        pytest.param(image(Rows=16_000, Columns=16_000), "too-large", id="rows and columns"),
        pytest.param(image(PixelData=b"\0" * 10), "not-drawn", id="fewer pixels than told"),
        pytest.param(report(), "no-pixels", id="no image"),
    ],
)
def test_what_can_not_be_drawn_is_told(made: object, code: str) -> None:
    picture, findings = dicom.draw_picture(as_file(made), longest=32)  # type: ignore[arg-type]  # a data set

    assert picture is None
    assert [one.code for one in findings] == [code]


def test_jpeg_2000_that_names_a_huge_size_is_not_decoded() -> None:
    size = b"\xff\x4f\xff\x51" + (41).to_bytes(2, "big") + b"\0\0" + b"".join(
        one.to_bytes(4, "big") for one in (60_000, 60_000, 0, 0, 60_000, 60_000, 0, 0)
    ) + b"\0\x01\x07\x01\x01"  # fmt: skip
    made = image(PixelData=encapsulate([size]))
    made["PixelData"].VR = "OB"

    picture, findings = dicom.draw_picture(as_file(made, JPEG2000Lossless), longest=32)

    assert picture is None
    assert [one.code for one in findings] == ["too-large"]


def test_jpeg_that_names_a_huge_size_is_not_decoded() -> None:
    stream = bytearray(jpeg(64, 64))
    at = stream.index(b"\xff\xc0") + 5
    stream[at : at + 4] = (60_000).to_bytes(2, "big") * 2
    made = image(PixelData=encapsulate([bytes(stream)]))
    made["PixelData"].VR = "OB"

    picture, findings = dicom.draw_picture(as_file(made, JPEGBaseline8Bit), longest=32)

    assert picture is None
    assert [one.code for one in findings] == ["too-large"]
