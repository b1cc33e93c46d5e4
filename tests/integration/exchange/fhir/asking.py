"""Searches as Hypothesis makes them from the table of kinds: parameters, modifiers, chains, pages, and nonsense."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from lienthong.exchange.fhir.kinds import KINDS
from lienthong.interop.fhir.r4 import SearchParameter

Pair = tuple[str, str]

nonsense = st.text(max_size=6) | st.sampled_from(["\x00", "|", "||", ",", "\\", "%", "1e999", "-1", "9" * 30])
prefixes = st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])
days = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["2026", "2026-11", "0001", "9999-12-31"])
times = st.builds(
    "{}T{}{}".format, days, st.sampled_from(["07:00", "07:00:00", "24:00"]), st.sampled_from(["", "Z", "+14:00"])
)
numbers = st.sampled_from(["0", "5.6", "-5.60", "1e3", "1e-30", "123456789012345678901234567890"])
units = st.sampled_from(["", "|http://unitsofmeasure.org|mmol/L", "||mmol/L", "|"])
ids = st.sampled_from(
    ["p1", "o1", "1", "Patient/p1", "Organization/30001", "http://x.example/Patient/1", "9" * 20, "1-x"]
)
codes = st.sampled_from(
    ["2345-7", "http://loinc.org|2345-7", "http://loinc.org|", "|P1", "P1", "final", "true", "female"]
)
VALUES: Mapping[str, st.SearchStrategy[str]] = {
    "date": st.builds("{}{}".format, prefixes, days | times),
    "number": st.builds("{}{}".format, prefixes, numbers),
    "quantity": st.builds("{}{}{}".format, prefixes, numbers, units),
    "reference": ids,
    "string": st.sampled_from(["dao", "Đào", "Nguyễn Thị", "a"]),
    "token": codes,
    "uri": st.sampled_from(["urn:x:y", "http://example.com/x"]),
}
HAS = (
    "_has",
    "_has:Observation:patient:code",
    "_has:Observation:subject:value-quantity",
    "_has:DiagnosticReport:result:_has:Provenance:target:_id",
    "_has:Observation:performer:code:text",
    "_has:Location:organization:name",
    "_has:X:y:z",
)
modifiers = st.sampled_from(
    ["", "", "", ":not", ":text", ":exact", ":contains", ":missing", ":identifier", ":Patient", ":of-type"]
)
PAGE: Mapping[str, st.SearchStrategy[str]] = {
    "_count": st.sampled_from(["0", "1", "500", "501", "-1", "x"]),
    "_sort": st.sampled_from(["_lastUpdated", "-_lastUpdated", "date", "-date", "birthdate", "code"]),
    "_include": st.sampled_from(
        ["Observation:*", "Observation:subject", "Observation:performer:Organization", "X:y", ""]
    ),
    "_revinclude": st.sampled_from(["Observation:subject", "DiagnosticReport:result", "Observation:*"]),
    "_total": st.sampled_from(["none", "accurate", "all"]),
    "_summary": st.sampled_from(["count", "false", "true"]),
    "_after": st.sampled_from(
        ["0~1", "-1~", "99999999999999999999~x", "~", "5~a\x00b", "1~1-000000000000000000000000"]
    ),
    "_format": st.sampled_from(["json", "xml", "text/plain", "application/fhir+xml"]),
}


@st.composite
def searches(draw: st.DrawFn, kind: str) -> list[Pair]:
    """Return the parameters of a search of a kind."""
    parameters = sorted(KINDS[kind].parameters.values(), key=lambda one: one.code)
    chosen = draw(st.lists(st.sampled_from(parameters), max_size=2))
    pairs = [draw(_pairs(one)) for one in chosen]
    for name in draw(st.lists(st.sampled_from(sorted(PAGE)), max_size=2, unique=True)):
        pairs.append((name, draw(PAGE[name])))
    if draw(st.integers(0, 9)) == 0:
        pairs.append((draw(st.sampled_from(HAS)), draw(codes | nonsense)))
    return pairs


@st.composite
def _pairs(draw: st.DrawFn, parameter: SearchParameter) -> Pair:
    name = parameter.code + draw(modifiers)
    value = ",".join(draw(st.lists(VALUES[parameter.type] | nonsense, min_size=1, max_size=2)))
    if name.endswith(":missing"):
        return name, draw(st.sampled_from(["true", "false", value]))
    if parameter.type == "reference" and draw(st.booleans()):
        targets = [one for one in parameter.targets if one in KINDS] or ["Patient"]
        target = KINDS[draw(st.sampled_from(targets))]
        following = target.parameters[draw(st.sampled_from(sorted(target.parameters)))]
        name = f"{parameter.code}{draw(st.sampled_from(['', f':{target.name}']))}.{following.code}{draw(modifiers)}"
        return name, draw(VALUES[following.type] | nonsense)
    return name, value
