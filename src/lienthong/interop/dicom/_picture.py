"""A small JPEG of an image's first frame, for people to recognise it; nobody makes a diagnosis of it.

An object of a few kilobytes can claim to be an image of gigabytes. Rows, columns and the size that the compressed frame
itself names are judged before anything is decoded, and only one frame ever is.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from lienthong.findings import Finding
from lienthong.interop.dicom._dataset import Elements, open_dataset, quiet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    Pixels = NDArray[np.generic]

LARGEST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384
QUALITY = 85
JPEG_2000_SIZE, JPEG_START = b"\xff\x4f\xff\x51", b"\xff\xd8"
# Markers of JPEG that begin a frame and hold its size: all SOF but DHT, JPG and DAC; FFF7 is that of JPEG-LS.
FRAME_MARKERS = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}
NO_PIXELS = Finding("(7FE0,0010)", "no-pixels", "The object holds no pixels.")
TOO_LARGE = Finding(
    "(0028,0010)", "too-large", f"The image has more than {LARGEST_PIXELS} pixels; open it in the archive."
)
UNDRAWN = Finding("(7FE0,0010)", "not-drawn", "The pixels can't be drawn here; open the image in the archive.")


def draw_picture(data: bytes, *, longest: int) -> tuple[bytes | None, tuple[Finding, ...]]:
    """Return the first frame as a JPEG whose longer side has at most `longest` pixels; None where none can be made."""
    dataset, findings = open_dataset(data, with_pixels=True)
    if dataset is None:
        return None, findings
    told: list[Finding] = []
    if fault := _fault(Elements(dataset, told)):
        return None, (*told, fault)
    try:
        with quiet():
            return _drawn(dataset, longest), tuple(told)
    except Exception:  # what is broken fails in any way in the decoders, which name no common class
        return None, (*told, UNDRAWN)


def _fault(elements: Elements) -> Finding | None:
    if "PixelData" not in elements.dataset:
        return NO_PIXELS
    rows, columns = elements.number("Rows"), elements.number("Columns")
    if rows < 1 or columns < 1:
        return UNDRAWN
    if max(rows, columns) > LONGEST_SIDE or rows * columns > LARGEST_PIXELS:
        return TOO_LARGE
    try:
        coded = _first_frame(elements)
    except Exception:  # as above
        return UNDRAWN
    size = _coded_size(coded) if coded else None
    if size is None:
        return None
    return TOO_LARGE if size[0] * size[1] > LARGEST_PIXELS else None


def _first_frame(elements: Elements) -> bytes:
    """Return the compressed bytes of the first frame; none where the pixels are not compressed."""
    from pydicom.encaps import generate_frames

    syntax = elements.dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return b""
    frames = max(elements.number("NumberOfFrames"), 1)
    return bytes(next(generate_frames(elements.dataset.PixelData, number_of_frames=frames)))


def _coded_size(coded: bytes) -> tuple[int, int] | None:
    """Return width and height as a JPEG 2000 (ISO 15444-1, A.5.1) or JPEG (ISO 10918-1, B.2.2) stream names them."""
    at = coded.find(JPEG_2000_SIZE)
    if at >= 0:
        numbers = coded[at + 8 : at + 24]  # after marker, length and capabilities: the grid, and where the image begins
        right, bottom, left, top = (int.from_bytes(numbers[one : one + 4], "big") for one in (0, 4, 8, 12))
        return right - min(left, right), bottom - min(top, bottom)
    return _jpeg_size(coded) if coded.startswith(JPEG_START) else None


def _jpeg_size(coded: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(coded) and coded[at] == 0xFF:
        if coded[at + 1] in FRAME_MARKERS:
            height, width = (int.from_bytes(coded[one : one + 2], "big") for one in (at + 5, at + 7))
            return width, height
        at += 2 + int.from_bytes(coded[at + 2 : at + 4], "big")
    return None


def _drawn(dataset: Dataset, longest: int) -> bytes:
    from PIL import Image
    from pydicom.pixels import pixel_array

    pixels = pixel_array(dataset, index=0)
    picture = Image.fromarray(_bytes_of(pixels, dataset))
    picture.thumbnail((longest, longest))
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _bytes_of(pixels: Pixels, dataset: Dataset) -> Pixels:
    """Return eight bits a sample: grey by the window that the image names, else by its own range (PS3.3, C.11)."""
    from pydicom.pixels.processing import apply_color_lut

    kind = str(dataset.PhotometricInterpretation)
    if kind == "PALETTE COLOR":
        return _stretched(apply_color_lut(pixels, dataset))
    if pixels.ndim == 3:
        return _stretched(pixels) if pixels.dtype.itemsize > 1 else pixels
    grey = _stretched(_windowed(pixels, dataset))
    return 255 - grey if kind == "MONOCHROME1" else grey


def _windowed(pixels: Pixels, dataset: Dataset) -> Pixels:
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

    return apply_voi_lut(apply_modality_lut(pixels, dataset), dataset)


def _stretched(values: Pixels) -> Pixels:
    import numpy as np

    numbers = values.astype(np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    return ((numbers - low) * (255.0 / (high - low or 1.0))).astype(np.uint8)
