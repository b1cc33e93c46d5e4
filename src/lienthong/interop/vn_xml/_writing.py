"""Write one order of a stay as an export of its own: the patient, the services and the results that belong to it.

Only fields that are read are written: costs and drugs are of no concern here, and a change in them changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from lienthong.interop.vn_xml._fields import fields_of_table
from lienthong.interop.vn_xml._joining import ServiceOrder
from lienthong.interop.vn_xml._rows import Row, Stay

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<GIAMDINHHS><THONGTINHOSO><DANHSACHHOSO><HOSO>\n'
_FOOT = "</HOSO></DANHSACHHOSO></THONGTINHOSO></GIAMDINHHS>\n"
_ELEMENTS = {"XML1": "TONG_HOP", "XML3": "CHI_TIET_DVKT", "XML4": "CHI_TIET_CLS"}


def write_piece(stay: Stay, order: ServiceOrder) -> bytes:
    """Return the bytes of an order by itself; the same rows give the same bytes.

    All services of the codes that the order's results have are kept, so that it is joined again as it was.
    """
    codes = {one.result.service_code for one in order.results}
    services = [one.row for one in stay.services if one.service_code in codes]
    results = [one.result.row for one in order.results]
    tables = [([stay.patient.row] if stay.patient else []), services, results]
    parts = [_table(table, rows) for table, rows in zip(_ELEMENTS, tables, strict=True) if rows]
    return "".join((_HEAD, *parts, _FOOT)).encode()


def _table(table: str, rows: Iterable[Row]) -> str:
    content = "".join(_rows(table, rows))
    return f"<FILEHOSO><LOAIHOSO>{table}</LOAIHOSO><NOIDUNGFILE>\n{content}</NOIDUNGFILE></FILEHOSO>\n"


def _rows(table: str, rows: Iterable[Row]) -> Iterator[str]:
    name = _ELEMENTS[table]
    for row in rows:
        told = (one.element for one in fields_of_table(table) if row.get(one.element))
        yield f"<{name}>{''.join(f'<{one}>{escape(row.get(one))}</{one}>' for one in told)}</{name}>\n"
