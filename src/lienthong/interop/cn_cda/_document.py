"""A document's content as values, in the words of HL7 CDA R2 and of the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lienthong.interop.hl7v2 import Instant


@dataclass(frozen=True, slots=True)
class CdaPerson:
    """One who wrote or signed: `role` is the display name of the code, `at` when."""

    name: str = ""
    identifier: str = ""
    role: str = ""
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """An institution or a department of it."""

    name: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class RelatedDocument:
    """What a document replaces (`RPLC`), appends to (`APND`) or transforms (`XFRM`)."""

    kind: str
    id: str = ""
    set_id: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CdaPatient:
    """The patient. `numbers` are (root, extension) that name the person; `sex` is GB/T 2261.1 as sent (0, 1, 2, 9)."""

    resident_number: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    name: str = ""
    sex: str = ""
    birth: Instant | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One examined item. `value` is as sent; `value_type` is PQ, REAL, ST, CD … of CDA, empty where there is no value.

    `ordinal` counts the items of the document from 1. `examined_at` is told by the templates only, as the time of the
    examination; in CDA's own form an observation's time is `effective_at`, that of the specimen. `interpretations` are
    codes of HL7, `result_code` is the text of the Chinese code of results (normal, abnormal), which is no value.
    """

    ordinal: int
    code: str = ""
    code_system: str = ""
    name: str = ""
    value: str = ""
    value_type: str = ""
    unit: str = ""
    result_code: str = ""
    interpretations: tuple[str, ...] = ()
    reference_range: str = ""
    specimen_kind: str = ""
    specimen_state: str = ""
    collected_at: Instant | None = None
    received_at: Instant | None = None
    examined_at: Instant | None = None
    effective_at: Instant | None = None
    method: str = ""
    body_site: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CdaDocument:
    """A report. `kind` is laboratory or examination; `numbers` are those of report, order and specimen, by their names.

    `texts` are what the document says as a whole: method, category, laboratory_text, findings, conclusion, remark.
    """

    kind: str
    id: str = ""
    set_id: str = ""
    version: str = ""
    templates: tuple[str, ...] = ()
    title: str = ""
    written_at: Instant | None = None
    language: str = ""
    patient: CdaPatient | None = None
    author: CdaPerson | None = None
    signers: tuple[CdaPerson, ...] = ()
    custodian: Organisation | None = None
    requested_by: Organisation | None = None
    related: tuple[RelatedDocument, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    items: tuple[Item, ...] = ()

    @property
    def replaced(self) -> RelatedDocument | None:
        """The document that this one replaces; None where it replaces none."""
        return next((one for one in self.related if one.kind == "RPLC"), None)
