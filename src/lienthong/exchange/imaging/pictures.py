"""Pictures of key images and photographs for the page of a report: each is made once, of what its sender stored."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from django.utils.translation import gettext as _

from lienthong.errors import NotFound
from lienthong.exchange.imaging.files import ImageFiles
from lienthong.exchange.imaging.reads import file_of_report
from lienthong.results.imaging.reads import object_facts

SIZES = {"small": 240, "large": 1024}
PHOTOGRAPHS = {"image/jpeg": "JPEG", "image/png": "PNG"}
LARGEST_PIXELS, QUALITY = 40_000_000, 85


def picture_of(report_id: int, object_id: int, size: str, *, files: ImageFiles | None = None) -> bytes:
    """Return a JPEG of an image that is tied to a report; raise NotFound where there is none, or none can be made."""
    found = object_facts(object_id)
    longest = SIZES.get(size)
    if found is None or longest is None or found.report_id != report_id or found.kind != "image":
        raise NotFound(_("There is no such image beside this report."))
    store = files or ImageFiles.of_installation()
    if made := store.picture(found.digest, longest):
        return made
    content = store.read(found.digest)
    picture = _drawn(content, longest) if content else None
    if picture is None:
        raise NotFound(_("This image can't be drawn here; open it in the archive."))
    store.keep_picture(found.digest, longest, picture)
    return picture


def picture_of_file(report_id: int, document_id: int, size: str, *, files: ImageFiles | None = None) -> bytes:
    """Return a JPEG of a photograph that came as a file; raise NotFound where it is none, or none can be made."""
    found = file_of_report(report_id, document_id)
    longest, form = SIZES.get(size), PHOTOGRAPHS.get(found.media_type)
    if longest is None or form is None:
        raise NotFound(_("There is no such image beside this report."))
    store, digest = files or ImageFiles.of_installation(), sha256(found.content).hexdigest()
    if made := store.picture(digest, longest):
        return made
    picture = _smaller(found.content, form, longest)
    if picture is None:
        raise NotFound(_("This image can't be drawn here; open the file."))
    store.keep_picture(digest, longest, picture)
    return picture


def _smaller(content: bytes, form: str, longest: int) -> bytes | None:
    """Return a photograph as a smaller JPEG; a few bytes that claim to be gigabytes are not decoded."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        return None
    try:
        with Image.open(BytesIO(content), formats=[form]) as photograph:
            if photograph.width * photograph.height > LARGEST_PIXELS:
                return None
            photograph.draft("RGB", (longest, longest))
            picture = ImageOps.exif_transpose(photograph).convert("RGB")
            picture.thumbnail((longest, longest))
            out = BytesIO()
            picture.save(out, "JPEG", quality=QUALITY)
            return out.getvalue()
    except Exception:  # what is broken fails in any way in the decoders, which name no common class
        return None


def _drawn(content: bytes, longest: int) -> bytes | None:
    try:
        from lienthong.interop import dicom
    except ImportError:
        return None
    return dicom.draw_picture(content, longest=longest)[0]
