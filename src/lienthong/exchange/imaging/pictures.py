"""Pictures of key images for the page of a report: each is made once, of the file that its sender stored."""

from __future__ import annotations

from lienthong.errors import NotFound
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.results.imaging.reads import object_facts

SIZES = {"small": 240, "large": 1024}


def picture_of(report_id: int, object_id: int, size: str, *, files: ImageFiles | None = None) -> bytes:
    """Return a JPEG of an image that is tied to a report; raise NotFound where there is none, or none can be made."""
    found = object_facts(object_id)
    longest = SIZES.get(size)
    if found is None or longest is None or found.report_id != report_id or found.kind != "image":
        raise NotFound("there is no such image beside this report")
    store = files or ImageFiles.of_installation()
    if made := store.picture(found.digest, longest):
        return made
    content = store.read(found.digest)
    picture = _drawn(content, longest) if content else None
    if picture is None:
        raise NotFound("this image can't be drawn here; open it in the archive")
    store.keep_picture(found.digest, longest, picture)
    return picture


def _drawn(content: bytes, longest: int) -> bytes | None:
    try:
        from lienthong.interop import dicom
    except ImportError:
        return None
    return dicom.draw_picture(content, longest=longest)[0]
