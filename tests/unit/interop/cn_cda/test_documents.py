"""Reports in CDA in the forms that systems write: clusters, flat entries, CDA's own; replaced ones; in GB 18030."""

from __future__ import annotations

import pytest
from tests.factories.national import (
    cluster,
    document,
    element,
    examination,
    flat,
    item,
    laboratory,
    section,
    text_value,
)

from lienthong.findings import Finding
from lienthong.interop.cn_cda import CdaDocument, is_document, read_document

LOINC = 'codeSystem="2.16.840.1.113883.6.1"'


def read(data: bytes) -> tuple[CdaDocument, list[Finding]]:
    found, findings = read_document(data)
    assert found is not None
    return found, [*findings]


def test_header_tells_patient_author_custodian_and_numbers() -> None:
    found, findings = read(document(institution="123607270000000010"))

    patient = found.patient
    assert findings == []
    assert patient is not None
    assert (found.kind, found.id, found.title, found.language) == ("laboratory", "RN001", "检验报告", "zh-CN")
    assert (patient.name, patient.sex, patient.resident_number) == ("李晓梅", "2", "360727199003071244")
    assert patient.numbers == (("2.16.156.10011.1.11", "MZ20261120001"),)
    assert patient.birth is not None
    assert patient.birth.text == "19900307"
    assert found.author is not None
    assert found.author.at is not None
    assert (found.author.name, found.author.at.text) == ("王建国", "20261120093000")
    assert [(one.name, one.role) for one in found.signers] == [("赵敏", "审核医师")]
    assert found.custodian is not None
    assert (found.custodian.name, found.custodian.identifier) == ("龙南市第一医院", "123607270000000010")
    assert found.requested_by is not None
    assert found.requested_by.name == "内科"
    assert found.numbers == {"laboratory_report": "JY0001", "order": "SQ1"}
    assert found.replaced is None
    assert found.texts == {"method": "己糖激酶法", "category": "生化"}


@pytest.mark.parametrize("form", [cluster, flat], ids=["cluster", "flat"])
def test_items_are_the_same_in_both_forms_of_the_templates(form: object) -> None:
    entries = (form(item()), form(item("K", '<value xsi:type="REAL" value="4.1"/>', name="钾")))  # type: ignore[operator]  # two functions

    found, findings = read(document(section(*entries)))

    assert findings == []
    assert [(one.code, one.name, one.value, one.value_type, one.unit) for one in found.items] == [
        ("GLU", "葡萄糖", "5.6", "REAL", "mmol/L"),
        ("K", "钾", "4.1", "REAL", "mmol/L"),
    ]
    first = found.items[0]
    times = [one.text for one in (first.collected_at, first.received_at, first.examined_at) if one]
    assert times == ["20261120070000", "20261120073000", "20261120080000"]
    assert (first.specimen_kind, first.result_code) == ("血清", "正常")


def test_cluster_is_an_item_in_whatever_order_its_parts_stand() -> None:
    found, findings = read(document(section(cluster(item()[::-1]), cluster(item("K")[::-1]))))

    assert findings == []
    assert [(one.code, one.value) for one in found.items] == [("GLU", "5.6"), ("K", "5.6")]


@pytest.mark.parametrize(
    ("value", "text", "kind", "unit"),
    [
        ('<value xsi:type="PQ" value="5.60" unit="mmol/L"/>', "5.60", "PQ", "mmol/L"),
        ('<value xsi:type="ST">阴性</value>', "阴性", "ST", ""),
        ('<value xsi:type="ST">&lt;0.01</value>', "<0.01", "ST", ""),
        ('<value xsi:type="CD" code="260385009" displayName="阴性"/>', "阴性", "CD", ""),
        ('<value xsi:type="CD" code="2"/>', "", "CD", ""),
        ('<value xsi:type="CE"><originalText>弱阳性</originalText></value>', "弱阳性", "CE", ""),
        (
            '<value xsi:type="IVL_PQ"><high value="0.01" unit="U/L" inclusive="false"/></value>',
            "<0.01",
            "IVL_PQ",
            "U/L",
        ),
        ('<value xsi:type="INT" value="3"/>', "3", "INT", ""),
        ('<value value="3" unit="g/L"/>', "3", "PQ", "g/L"),
        ('<value xsi:type="PQ" nullFlavor="NA" value="1"/>', "", "PQ", ""),
        ('<value xsi:type="REAL" value=""/>', "", "REAL", ""),
    ],
    ids=["pq", "st", "compared", "cd", "code alone", "original text", "interval", "int", "untyped", "null", "blank"],
)
def test_value_of_each_type_is_read_in_cda_s_own_form(value: str, text: str, kind: str, unit: str) -> None:
    observation = (
        f'<entry><observation><code code="2345-7" {LOINC} displayName="Glucose"/>'
        '<effectiveTime value="20261120070000"/>'
        f'{value}<interpretationCode code="N"/><methodCode displayName="HK"/><referenceRange><observationRange>'
        '<value xsi:type="IVL_PQ"><low value="3.9"/><high value="6.1"/></value></observationRange></referenceRange>'
        "</observation></entry>"
    )

    found, findings = read(document(section(observation)))

    (one,) = found.items
    assert findings == []
    assert (one.value, one.value_type, one.unit) == (text, kind, unit)
    assert (one.code, one.code_system, one.name) == ("2345-7", "2.16.840.1.113883.6.1", "Glucose")
    assert (one.reference_range, one.interpretations, one.method) == ("3.9-6.1", ("N",), "HK")
    assert one.examined_at is None
    assert one.effective_at is not None


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ('<value xsi:type="IVL_PQ"><high value="5.0" inclusive="false"/></value>', "<5.0"),
        ('<value xsi:type="IVL_PQ"><low value="40"/></value>', ">=40"),
        ("<text>阴性</text>", "阴性"),
        ("", ""),
    ],
    ids=["below", "above", "words", "none"],
)
def test_reference_range_is_written_as_laboratories_do(limits: str, expected: str) -> None:
    observation = (
        f'<entry><observation><code code="X" codeSystem="1.2"/><value xsi:type="REAL" value="1"/><referenceRange>'
        f"<observationRange>{limits}</observationRange></referenceRange></observation></entry>"
    )

    assert read(document(section(observation)))[0].items[0].reference_range == expected


