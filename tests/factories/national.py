"""Files as hospitals export them, with made-up people: Viet Nam's tables XML1, XML3 and XML4, and their envelope."""

from __future__ import annotations

import base64

LINK = "LK26.0001"
PATIENT = {
    "MA_LK": LINK,
    "STT": "1",
    "MA_BN": "BN000417",
    "HO_TEN": "Nguyễn Thị Đào",
    "SO_CCCD": "001180012345",
    "NGAY_SINH": "198005170000",
    "GIOI_TINH": "2",
    "DIA_CHI": "12 Phố Mới",
    "DIEN_THOAI": "0900000000",
    "MA_THE_BHYT": "DN4010112345678;GD4010112345678",
    "NGAY_VAO": "202611200630",
    "NGAY_RA": "202611201100",
    "T_BHTT": "125000",
    "MA_CSKCB": "01001",
}
GLUCOSE_ORDER = {
    "MA_LK": LINK,
    "STT": "1",
    "MA_DICH_VU": "23.0075.1494",
    "TEN_DICH_VU": "Định lượng Glucose",
    "MA_NHOM": "1",
    "MA_BAC_SI": "0001234/HN-CCHN",
    "NGAY_YL": "202611200700",
    "NGAY_TH_YL": "202611200720",
    "NGAY_KQ": "202611200830",
    "MA_MAY": "XN.1.01001.C6",
}
GLUCOSE = {
    "MA_LK": LINK,
    "STT": "1",
    "MA_DICH_VU": "23.0075.1494",
    "MA_CHI_SO": "GLU01",
    "TEN_CHI_SO": "Glucose",
    "GIA_TRI": "5.6",
    "DON_VI_DO": "mmol/L",
    "NGAY_KQ": "202611200830",
    "MA_BS_DOC_KQ": "0005678/HN-CCHN",
}
_ELEMENTS = {"XML1": "TONG_HOP", "XML3": "CHI_TIET_DVKT", "XML4": "CHI_TIET_CLS"}
_LISTS = {
    "XML3": ("CHITIEU_CHITIET_DVKT_VTYT", "DSACH_CHI_TIET_DVKT"),
    "XML4": ("CHITIEU_CHITIET_DICHVUCANLAMSANG", "DSACH_CHI_TIET_CLS"),
}
Row = dict[str, str]


def table(name: str, *rows: Row, declared: str = "utf-8", codec: str = "utf-8") -> bytes:
    """Return a table by itself, as XML1, XML3 or XML4."""
    element = _ELEMENTS[name]
    made = "\n".join(
        f"<{element}>{''.join(f'<{key}>{value}</{key}>' for key, value in row.items())}</{element}>" for row in rows
    )
    for outer in reversed(_LISTS.get(name, ())):
        made = f"<{outer}>\n{made}\n</{outer}>"
    return f'<?xml version="1.0" encoding="{declared}"?>\n{made}\n'.encode(codec)


def hoso(*tables: tuple[str, bytes], width: int = 76) -> str:
    """Return one HOSO of tables as Base64, with a line break after `width` signs."""
    return f"<HOSO>{''.join(_file(name, data, width) for name, data in tables)}</HOSO>"


def envelope(*stays: str, count: int | None = None) -> bytes:
    """Return the envelope of some HOSO; `count` is SOLUONGHOSO."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<GIAMDINHHS xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<THONGTINDONVI><MACSKCB>01001</MACSKCB></THONGTINDONVI><THONGTINHOSO><NGAYLAP>20261120</NGAYLAP>"
        f"<SOLUONGHOSO>{len(stays) if count is None else count}</SOLUONGHOSO>"
        f"<DANHSACHHOSO>{''.join(stays)}</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>"
    ).encode()


def stay(
    patient: Row | None = PATIENT, services: tuple[Row, ...] = (GLUCOSE_ORDER,), results: tuple[Row, ...] = (GLUCOSE,)
) -> str:
    """Return the HOSO of a stay; a table without rows is left out."""
    named = (("XML1", (patient,) if patient else ()), ("XML3", services), ("XML4", results))
    return hoso(*((name, table(name, *rows)) for name, rows in named if rows))


def export(
    patient: Row | None = PATIENT, services: tuple[Row, ...] = (GLUCOSE_ORDER,), results: tuple[Row, ...] = (GLUCOSE,)
) -> bytes:
    """Return the export of one stay: one glucose, unless told otherwise."""
    return envelope(stay(patient, services, results))


def _file(name: str, data: bytes, width: int) -> str:
    text = base64.b64encode(data).decode()
    lines = "\n".join(text[at : at + width] for at in range(0, len(text), width))
    return f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{lines}</NOIDUNGFILE></FILEHOSO>"
