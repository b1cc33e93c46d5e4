"""What one value of a query asks for, and what it finds, as R4's pages on search say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.fhir.r4 import SearchParameter, search_parameters
from lienthong.interop.fhir.r4.search import (
    PREFIXES,
    BadQuery,
    CompositeQuery,
    DateQuery,
    DateValue,
    MissingQuery,
    NumberQuery,
    NumberValue,
    QuantityQuery,
    QuantityValue,
    QueryValue,
    ReferenceQuery,
    ReferenceValue,
    SearchValue,
    StringValue,
    TextQuery,
    TokenQuery,
    TokenValue,
    TypedIdentifierQuery,
    UriQuery,
    UriValue,
    alternatives,
    folded,
    matches,
    parse_query_value,
)

OBSERVATION, PATIENT = search_parameters("Observation"), search_parameters("Patient")
NUMBER = SearchParameter("probability", "number", "")
URI = SearchParameter("url", "uri", "")
NOW = datetime(2024, 3, 15, tzinfo=UTC)
UCUM = "http://unitsofmeasure.org"


def number(prefix: str, value: str, low: str, high: str) -> NumberQuery:
    return NumberQuery(prefix, Decimal(value), Decimal(low), Decimal(high))  # type: ignore[arg-type]


def day(month: int, of: int) -> datetime:
    return datetime(2024, month, of, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parameter", "text", "modifier", "expected"),
    [
        (OBSERVATION["date"], "2024-03", "", DateQuery("eq", day(3, 1), day(4, 1))),
        (OBSERVATION["date"], "ge2024-03-05", "", DateQuery("ge", day(3, 5), day(3, 6))),
        (
            OBSERVATION["date"],
            "sa2024-03-05T10:30+07:00",
            "",
            DateQuery("sa", datetime(2024, 3, 5, 3, 30, tzinfo=UTC), datetime(2024, 3, 5, 3, 31, tzinfo=UTC)),
        ),
        (
            OBSERVATION["date"],
            "lt2024-03-05T10:30:00 07:00",
            "",
            DateQuery("lt", datetime(2024, 3, 5, 3, 30, tzinfo=UTC), datetime(2024, 3, 5, 3, 30, 1, tzinfo=UTC)),
        ),
        (OBSERVATION["date"], "ap2024-03-05", "", DateQuery("ap", day(3, 4), day(3, 7))),
        (OBSERVATION["date"], "true", "missing", MissingQuery(True)),
        (NUMBER, "100", "", number("eq", "100", "99.5", "100.5")),
        (NUMBER, "100.00", "", number("eq", "100.00", "99.995", "100.005")),
        (NUMBER, "1e2", "", number("eq", "1e2", "50", "150")),
        (NUMBER, "1.0e2", "", number("eq", "1.0e2", "95", "105")),
        (NUMBER, "lt-5", "", number("lt", "-5", "-5.5", "-4.5")),
        (NUMBER, "ap100", "", number("ap", "100", "90", "110")),
        (OBSERVATION["value-quantity"], "5.4", "", QuantityQuery(number("eq", "5.4", "5.35", "5.45"), None, None)),
        (
            OBSERVATION["value-quantity"],
            f"le5.4|{UCUM}|mg",
            "",
            QuantityQuery(number("le", "5.4", "5.35", "5.45"), UCUM, "mg"),
        ),
        (OBSERVATION["value-quantity"], "5||mg", "", QuantityQuery(number("eq", "5", "4.5", "5.5"), None, "mg")),
        (OBSERVATION["code"], "2823-3", "", TokenQuery(None, "2823-3")),
        (OBSERVATION["code"], "http://loinc.org|2823-3", "", TokenQuery("http://loinc.org", "2823-3")),
        (OBSERVATION["code"], "|K", "", TokenQuery("", "K")),
        (OBSERVATION["code"], "http://loinc.org|", "", TokenQuery("http://loinc.org", None)),
        (OBSERVATION["code"], r"a\|b\,c\$d\\", "", TokenQuery(None, "a|b,c$d\\")),
        (OBSERVATION["code"], "K", "not", TokenQuery(None, "K")),
        (OBSERVATION["code"], "Kali,", "text", TextQuery("Kali,", "kali", "starts")),
        (PATIENT["identifier"], "http://a|MR|12", "of-type", TypedIdentifierQuery("http://a", "MR", "12")),
        (PATIENT["name"], "Đào", "", TextQuery("Đào", "dao", "starts")),
        (PATIENT["name"], "eve", "contains", TextQuery("eve", "eve", "contains")),
        (PATIENT["name"], "Eve", "exact", TextQuery("Eve", "eve", "exact")),
        (OBSERVATION["subject"], "23", "", ReferenceQuery("", "23")),
        (OBSERVATION["subject"], "Patient/23", "", ReferenceQuery("Patient", "23")),
        (OBSERVATION["subject"], "23", "Patient", ReferenceQuery("Patient", "23")),
        (OBSERVATION["subject"], "Patient/23", "Patient", ReferenceQuery("Patient", "23")),
        (OBSERVATION["subject"], "http://a/Patient/23", "", ReferenceQuery("Patient", "23", "http://a/Patient/23")),
        (OBSERVATION["subject"], "urn:uuid:1", "", ReferenceQuery("", "", "urn:uuid:1")),
        (OBSERVATION["subject"], "http://a|1", "identifier", ReferenceQuery(identifier=TokenQuery("http://a", "1"))),
        (URI, "http://a", "", UriQuery("http://a", "exact")),
        (URI, "http://a", "below", UriQuery("http://a", "below")),
        (
            OBSERVATION["code-value-quantity"],
            "http://loinc.org|2823-3$gt5.4",
            "",
            CompositeQuery(
                (
                    TokenQuery("http://loinc.org", "2823-3"),
                    QuantityQuery(number("gt", "5.4", "5.35", "5.45"), None, None),
                )
            ),
        ),
    ],
)
def test_value_is_read(parameter: SearchParameter, text: str, modifier: str, expected: QueryValue) -> None:
    assert parse_query_value(parameter, text, modifier=modifier, at=NOW) == expected


@pytest.mark.parametrize(
    ("parameter", "text", "modifier", "message"),
    [
        (OBSERVATION["date"], "2024-13", "", "date must be YYYY, YYYY-MM"),
        (OBSERVATION["date"], "2023-02-29", "", "date must be YYYY"),
        (OBSERVATION["date"], "today", "", "date must be YYYY"),
        (
            OBSERVATION["date"],
            "xx2024",
            "",
            "date has an unknown prefix; allowed are eq, ne, gt, lt, ge, le, sa, eb, ap",
        ),
        (OBSERVATION["date"], "", "", "date must have a value"),
        (OBSERVATION["date"], "2024", "exact", "date:exact has an unknown modifier; allowed are missing"),
        (OBSERVATION["date"], "yes", "missing", "date:missing must be true or false"),
        (NUMBER, "five", "", "probability must be a number"),
        (NUMBER, "1e999", "", "probability is not allowed: a number has an exponent beyond 308"),
        (NUMBER, "1" * 65, "", "more than 64 characters"),
        (NUMBER, "NaN", "", "must be a number"),
        (NUMBER, "", "", "must have a value"),
        (OBSERVATION["value-quantity"], "5|mg", "", "value-quantity must be a number, or a number|system|code"),
        (OBSERVATION["code"], "|", "", "code must be code, system|code, |code or system|"),
        (OBSERVATION["code"], "a|b|c", "", "code must be code, system|code"),
        (OBSERVATION["code"], "a", "contains", "code:contains has an unknown modifier; allowed are missing, not, text"),
        (OBSERVATION["code"], "http://a", "in", "code:in has an unknown modifier"),
        (PATIENT["identifier"], "a|b", "of-type", "identifier:of-type must be system|code|value"),
        (OBSERVATION["subject"], "a/b", "", "subject must be an id, a type and an id"),
        (OBSERVATION["subject"], "Human/b", "", "subject must be an id, a type and an id"),
        (OBSERVATION["subject"], "Device/1", "Patient", "subject:Patient must name a Patient"),
        (OBSERVATION["subject"], "1", "Organization", "allowed are missing, identifier, Device, Group, "),
        (OBSERVATION["code-value-quantity"], "a", "", "code-value-quantity must have 2 parts with $ between them"),
        (OBSERVATION["code-value-quantity"], "a$b", "", "code-value-quantity must be a number"),
        (search_parameters("Location")["near"], "1|2", "", "near is of type special"),
    ],
)
def test_bad_value_is_refused_with_what_is_allowed(
    parameter: SearchParameter, text: str, modifier: str, message: str
) -> None:
    with pytest.raises(BadQuery) as caught:
        parse_query_value(parameter, text, modifier=modifier)

    assert message in str(caught.value)
    assert caught.value.parameter.partition(":")[0] == parameter.code


def test_approximate_date_needs_the_instant_of_the_search() -> None:
    with pytest.raises(BadQuery, match="ap"):
        parse_query_value(OBSERVATION["date"], "ap2024")


def test_dates_without_zone_are_of_the_zone_that_is_given() -> None:
    zone = timezone(timedelta(hours=7))

    query = parse_query_value(OBSERVATION["date"], "2024-03-05", zone=zone)

    assert query == DateQuery("eq", datetime(2024, 3, 4, 17, tzinfo=UTC), datetime(2024, 3, 5, 17, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a,b", ["a", "b"]), (r"a\,b,c", [r"a\,b", "c"]), (r"a\\,b", [r"a\\", "b"]), ("", [""]), ("a,", ["a", ""])],
)
def test_alternatives_are_split_at_bare_commas(text: str, expected: list[str]) -> None:
    assert alternatives(text) == expected


def token(system: str, code: str, **more: object) -> TokenValue:
    return TokenValue(system, code, **more)  # type: ignore[arg-type]


def span(start: datetime | None, end: datetime | None) -> DateValue:
    return DateValue(start, end, "period")


def amount(low: str | None, high: str | None, *unit: str) -> QuantityValue:
    return QuantityValue(None, Decimal(low) if low else None, Decimal(high) if high else None, "", *unit)


@pytest.mark.parametrize(
    ("parameter", "text", "value", "expected"),
    [
        # Dates: a query for a day, and a value that is a day, an hour of it, a month around it, or open.
        (OBSERVATION["date"], "2024-03-05", span(day(3, 5), day(3, 6)), "eq ge le ap"),
        (OBSERVATION["date"], "2024-03-05", span(day(3, 6), day(3, 7)), "ne gt ge sa"),
        (OBSERVATION["date"], "2024-03-05", span(day(3, 4), day(3, 5)), "ne lt le eb"),
        (OBSERVATION["date"], "2024-03-05", span(day(3, 1), day(4, 1)), "ne gt lt ge le ap"),
        (OBSERVATION["date"], "2024-03", span(day(3, 5), day(3, 6)), "eq ge le ap"),
        (OBSERVATION["date"], "2024-03-05", span(day(3, 5), None), "ne gt ge ap"),
        (OBSERVATION["date"], "2024-03-05", span(None, day(3, 6)), "ne lt le ap"),
        # Numbers: eq and ne by precision, the others exactly.
        (NUMBER, "100", NumberValue(Decimal("100.4")), "eq gt ge sa ap"),
        (NUMBER, "100", NumberValue(Decimal("100.5")), "ne gt ge sa ap"),
        (NUMBER, "100", NumberValue(Decimal("99.5")), "eq lt le eb ap"),
        (NUMBER, "100", NumberValue(Decimal("100")), "eq ge le ap"),
        (NUMBER, "100", NumberValue(Decimal("89")), "ne lt le eb"),
        # Quantities: < 5 may be anything below.
        (OBSERVATION["value-quantity"], "3", amount(None, "5"), "ne gt lt ge le ap"),
        (OBSERVATION["value-quantity"], "7", amount(None, "5"), "ne lt le eb"),
        (OBSERVATION["value-quantity"], "3||mg", amount("3", "3", UCUM, "mg"), "eq ge le ap"),
        (OBSERVATION["value-quantity"], "3||mg", amount("3", "3", "", "", "mg"), "eq ge le ap"),
        (OBSERVATION["value-quantity"], f"3|{UCUM}|mg", amount("3", "3", "", "", "mg"), ""),
        (OBSERVATION["value-quantity"], f"3|{UCUM}|mg", amount("3", "3", UCUM, "g"), ""),
    ],
)
def test_prefixes_find_what_r4_says(parameter: SearchParameter, text: str, value: SearchValue, expected: str) -> None:
    # The approximation of a date is a tenth of its distance; here the distance is none.
    now = day(3, 5)

    found = [one for one in PREFIXES if matches(parse_query_value(parameter, one + text, at=now), value)]

    assert sorted(found) == sorted(expected.split())


@pytest.mark.parametrize(
    ("parameter", "text", "modifier", "value", "expected"),
    [
        (OBSERVATION["code"], "K", "", token("http://a", "K"), True),
        (OBSERVATION["code"], "k", "", token("http://a", "K"), False),
        (OBSERVATION["code"], "|K", "", token("http://a", "K"), False),
        (OBSERVATION["code"], "|K", "", token("", "K"), True),
        (OBSERVATION["code"], "http://a|", "", token("http://a", "K"), True),
        (OBSERVATION["code"], "http://b|K", "", token("http://a", "K"), False),
        (OBSERVATION["code"], "kali", "text", token("", "K", texts=("Kali máu",)), True),
        (OBSERVATION["code"], "mau", "text", token("", "K", texts=("K", "Kali máu")), True),
        (OBSERVATION["code"], "li", "text", token("", "K", texts=("Kali máu",)), False),
        (PATIENT["identifier"], "http://a|MR|1", "of-type", token("b", "1", types=(("http://a", "MR"),)), True),
        (PATIENT["identifier"], "http://a|MR|1", "of-type", token("b", "1"), False),
        (PATIENT["name"], "nguyen", "", StringValue("Nguyễn Đào", folded("Nguyễn Đào")), True),
        (PATIENT["name"], "dao", "", StringValue("Nguyễn Đào", folded("Nguyễn Đào")), False),
        (PATIENT["name"], "dao", "contains", StringValue("Nguyễn Đào", folded("Nguyễn Đào")), True),
        (PATIENT["name"], "nguyễn đào", "exact", StringValue("Nguyễn Đào", folded("Nguyễn Đào")), False),
        (OBSERVATION["subject"], "p", "", ReferenceValue("Patient", "p", "Patient/p"), True),
        (OBSERVATION["subject"], "p", "Device", ReferenceValue("Patient", "p", "Patient/p"), False),
        (OBSERVATION["subject"], "http://a/Patient/p", "", ReferenceValue("Patient", "p", "Patient/p"), False),
        (OBSERVATION["subject"], "http://a/Patient/p", "", ReferenceValue("Patient", "p", "http://a/Patient/p"), True),
        (OBSERVATION["subject"], "1", "identifier", ReferenceValue("", "", "", token("a", "1")), True),
        (OBSERVATION["subject"], "1", "identifier", ReferenceValue("Patient", "1", "Patient/1"), False),
        (URI, "http://a/b", "", UriValue("http://a/b/c"), False),
        (URI, "http://a/b", "below", UriValue("http://a/b/c"), True),
        (URI, "http://a/b", "below", UriValue("http://a/bc"), False),
        (URI, "http://a/b", "above", UriValue("http://a"), True),
        (URI, "http://a/b", "", token("", "http://a/b"), False),
    ],
)
def test_values_are_found_as_r4_says(
    parameter: SearchParameter, text: str, modifier: str, value: SearchValue, expected: bool
) -> None:
    assert matches(parse_query_value(parameter, text, modifier=modifier), value) is expected


@given(st.text(max_size=12), st.sampled_from(["", "missing", "of-type", "identifier", "text", "exact", "Patient"]))
def test_any_text_is_read_or_refused(text: str, modifier: str) -> None:
    for parameter in (*OBSERVATION.values(), *PATIENT.values(), NUMBER):
        try:
            parse_query_value(parameter, text, modifier=modifier, at=NOW)
        except BadQuery as error:
            assert str(error).startswith(parameter.code)  # noqa: PT017 either outcome is right


@given(st.text(max_size=10))
def test_escaped_text_is_found_as_it_was(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|").replace("$", "\\$")

    assert alternatives(escaped) == [escaped]
    if text:
        assert parse_query_value(OBSERVATION["code"], escaped) == TokenQuery(None, text)
