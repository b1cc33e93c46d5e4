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


# China's documents in CDA: a laboratory report of two items, and an examination.

DATA = 'codeSystem="2.16.156.10011.2.2.1" codeSystemName="卫生信息数据元目录"'
NUMBERS = '<id root="2.16.156.10011.1.33" extension="JY0001"/><id root="2.16.156.10011.1.24" extension="SQ1"/>'
DOCUMENT = """<?xml version="1.0" encoding="{charset}"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="CN"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040"/>
<templateId root="{template}"/>
<id root="2.16.156.10011.1.1" extension="{id}"/>
<code code="{code}" codeSystem="2.16.156.10011.2.4" codeSystemName="卫生信息共享文档规范编码体系"/>
<title>{title}</title><effectiveTime value="20261120094500"/><languageCode code="zh-CN"/>
<setId>{set_id}</setId><versionNumber>{version}</versionNumber>
<recordTarget typeCode="RCT"><patientRole classCode="PAT">
<id root="2.16.156.10011.1.11" extension="MZ20261120001"/>{numbers}
<telecom value=""/>
<patient classCode="PSN" determinerCode="INSTANCE">
<id root="2.16.156.10011.1.3" extension="{resident}"/><name>李晓梅</name>
<administrativeGenderCode code="2" codeSystem="2.16.156.10011.2.3.3.4"/><birthTime value="19900307"/>
</patient></patientRole></recordTarget>
<author typeCode="AUT"><time value="20261120093000"/><assignedAuthor>
<id root="2.16.156.10011.1.7" extension="D017"/><assignedPerson><name>王建国</name></assignedPerson>
</assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization>
<id root="2.16.156.10011.1.5" extension="{institution}"/><name>龙南市第一医院</name>
</representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time/><signatureCode/><assignedEntity><id root="2.16.156.10011.1.4" extension="D020"/>
<code displayName="审核医师"/><assignedPerson><name>赵敏</name></assignedPerson></assignedEntity></legalAuthenticator>
<participant typeCode="PRF"><associatedEntity classCode="ASSIGNED"><scopingOrganization><name>内科</name>
</scopingOrganization></associatedEntity></participant>
<relatedDocument typeCode="RPLC"><parentDocument><id extension="{replaces}"/><setId/><versionNumber/></parentDocument>
</relatedDocument>
<component><structuredBody>
<component><section><code code="29548-5" displayName="Diagnosis" codeSystem="2.16.840.1.113883.6.1"/><entry>
<observation><code code="DE05.01.024.00" {data}/><value xsi:type="CD" code="E11.9"/></observation></entry></section>
</component>
{sections}
</structuredBody></component></ClinicalDocument>
"""


def document(*sections: str, kind: str = "C0007", charset: str = "UTF-8", codec: str = "", **changes: str) -> bytes:
    """Return a document of sections; `id`, `set_id`, `version`, `numbers`, `institution` and `replaces` change it."""
    usual = {
        "template": "2.16.156.10011.2.1.1.27" if kind == "C0007" else "2.16.156.10011.2.1.1.26",
        "title": "检验报告" if kind == "C0007" else "检查报告",
        "id": "RN001",
        "set_id": "",
        "version": "",
        "numbers": NUMBERS,
        "resident": "360727199003071244",
        "institution": "",
        "replaces": "",
    }
    made = DOCUMENT.format(
        **(usual | changes),
        charset=charset,
        code=kind,
        data=DATA,
        sections="\n".join(sections or (laboratory(item()),)),
    )
    return made.encode(codec or charset)


def element(code: str, value: str, *more: str, before: str = "") -> str:
    """Return an observation that a data element names; `before` stands before its value."""
    held = f'<code code="{code}" {DATA}/>{before}{value}{"".join(more)}'
    return f'<observation classCode="OBS" moodCode="EVN">{held}</observation>'


def related(observation: str) -> str:
    return f'<entryRelationship typeCode="COMP">{observation}</entryRelationship>'


def text_value(text: str) -> str:
    return f'<value xsi:type="ST">{text}</value>'


def item(
    code: str = "GLU",
    value: str = '<value xsi:type="REAL" value="5.6"/>',
    *,
    name: str = "葡萄糖",
    unit: str = "mmol/L",
    specimen: str = "血清",
    collected: str = "20261120070000",
) -> tuple[str, ...]:
    """Return the observations of an item: its code with its specimen, the code of the result, and the quantity."""
    taken = element(
        "DE04.50.134.00",
        text_value(specimen),
        before=f'<effectiveTime><low value="{collected}"/><high value="20261120073000"/></effectiveTime>',
    )
    return (
        element(
            "DE04.30.019.00",
            f'<value xsi:type="CD" code="{code}" displayName="{name}"/>',
            related(taken),
            before='<effectiveTime value="20261120080000"/>',
        ),
        element("DE04.30.017.00", '<value xsi:type="CD" code="1" displayName="正常"/>'),
        element("DE04.30.015.00", value, related(element("DE04.30.016.00", text_value(unit)))),
    )


def cluster(observations: tuple[str, ...]) -> str:
    """Return an item as a cluster."""
    parts = "".join(f"<component>{one}</component>" for one in observations)
    return f'<entry><organizer classCode="CLUSTER" moodCode="EVN"><statusCode/>{parts}</organizer></entry>'


def flat(observations: tuple[str, ...]) -> str:
    """Return an item as entries one after the other."""
    return "".join(f"<entry>{one}</entry>" for one in observations)


def section(*entries: str, code: str = "30954-2") -> str:
    return (
        f'<component><section><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><text/>{"".join(entries)}'
        "</section></component>"
    )


def laboratory(*items: tuple[str, ...]) -> str:
    """Return the laboratory's section: method, category, and items as clusters."""
    method = element("DE02.10.027.00", text_value("己糖激酶法"))
    category = element("DE04.30.018.00", text_value("生化"))
    return section(f"<entry>{method}</entry><entry>{category}</entry>", *(cluster(one) for one in items))


def examination() -> bytes:
    """Return an ultrasound examination with what was seen and what is concluded."""
    seen = element("DE04.50.131.00", text_value("肝脏大小形态正常。"))
    concluded = element("DE04.50.132.00", text_value("肝胆胰脾未见明显异常。"))
    what = element(
        "DE04.30.019.00",
        '<value xsi:type="CD" code="US-ABD" displayName="腹部超声"/>',
        before='<effectiveTime value="20261120081000"/>',
    )
    report = section(f"<entry>{seen}</entry><entry>{concluded}</entry>", code="")
    numbers = '<id root="2.16.156.10011.1.32" extension="JC0001"/>'
    return document(section(cluster((what,))), report, kind="C0006", numbers=numbers)
