"""XML to the tree of JSON and back; what isn't a resource in XML is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from lienthong.interop.fhir import Unreadable
from lienthong.interop.fhir.r4 import check, parse_json, parse_xml, write_json, write_xml

FHIR = 'xmlns="http://hl7.org/fhir"'
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def patient(inner: str) -> bytes:
    return f"<Patient {FHIR}>{inner}</Patient>".encode()


@pytest.mark.parametrize(
    ("xml", "json"),
    [
        ('<active value="true"/>', '"active":true'),
        ('<birthDate id="b" value="2024"/>', '"birthDate":"2024","_birthDate":{"id":"b"}'),
        (
            '<birthDate><extension url="a"><valueDecimal value="1.50"/></extension></birthDate>',
            '"_birthDate":{"extension":[{"url":"a","valueDecimal":1.50}]}',
        ),
        ('<multipleBirthInteger value="2"/>', '"multipleBirthInteger":2'),
        (
            '<name id="n"><given value="A"/>'
            '<given id="g"><extension url="a"><valueCode value="b"/></extension></given></name>',
            '"name":[{"id":"n","given":["A",null],'
            '"_given":[null,{"id":"g","extension":[{"url":"a","valueCode":"b"}]}]}]',
        ),
        (
            '<name><given><extension url="a"><valueCode value="b"/></extension></given></name>',
            '"name":[{"_given":[{"extension":[{"url":"a","valueCode":"b"}]}]}]',
        ),
        (
            '<contained><Device><id value="d"/></Device></contained>',
            '"contained":[{"resourceType":"Device","id":"d"}]',
        ),
        ('<name><text value="a&#10;b&#9;&quot;&lt;&amp;ễ"/></name>', '"name":[{"text":"a\\nb\\t\\"<&ễ"}]'),
        (
            f"<text><status value=\"generated\"/><div {XHTML}>\n<b class='a'>1 &lt; 2</b><br /></div ></text>",
            '"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">\\n'
            "<b class='a'>1 &lt; 2</b><br /></div >\"}",
        ),
    ],
    ids=["boolean", "id", "extension", "integer", "array", "no-value", "contained", "text", "narrative"],
)
def test_xml_becomes_json_and_comes_back(xml: str, json: str) -> None:
    tree = parse_xml(patient(xml))

    assert tree == parse_json(f'{{"resourceType":"Patient",{json}}}'.encode())
    assert write_xml(parse_json(write_json(tree))) == b'<?xml version="1.0" encoding="UTF-8"?>\n' + patient(xml)


@pytest.mark.parametrize("number", ["1.50", "1e2", "1.0", "-0", "0.0000001", "12345678901234567890", "1E-2"])
def test_decimals_keep_their_digits(number: str) -> None:
    data = patient(f'<extension url="a"><valueDecimal value="{number}"/></extension>')

    tree = parse_xml(data)

    assert f'"valueDecimal":{number}}}'.encode() in write_json(tree)
    assert check(tree) == ()
    assert write_xml(parse_json(write_json(tree))).endswith(data)


@pytest.mark.parametrize(
    ("xml", "place"),
    [
        ('<active value="yes"/>', "Patient.active"),
        ('<active value=""/>', "Patient.active"),
        ("<active/>", "Patient._active"),
        ('<multipleBirthInteger value="007"/>', "Patient.multipleBirthInteger"),
        ('<multipleBirthInteger value="1e999"/>', "Patient.multipleBirthInteger"),
        ('<active value="true"/><active value="true"/>', "Patient.active"),
        ("<maritalStatus/>", "Patient.maritalStatus"),
        ('<maritalStatus><text value="a"/></maritalStatus>' * 2, "Patient.maritalStatus"),
        ('<extension><valueCode value="a"/></extension>', "Patient.extension[0]"),
        ('<deceasedBoolean value="true"/><deceasedDateTime value="2024"/>', "Patient"),
    ],
)
def test_what_xml_says_wrongly_is_told_by_the_check(xml: str, place: str) -> None:
    tree = parse_xml(patient(xml))

    assert place in [issue.place for issue in check(tree)]


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"", "", "not XML at line 1"),
        (b"<Patient", "", "not XML"),
        (patient("<name>"), "", "not XML"),
        (patient('<a:name value=""/>'), "", "not XML"),
        (patient("") + b"<a/>", "", "not XML"),
        (patient('<id value="\xff"/>'.replace("\xff", "é")).replace("é".encode(), b"\xff"), "", "is not UTF-8"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + patient(""), "", "encoding must be UTF-8"),
        (patient("").decode().encode("utf-16"), "", "not UTF-8"),
        (b"<!DOCTYPE Patient>" + patient(""), "", "document type"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + patient('<id value="&b;"/>'), "", "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + patient(""), "", "document type"),
        (b"<Patient/>", "Patient", "namespace http://hl7.org/fhir"),
        (f"<Human {FHIR}/>".encode(), "", "a resource of R4"),
        (patient('<nme value="a"/>'), "Patient.nme", "no such element"),
        (patient('<name xmlns="http://example.org"/>'), "Patient.name", "no such element"),
        (patient('<active value="true" x="1"/>'), "Patient.active.x", "no such attribute"),
        (patient('<name value="a"/>'), "Patient.name[0].value", "no such attribute"),
        (patient("<name>An</name>"), "Patient.name[0]", "value attribute"),
        (patient('<active value="true"/><id value="a"/>'), "Patient.id", "must precede"),
        (patient("<contained><Human/></contained>"), "Patient.contained[0]", "a resource of R4"),
        (patient("<contained><Basic/><Basic/></contained>"), "Patient.contained[0]", "no more"),
        (patient("<text><div>a</div></text>"), "Patient.text.div", "no such element"),
        (patient('<extension url="a">' * 120 + "</extension>" * 120), "", "more than 100 levels"),
        (patient(f"<text><div {XHTML}>{'<b>' * 120}{'</b>' * 120}</div></text>"), "", "more than 100 levels"),
        (patient("<a>" * 120 + "</a>" * 120), "", "more than 100 levels"),
    ],
)
def test_what_is_no_resource_is_refused_with_its_place(data: bytes, place: str, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_xml(data)

    issue = caught.value.issues[0]
    assert issue.place == place
    assert message in issue.message


def test_all_unknown_elements_are_told_and_no_text() -> None:
    with pytest.raises(Unreadable) as caught:
        parse_xml(patient('<a value="Nguyen"><b/></a><name><c>Nguyen</c></name>' + "<d/>" * 2000))

    assert [issue.place for issue in caught.value.issues[:3]] == ["Patient.a", "Patient.name[0].c", "Patient.d"]
    assert len(caught.value.issues) == 1000
    assert "Nguyen" not in str(caught.value)


def test_comments_instructions_and_schema_locations_are_passed_over() -> None:
    data = (
        f'\ufeff<?xml version="1.0" encoding="utf-8"?><!-- a --><?b c?><Patient {FHIR} '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b">'
        '<!-- d --><active value="true"><!-- e --></active></Patient><!-- f -->'
    )

    assert parse_xml(data.encode()) == {"resourceType": "Patient", "active": True}


def test_prefixes_are_only_names() -> None:
    data = (
        '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text>'
        '<f:status value="generated"/><h:div xml:lang="vi"><h:b title="&lt;">Sốt &amp; ho</h:b></h:div>'
        "</f:text></f:Patient>"
    )

    tree = parse_xml(data.encode())

    assert tree["text"] == {
        "status": "generated",
        "div": f'<div {XHTML} xml:lang="vi"><b title="&lt;">Sốt &amp; ho</b></div>',
    }
    assert check(tree) == ()
    assert parse_xml(write_xml(tree)) == tree


def test_empty_narrative_is_read_and_told_by_the_check() -> None:
    tree = parse_xml(patient(f'<text><status value="generated"/><div {XHTML} title=">"/></text>'))

    assert tree["text"] == {"status": "generated", "div": f'<div {XHTML} title=">"/>'}
    assert [issue.place for issue in check(tree)] == ["Patient.text.div"]


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({}, ""),
        ({"resourceType": "Human"}, ""),
        ({"resourceType": "Patient", "nme": 1}, "Patient.nme"),
        ({"resourceType": "Patient", "_name": [{"id": "a"}]}, "Patient._name"),
        ({"resourceType": "Patient", "name": {"family": "a"}}, "Patient.name"),
        ({"resourceType": "Patient", "name": []}, "Patient.name"),
        ({"resourceType": "Patient", "name": [None]}, "Patient.name[0]"),
        ({"resourceType": "Patient", "name": ["a"]}, "Patient.name[0]"),
        ({"resourceType": "Patient", "name": [{"given": [None]}]}, "Patient.name[0].given[0]"),
        ({"resourceType": "Patient", "name": [{"_given": ["a"]}]}, "Patient.name[0].given[0]"),
        ({"resourceType": "Patient", "birthDate": {}}, "Patient.birthDate"),
        ({"resourceType": "Patient", "birthDate": "a\x01"}, "Patient.birthDate"),
        ({"resourceType": "Patient", "birthDate": "\ud800"}, "Patient.birthDate"),
        ({"resourceType": "Patient", "name": [{"id": 1.5}]}, "Patient.name[0].id"),
        ({"resourceType": "Patient", "contained": [{"a": 1}]}, "Patient.contained[0]"),
        ({"resourceType": "Patient", "text": {"div": "a"}}, "Patient.text.div"),
        ({"resourceType": "Patient", "text": {"div": f"<div {XHTML}>a</div><div/>"}}, "Patient.text.div"),
        ({"resourceType": "Patient", "text": {"div": f"<!DOCTYPE a><div {XHTML}>a</div>"}}, "Patient.text.div"),
        (
            {"resourceType": "Patient", "text": {"div": f"<?xml version='1.0'?><div {XHTML}>a</div>"}},
            "Patient.text.div",
        ),
    ],
)
def test_tree_without_a_form_in_xml_is_refused_with_its_place(tree: dict[str, Any], place: str) -> None:
    with pytest.raises(Unreadable) as caught:
        write_xml(tree)

    assert [issue.place for issue in caught.value.issues] == [place]


def test_tree_that_is_too_deep_for_xml_is_refused() -> None:
    extension: dict[str, Any] = {"url": "a"}
    for _ in range(5000):
        extension = {"url": "a", "extension": [extension]}

    with pytest.raises(Unreadable, match="too many levels"):
        write_xml({"resourceType": "Patient", "extension": [extension]})


def test_many_unknown_attributes_are_told_as_so_many_issues_at_most() -> None:
    attributes = " ".join(f'a{number}=""' for number in range(5_000))

    with pytest.raises(Unreadable) as refused:
        parse_xml(f"<Patient {FHIR} {attributes}/>".encode())

    assert len(refused.value.issues) == 1_000