@pytest.mark.parametrize(("charset", "codec"), [("GB18030", ""), ("GB2312", "gb18030"), ("UTF-16", "")])
def test_character_set_of_the_document_is_followed(charset: str, codec: str) -> None:
    rare = "𠮷"  # of GB 18030, and of no part of it

    found, findings = read(document(laboratory(item(name=rare)), charset=charset, codec=codec))

    assert findings == []
    assert found.items[0].name == rare


def test_document_that_replaces_another_names_it() -> None:
    found, _ = read(document(id="RN002", replaces="RN001", set_id="S1", version="2"))

    assert found.replaced is not None
    assert (found.replaced.id, found.set_id, found.version) == ("RN001", "S1", "2")


def test_examination_tells_what_was_seen_and_what_is_concluded() -> None:
    found, findings = read(examination())

    (one,) = found.items
    assert findings == []
    assert found.kind == "examination"
    assert (one.code, one.name, one.value) == ("US-ABD", "腹部超声", "")
    assert found.texts == {"findings": "肝脏大小形态正常。", "conclusion": "肝胆胰脾未见明显异常。"}
    assert found.numbers == {"examination_report": "JC0001"}


def test_conclusion_under_the_code_of_findings_is_told_by_its_title() -> None:
    titled = element("DE04.50.131.00", text_value("脂肪肝。")).replace(
        'code="DE04.50.131.00"', 'code="DE04.50.131.00" displayName="检查报告结果-主观提示"'
    )

    found, _ = read(document(section(f"<entry>{titled}</entry>"), kind="C0006"))

    assert found.texts == {"conclusion": "脂肪肝。"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document(kind="C0034", template="2.16.156.10011.2.1.1.54"), "document-kind"),
        (b"<GIAMDINHHS/>", "document-kind"),
        (b"<ClinicalDocument", "xml"),
    ],
    ids=["admission record", "no document", "broken"],
)
def test_what_is_no_report_is_refused_with_its_reason(data: bytes, code: str) -> None:
    found, findings = read_document(data)

    assert found is None
    assert [one.code for one in findings] == [code]


def test_template_tells_the_kind_where_the_code_does_not() -> None:
    assert read(document(kind="", template="2.16.156.10011.2.1.1.26"))[0].kind == "examination"


def test_what_could_not_be_read_is_told_by_its_place() -> None:
    lonely = element("DE04.30.015.00", '<value xsi:type="REAL" value="5.6"/>')
    unknown = element("DE99.99.999.00", text_value("阴性"))
    bad = item(collected="昨天")
    codeless = item("")

    found, findings = read(
        document(section(f"<entry>{lonely}</entry>", f"<entry>{unknown}</entry>", cluster(bad), cluster(codeless)))
    )

    assert len(found.items) == 2
    assert {(one.where, one.code) for one in findings} == {
        ("entry/observation[quantity]", "element-order"),
        ("entry/observation[DE99.99.999.00]", "element-ignored"),
        ("item[1]/specimen/effectiveTime", "date"),
        ("item[2]/code", "required"),
    }
    assert not any("昨天" in one.message or "阴性" in one.message for one in findings)


def test_kind_of_bytes_is_told_by_the_first_element() -> None:
    assert is_document(document(charset="GB18030"))
    assert not is_document(b"<GIAMDINHHS/>")
