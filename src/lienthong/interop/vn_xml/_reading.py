"""From the bytes of an export to stays, one after the other.

An export is the envelope GIAMDINHHS, with a HOSO for each stay whose tables are FILEHOSO: LOAIHOSO says which, and
NOIDUNGFILE holds it as Base64, or as elements. Or it is one table by itself: TONG_HOP, or a list of CHI_TIET_DVKT or
CHI_TIET_CLS, under any root. Tables come in any order; what is of no concern here (drugs, certificates) is passed over.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lienthong.findings import Finding
from lienthong.interop.sent_xml import Node, elements, parse, readable, root_name
from lienthong.interop.vn_xml._row_reading import patient_of, result_of, service_of
from lienthong.interop.vn_xml._rows import Row, Service, ServiceResult, Stay, StayPatient

# The elements that are rows, with and without the underscore that systems disagree on, and their tables.
ROWS = {
    "TONG_HOP": "XML1",
    "TONGHOP": "XML1",
    "CHI_TIET_DVKT": "XML3",
    "CHITIET_DVKT": "XML3",
    "CHI_TIET_CLS": "XML4",
    "CHITIET_CLS": "XML4",
}
ENVELOPE = "GIAMDINHHS"
TABLES = frozenset(ROWS.values())
_BLANKS = re.compile(r"\s+")
_ROOTS = frozenset(
    {
        ENVELOPE,
        *ROWS,
        "CHITIEU_CHITIET_DVKT_VTYT",
        "DSACH_CHI_TIET_DVKT",
        "CHITIEU_CHITIET_DICHVUCANLAMSANG",
        "DSACH_CHI_TIET_CLS",
    }
)


@dataclass(slots=True)
class Reading:
    """What was found wrong while stays are read; complete when they have all been taken."""

    findings: list[Finding] = field(default_factory=list)

    def tell(self, where: str, code: str, message: str) -> None:
        self.findings.append(Finding(where, code, f"{where} {message}"))


def is_export(data: bytes) -> bool:
    """Whether bytes are an export: by the name of the first element."""
    return root_name(data) in _ROOTS


def read_stays(data: bytes, reading: Reading) -> Iterator[Stay]:
    """Yield the stays of an export in their order; of a table alone, those of its rows when all were read.

    Findings are added to `reading`: their places name the element, as `HOSO[2]/XML4/CHI_TIET_CLS[3]/NGAY_KQ`, and never
    a value.
    """
    decoded, findings = readable(data)
    reading.findings += findings
    if decoded is None:
        return
    if root_name(data) == ENVELOPE:
        yield from _of_envelope(decoded, reading)
        return
    rows = _numbered(elements(decoded, ROWS, "file", reading.findings))
    yield from _stays(rows, "", reading)


def _of_envelope(decoded: bytes, reading: Reading) -> Iterator[Stay]:
    told = 0
    count = 0
    for node in elements(decoded, ("HOSO", "SOLUONGHOSO"), "file", reading.findings):
        if node.name == "SOLUONGHOSO":
            told = int(node.text) if node.text.isascii() and node.text.isdecimal() and len(node.text) < 10 else 0
            continue
        count += 1
        position = f"HOSO[{count}]"
        yield from _stays(_numbered(_rows_of(node, position, reading)), position, reading)
    if told and told != count:
        reading.tell("SOLUONGHOSO", "file-count", "is not the number of HOSO in the file; part of it may be missing.")


def _rows_of(node: Node, position: str, reading: Reading) -> Iterator[Node]:
    """Yield the rows of a HOSO, table by table."""
    for number, one in enumerate(node.all("FILEHOSO"), start=1):
        kind, content = one.find("LOAIHOSO"), one.find("NOIDUNGFILE")
        table = kind.text.upper() if kind else ""
        if content is None or (table and table not in TABLES):
            continue
        place = f"{position}/{table or f'FILEHOSO[{number}]'}"
        root: Node | None = content
        if not content.children:
            root = _decoded(content.text, place, reading)
        for row in root.walk() if root else ():
            if row.name in ROWS:
                yield row


def _decoded(text: str, place: str, reading: Reading) -> Node | None:
    """Parse the Base64 of a table; line breaks within it are nothing, and XML as plain text is taken as it is."""
    if not text:
        return None
    if text.startswith("<"):
        root, findings = parse(text.encode(), place)
        reading.findings += findings
        return root
    try:
        data = base64.b64decode(_BLANKS.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        reading.tell(f"{place}/NOIDUNGFILE", "base64", "is not Base64; encode the whole table and send it again.")
        return None
    root, findings = parse(data, place)
    reading.findings += findings
    return root


def _numbered(nodes: Iterable[Node]) -> Iterator[Row]:
    """Yield rows with their numbers among those of their table."""
    counts: dict[str, int] = {}
    for node in nodes:
        table = ROWS[node.name]
        counts[table] = counts.get(table, 0) + 1
        texts = {one.name: one.text for one in node.children if one.text}
        yield Row(table, node.name, counts[table], texts)


@dataclass(slots=True)
class _Open:
    """A stay whose rows are still coming."""

    patient: StayPatient | None = None
    services: list[Service] = field(default_factory=list)
    results: list[ServiceResult] = field(default_factory=list)


def _stays(rows: Iterable[Row], position: str, reading: Reading) -> Iterator[Stay]:
    """Yield the stays of some rows, by their keys (MA_LK)."""
    found: dict[str, _Open] = {}
    prefix = f"{position}/" if position else ""
    for row in rows:
        link = row.get("MA_LK")
        if not link:
            reading.tell(f"{prefix}{row.position}/MA_LK", "required", "must hold the key of the stay, but is blank.")
            continue
        _add(found.setdefault(link, _Open()), row, prefix, reading)
    for link, one in found.items():
        yield Stay(
            link=link,
            patient=one.patient,
            services=tuple(one.services),
            results=tuple(one.results),
            position=position,
        )


def _add(stay: _Open, row: Row, prefix: str, reading: Reading) -> None:
    findings: list[Finding] = []
    if row.table == "XML1":
        if stay.patient is not None:
            reading.tell(f"{prefix}{row.position}", "repeated", "tells a stay a second time; the first was taken.")
            return
        stay.patient = patient_of(row, findings)
    elif row.table == "XML3":
        stay.services.append(service_of(row, findings))
    else:
        stay.results.append(result_of(row, findings))
    for one in findings:
        reading.tell(f"{prefix}{one.where}", one.code, one.message)
