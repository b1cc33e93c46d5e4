"""What comes with a report beside its results: files in the message, pointers to files elsewhere, the study's number.

A file stays where it came: in the message. What is written down of it is where it stands, what it is, and its digest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from lienthong.exchange.imaging.examinations import FILES, NO_RESULT, STUDY_CODES, WITHDRAWN, is_document, is_whole_text
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Document, Observation, OruOrder, Pointer
from lienthong.results.actions import DocumentDraft

LONGEST_POINTER = 2000
UID = re.compile(r"[0-9]+(?:\.[0-9]+)+")
# Where a pointer names its study: DICOMweb (PS3.18, section 10) and WADO-URI (section 9).
_STUDY = re.compile(r"(?:/studies/|[?&]studyUID=)([0-9.]{3,64})(?![0-9.])")


def documents_of(orders: Iterable[OruOrder]) -> tuple[tuple[DocumentDraft, ...], list[Finding]]:
    """Return what comes with the orders of a report, and what of it can't be read."""
    drafts: list[DocumentDraft] = []
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    for order in orders:
        for one in order.observations:
            if is_document(one) and one.status not in NO_RESULT:
                found = list(_drafts(one))
                drafts += [_told_apart(draft, counts) for draft in found]
                if not found:
                    place = f"{one.position}-5"
                    told = f"{place} holds no file that can be read: Base64, Hex or a pointer; the message keeps it."
                    findings.append(Finding(place, "document", told))
    return tuple(drafts), findings


def content_at(orders: Iterable[OruOrder], place: str) -> bytes | None:
    """Return the bytes of the file that stands at a place, such as `OBX(3)`; None where there is none."""
    for order in orders:
        for one in order.observations:
            if one.position == place:
                files = (hl7v2.document_bytes(parsed) for parsed in one.parsed if isinstance(parsed, Document))
                return next((content for content in files if content), None)
    return None


def _told_apart(draft: DocumentDraft, counts: Counter[str]) -> DocumentDraft:
    """Return a draft under a key of its own: a further file of one name in a report doesn't replace the one before."""
    counts[draft.key] += 1
    further = counts[draft.key]
    return draft if further == 1 else replace(draft, key=_digest(f"{draft.key}\x1f{further}".encode()))


def _drafts(one: Observation) -> Iterator[DocumentDraft]:
    if one.status in WITHDRAWN:
        yield _draft(one, kind="file", digest="", is_withdrawn=True)
    elif one.code.code in STUDY_CODES and one.value_type not in FILES:
        uid = next((value for value in one.values if UID.fullmatch(value)), "")
        if uid:
            yield _draft(one, kind="study", digest=_digest(uid.encode()), study_uid=uid)
    else:
        for value in one.parsed:
            if isinstance(value, Document) and (content := hl7v2.document_bytes(value)):
                yield _draft(one, digest=_digest(content), size=len(content), **_kind_of(one, content))
                return
            if isinstance(value, Pointer) and 0 < len(value.pointer) <= LONGEST_POINTER:
                study = _STUDY.search(value.pointer)
                yield _draft(
                    one,
                    kind="pointer",
                    digest=_digest(value.pointer.encode()),
                    pointer=value.pointer,
                    study_uid=study[1] if study else "",
                )
                return


def _kind_of(one: Observation, content: bytes) -> dict[str, str]:
    """Return what is kept: a file is of the type that its bytes show."""
    if is_whole_text(one):
        return {"kind": "text", "media_type": "text/plain"}
    return {"kind": "file", "media_type": hl7v2.media_type(content)}


def _draft(one: Observation, *, kind: str, digest: str, **more: object) -> DocumentDraft:
    name = "\x1f".join((one.code.code, one.code.system, one.sub_id))
    return DocumentDraft(
        key=_digest(name.encode()),
        place=one.position,
        title=one.code.display,
        kind=kind,
        digest=digest,
        **more,  # type: ignore[arg-type]  # keywords of the dataclass, each of its own type
    )


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
