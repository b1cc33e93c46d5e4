"""What a search finds is what a plain filter over all resources finds, by R4's meaning of each parameter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from tests.integration.exchange.fhir.conftest import Json, System
from tests.integration.exchange.fhir.many import CODES

from lienthong.interop.fhir import loads, r4
from lienthong.interop.fhir.r4 import search
from lienthong.registry.models import Analyte, Facility
from lienthong.results.search.codes import RESULT_PROFILE

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")
MISSING = ("date", "performer", "identifier", "code", "category", "patient", "specimen", "value-quantity", "_tag")
Pair = tuple[str, str]


class Plain:
    """All resources that the system may read, and the filter over them."""

    def __init__(self, system: System) -> None:
        self.resources = everything(system)
        self.values = {one["id"]: _values(one) for one in self.resources}

    def find(self, pairs: Sequence[Pair]) -> set[str]:
        return {id_ for id_, values in self.values.items() if all(self._meets(values, *pair) for pair in pairs)}

    @staticmethod
    def _meets(values: dict[str, list[search.SearchValue]], name: str, text: str) -> bool:
        code, _colon, modifier = name.partition(":")
        if modifier == "missing":
            return (code not in values) == (text == "true")
        parameter = r4.search_parameters("Observation")[code]
        queries = [
            search.parse_query_value(parameter, one, modifier=modifier, zone=ZONE, at=AT)
            for one in search.alternatives(text)
        ]
        found = any(search.matches(query, value) for query in queries for value in values.get(code, ()))
        return found != (modifier == "not")


def _values(resource: Json) -> dict[str, list[search.SearchValue]]:
    """Return by what a resource is found; what a row of the house measures has its names in all languages."""
    values = search.search_values(resource, "Observation", ZONE)
    if RESULT_PROFILE in resource["meta"].get("profile", ()):
        codes = [one["code"] for one in resource["code"]["coding"] if one["system"] == "http://loinc.org"]
        named = Analyte.objects.filter(loinc__in=codes).values_list("name_vi", "name_zh", "name_en")
        for code in ("code", "combo-code"):
            values[code] += [search.TokenValue("", "-", texts) for texts in named]
    return values


def everything(system: System) -> list[Json]:
    """Page through all Observations; decimals keep their digits."""
    found, path = [], "Observation?_count=500&_sort=_lastUpdated"
    while path:
        bundle: Json = loads(system.get(path).content)  # type: ignore[assignment]  # an object
        found += [one["resource"] for one in bundle["entry"]]
        path = next((one["url"].partition("/fhir/")[2] for one in bundle["link"] if one["relation"] == "next"), "")
    return found


def ids(system: System, pairs: Sequence[Pair], kind: str = "Observation") -> list[str]:
    """Return the ids of all pages of a search in their order; its total must be their number."""
    found, path = [], f"{kind}?{urlencode([*pairs, ('_count', '500'), ('_total', 'accurate')])}"
    while path:
        answer = system.get(path)
        assert answer.status_code == 200, (path, answer.content)
        bundle = answer.json()
        found += [one["resource"]["id"] for one in bundle.get("entry", [])]
        path = next((one["url"].partition("/fhir/")[2] for one in bundle["link"] if one["relation"] == "next"), "")
    assert bundle["total"] == len(found)
    assert len(set(found)) == len(found)
    return found


def conditions(plain: Plain) -> st.SearchStrategy[Pair]:
    """Return one parameter with a value, as it is or may be in the resources."""
    dates = st.sampled_from(
        ("2026", "2026-10", "2026-11-09", "2026-11-09T10:30", "2026-11-09T10:30:00+07:00", *_times(plain))
    )
    numbers = st.decimals(min_value=0, max_value=12, places=2).map(str) | st.sampled_from(_numbers(plain))
    units = st.sampled_from(("", "|http://unitsofmeasure.org|mmol/L", "||mmol/L", "|http://unitsofmeasure.org|mg/dL"))
    prefix = st.sampled_from(PREFIXES)
    changed = st.sampled_from([one["meta"]["lastUpdated"] for one in plain.resources])
    codes = st.sampled_from(
        [
            *CODES,
            *(f"http://loinc.org|{one}" for one in CODES),
            "http://loinc.org|",
            "urn:lienthong:codes:SX|2345-7",
            "no",
        ]
    )
    names = sorted(
        {name for row in Analyte.objects.values_list("name_vi", "name_zh", "name_en") for name in row if name}
    )
    words = st.sampled_from(("gluc", "SODIUM", "đo", "do quang", "dien", "pH", "hap", "no", "%", *names))
    statuses = st.sampled_from(("final", "preliminary", "corrected", "amended", "entered-in-error"))
    subjects = st.sampled_from(sorted({one["subject"]["reference"] for one in plain.resources}))
    facilities = st.sampled_from([f"Organization/{one.code}" for one in Facility.objects.all()])

    def told(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[Pair]:
        return st.tuples(st.just(name), values)

    several: Callable[[st.SearchStrategy[str]], st.SearchStrategy[str]] = lambda values: st.lists(  # noqa: E731 — short
        values, min_size=1, max_size=2, unique=True
    ).map(",".join)
    return st.one_of(
        told("code", several(codes)),
        told("code:not", codes),
        told("combo-code", codes),
        told("code:text", several(words)),
        told("combo-code:text", words),
        told("method:text", several(words)),
        told("status", several(statuses)),
        told("status:not", statuses),
        told("category", st.sampled_from(("laboratory", "imaging", "|laboratory"))),
        told("date", st.tuples(prefix, dates).map("".join)),
        told("value-quantity", st.tuples(prefix, numbers, units).map("".join)),
        told("patient", several(subjects)),
        told("subject", subjects),
        told("performer", facilities),
        told("identifier", st.sampled_from(("3-4", "urn:x:results|3-4", "urn:x:results|"))),
        told("_id", several(st.sampled_from(sorted(plain.values)))),
        told("_lastUpdated", st.tuples(prefix, changed).map("".join)),
        told("_tag", st.just("urn:lienthong:mark|LT-HD")),
        *(told(f"{one}:missing", st.sampled_from(("true", "false"))) for one in MISSING),
    )


def _times(plain: Plain) -> list[str]:
    return sorted({one["effectiveDateTime"] for one in plain.resources})[:40]


def _numbers(plain: Plain) -> list[str]:
    return sorted({str(one["valueQuantity"]["value"]) for one in plain.resources})[:60]


def test_search_finds_what_a_plain_filter_finds(reader_of_many: System) -> None:
    system = reader_of_many
    plain = Plain(system)
    assert len(plain.resources) > 1_000
    combined = st.lists(conditions(plain), min_size=1, max_size=3)

    @seed(20261127)
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(combined)
    def compare(pairs: list[Pair]) -> None:
        assert set(ids(system, pairs)) == plain.find(pairs), pairs

    compare()


def test_has_finds_whom_a_plain_filter_finds(reader_of_many: System) -> None:
    """A patient is found by each of its results that meets a condition, and by one result for each `_has`."""
    system = reader_of_many
    plain = Plain(system)
    subjects = {one["id"]: one["subject"]["reference"] for one in plain.resources}

    @seed(20261127)
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(st.lists(conditions(plain), min_size=1, max_size=2))
    def compare(pairs: list[Pair]) -> None:
        asked = [(f"_has:Observation:patient:{name}", text) for name, text in pairs]
        expected = set.intersection(*({subjects[one] for one in plain.find([pair])} for pair in pairs))
        assert {f"Patient/{one}" for one in ids(system, asked, "Patient")} == expected, pairs

    compare()


@pytest.mark.parametrize("order", ["_lastUpdated", "-_lastUpdated", "date", "-date"])
def test_sorted_search_holds_each_once_in_order(order: str, reader_of_many: System) -> None:
    system = reader_of_many
    plain = Plain(system)

    found = ids(system, [("_sort", order)])

    assert set(found) == set(plain.values)
    by_id = {one["id"]: one for one in plain.resources}
    keys = [_key(by_id[one], order.removeprefix("-")) for one in found]
    assert keys == sorted(keys, reverse=order.startswith("-"))


@cache
def _start(text: str) -> dt.datetime:
    moments = search.search_values({"resourceType": "Observation", "effectiveDateTime": text}, "Observation", ZONE)
    [value] = moments["date"]
    assert isinstance(value, search.DateValue)
    assert value.start
    return value.start


def _key(resource: Json, by: str) -> object:
    return resource["meta"]["lastUpdated"] if by == "_lastUpdated" else _start(resource["effectiveDateTime"])


def test_last_updated_counts_at_its_very_bounds(reader_of_many: System) -> None:
    system = reader_of_many
    plain = Plain(system)
    instants = sorted({one["meta"]["lastUpdated"] for one in plain.resources})

    for at in instants[:: max(1, len(instants) // 8)]:
        for prefix in PREFIXES:
            pair = ("_lastUpdated", f"{prefix}{at}")

            assert set(ids(system, [pair])) == plain.find([pair]), pair


@pytest.mark.parametrize("kind", ["Patient", "DiagnosticReport", "Specimen", "ServiceRequest"])
def test_last_updated_as_it_is_shown_finds_the_resource(kind: str, reader_of_many: System) -> None:
    system = reader_of_many

    for one in system.search(f"{kind}?_count=500")[::9]:
        at = one["meta"]["lastUpdated"]
        next_at = dt.datetime.fromisoformat(at) + dt.timedelta(milliseconds=1)
        after = next_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        met = (at, f"ge{at}", f"le{at}", f"lt{after}")
        for asked in (*met, f"gt{at}", f"lt{at}", f"ge{after}"):
            found = system.search(f"{kind}?_lastUpdated={asked}&_id={one['id']}")

            assert bool(found) == (asked in met), (kind, asked)
