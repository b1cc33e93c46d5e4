"""JSON to the tree and back: what came goes back, and what can't be a resource is refused with its place."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal

import pytest

from lienthong.interop.fhir import Unreadable
from lienthong.interop.fhir.r4 import parse_json, write_json

NUMBERS = ["1.50", "1e2", "1E+2", "1.0", "-0", "0.0000001", "0", "-0.00", "1.50e0", "12345678901234567890", "5E-3"]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_keep_their_digits(number: str) -> None:
    text = f'{{"resourceType":"Observation","valueQuantity":{{"value":{number}}}}}'.encode()

    tree = parse_json(text)

    assert write_json(tree) == text
    assert write_json(copy.deepcopy(tree)) == text
    assert write_json(pickle.loads(pickle.dumps(tree))) == text  # noqa: S301 our own bytes


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_numbers(number: str) -> None:
    value = parse_json(f'{{"a":{number}}}'.encode())["a"]

    assert isinstance(value, int | Decimal)
    assert value == Decimal(number)
    assert str(value) == number


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":[1,{"c":null}],"_a":{"extension":[{"url":"http://example.org/x","valueString":"y"}]}}',
        '{"text":{"div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">a\\n</div>"}}',
        '{"a":"Nguyễn","b":true,"c":{}}',
    ],
    ids=["order", "escapes", "letters"],
)
def test_members_come_back_in_their_order(text: str) -> None:
    assert write_json(parse_json(text.encode())) == text.encode()


@pytest.mark.parametrize("text", ['{"a":"\\u1ec5\\/"}', ' {\r\n\t"a" : "ễ/" } ', '\ufeff{"a":"ễ/"}'])
def test_writing_without_white_space_and_escapes_means_the_same(text: str) -> None:
    assert write_json(parse_json(text.encode())) == '{"a":"ễ/"}'.encode()


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (b'{"resourceType":"Patient","name":[{"use":"usual","use":"old"}]}', "Patient.name[0]", "use is given twice"),
        (b'{"id":"a","id":"a"}', "", "the member id is given twice"),
        (b'{"Nguy\xc3\xaan":1,"Nguy\xc3\xaan":1}', "", "the member ? is given twice"),
        (b'{"resourceType":"Observation","valueInteger":NaN}', "Observation.valueInteger", "NaN and Infinity"),
        (b'{"a":-Infinity}', "a", "NaN and Infinity"),
        (b'{"a":[1,' + b"9" * 65 + b"]}", "a[1]", "more than 64 characters"),
        (b'{"a":' + b"9" * 5000 + b"}", "a", "more than 64 characters"),
        (b'{"a":1e309}', "a", "exponent beyond 308"),
        (b'{"a":1e99999999999999999999}', "a", "exponent beyond 308"),
        (b'{"a":0e-999}', "a", "exponent beyond 308"),
        (b'{"a":"\xff"}', "", "byte 6 is not UTF-8"),
        (b'{"a":"\\ud800"}', "a", "half of a surrogate pair"),
        (b'{"\\ud800":1}', "", "half of a surrogate pair"),
        (b'{"a":"\x01"}', "", "not JSON at line 1, column 7"),
        (b'{"a":1,\n"b":}', "", "not JSON at line 2, column 5"),
        (b'{"a":1} x', "", "not JSON at line 1, column 9"),
        (b'{"a":01}', "", "not JSON"),
        (b"", "", "not JSON"),
        (b"[1]", "", "must be a JSON object"),
        (b'"a"', "", "must be a JSON object"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "", "more than 100 levels"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "", "more than 100 levels"),
        (b'{"a":' + b"[" * 100_000, "", "more than 100 levels"),
    ],
)
def test_what_is_no_resource_is_refused_with_its_place(text: bytes, place: str, message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_json(text)

    (issue,) = caught.value.issues
    assert issue.place == place
    assert message in issue.message
    assert issue.severity == "fatal"


def test_a_hundred_levels_are_read() -> None:
    text = b'{"a":' * 100 + b"1" + b"}" * 100

    assert write_json(parse_json(text)) == text


def test_tree_is_that_of_the_standard_library() -> None:
    text = b'{"resourceType":"Patient","name":[{"given":["A","B"],"_given":[null,{"id":"x"}]}],"active":true}'

    assert parse_json(text) == json.loads(text)
