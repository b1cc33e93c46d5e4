"""From the bytes of a document to its content: header, items, texts, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.findings import Finding
from lienthong.interop.cn_cda import _header as header
from lienthong.interop.cn_cda._document import CdaDocument
from lienthong.interop.cn_cda._elements import KINDS, TEMPLATES
from lienthong.interop.cn_cda._items import ItemReader
from lienthong.interop.cn_cda._values import instant_of
from lienthong.interop.sent_xml import Node, parse, root_name

ROOT = "ClinicalDocument"


def is_document(data: bytes) -> bool:
    """Whether bytes are a CDA document of any kind: by the name of the first element."""
    return root_name(data) == ROOT


def read_document(data: bytes) -> tuple[CdaDocument | None, tuple[Finding, ...]]:
    """Read a laboratory or an examination report; None where the bytes are none, and a finding says why.

    Places are paths from the document's root: `author/time`, `item[2]/value`, items counted as they come.
    """
    root, found = parse(data, ROOT)
    findings = list(found)
    if root is None:
        return None, tuple(findings)
    if root.name != ROOT:
        told = f"the first element must be {ROOT} of HL7 CDA R2."
        return None, (*findings, Finding(ROOT, "document-kind", told))
    templates = tuple(one.get("root") for one in root.all("templateId") if one.get("root"))
    kind = _kind(root, templates)
    if not kind:
        told = "code must be C0006 (examination report) or C0007 (laboratory report); other documents are not taken."
        return None, (*findings, Finding("code", "document-kind", told))
    return _document(root, kind, templates, findings), tuple(findings)


def _document(root: Node, kind: str, templates: tuple[str, ...], findings: list[Finding]) -> CdaDocument:
    reader = ItemReader(findings)
    for section in _sections(root):
        reader.take(section)
    title, language = root.find("title"), root.find("languageCode")
    return CdaDocument(
        kind=kind,
        id=header.identity(root, "id"),
        set_id=header.identity(root, "setId"),
        version=header.version_of(root),
        templates=templates,
        title=title.whole_text if title else "",
        written_at=instant_of(root.find("effectiveTime"), "effectiveTime", findings),
        language=language.get("code") if language else "",
        patient=header.patient_of(root, findings),
        author=header.author_of(root, findings),
        signers=header.signers_of(root, findings),
        custodian=header.custodian_of(root),
        requested_by=header.requester_of(root),
        related=header.related_of(root),
        numbers=header.numbers_of(root),
        texts=reader.texts,
        items=reader.items(),
    )


def _kind(root: Node, templates: tuple[str, ...]) -> str:
    """Return the kind: by the document's code, else by its template."""
    code = root.find("code")
    told = KINDS.get(code.get("code").upper(), "") if code else ""
    return told or next((KINDS[TEMPLATES[one]] for one in templates if one in TEMPLATES), "")


def _sections(root: Node) -> Iterator[Node]:
    """Yield the sections in order, those within others too; some templates leave structuredBody out."""
    for component in root.all("component"):
        yield from (one for one in component.walk() if one.name == "section")
