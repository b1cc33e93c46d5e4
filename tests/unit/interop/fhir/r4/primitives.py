"""Values of each primitive type as Hypothesis makes them, from what R4 says of the type."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from lienthong.interop.fhir._numbers import number

# XML has no form for other control characters, and none for U+FFFE and U+FFFF.
letters = st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cc", "Cs"])
texts = st.text(letters | st.sampled_from("\t\n\r\"'&<>\\/]"), min_size=1, max_size=12)
ids = st.from_regex(r"[A-Za-z0-9.-]{1,12}", fullmatch=True)
days = st.dates().map(lambda day: day.isoformat())
offsets = st.sampled_from(["Z", "+07:00", "-03:30", "+14:00"])
clocks = st.from_regex(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,4})?", fullmatch=True)
instants = st.builds("{}T{}{}".format, days, clocks, offsets)
partial_days = st.builds(lambda day, length: day[:length], days, st.sampled_from([4, 7, 10]))
uuids = st.uuids().map(lambda one: f"urn:uuid:{one}")
oids = st.from_regex(r"urn:oid:[0-2](\.(0|[1-9][0-9]{0,3})){1,4}", fullmatch=True)
uris = st.builds("http://example.org/{}".format, ids) | uuids | oids
decimals = st.from_regex(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?", fullmatch=True).map(number)
base64 = st.from_regex(r"([A-Za-z0-9+/]{4}){1,3}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=", fullmatch=True)
codes = st.from_regex(r"[a-z0-9-]{1,8}( [a-z0-9-]{1,8})?", fullmatch=True)
narratives = st.sampled_from(
    [
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class='a'>Ho & fever</p></div>".replace("&", "&amp;"),
        '<div xmlns="http://www.w3.org/1999/xhtml">\n <b>Sốt</b>&#160;<br/><img src="#a" alt=">"/></div>',
        '<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="vi"><!-- a --><table><tr><td>5</td></tr></table></div >',
    ]
)

PRIMITIVES: Mapping[str, st.SearchStrategy[object]] = {
    "base64Binary": base64,
    "boolean": st.booleans(),
    "canonical": uris,
    "code": codes,
    "date": partial_days,
    "dateTime": partial_days | instants,
    "decimal": decimals,
    "id": ids,
    "instant": instants,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "markdown": texts,
    "oid": oids,
    "positiveInt": st.integers(1, 2**31 - 1),
    "string": texts,
    "time": clocks,
    "unsignedInt": st.integers(0, 2**31 - 1),
    "uri": uris,
    "url": uris,
    "uuid": uuids,
    "xhtml": narratives,
}
