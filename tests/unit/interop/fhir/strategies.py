"""HL7 v2 messages as Hypothesis makes them: of the segments that are converted, and of anything at all."""

from __future__ import annotations

from hypothesis import strategies as st

from lienthong.interop.hl7v2 import Message, Segment, escape

# What both sides can hold: FHIR trims text, and v2 composes letters and their marks.
words = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Mn", "Zs", "Zl", "Zp"]), min_size=1, max_size=10)
    .filter(lambda text: text != '""')
    .map(escape)
)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,9}", fullmatch=True)
names = st.sampled_from(["LN", "SCT", "UCUM", "I10", "HL70487", "99LAB", "L", "2.16.840.1.113883.3.1"])
times = st.sampled_from(
    [
        "2024",
        "202403",
        "20240305",
        "2024030510",
        "202403051030",
        "20240305103007",
        "20240305103007.25+0700",
        "20240305103007+0000",
        "20240305103007-0330",
    ]
)
numbers = st.from_regex(r"(-?[1-9][0-9]{0,4}|0)(\.[0-9]{1,4})?", fullmatch=True)  # JSON has no -0
maybe_times = st.just("") | times


@st.composite
def coded(draw: st.DrawFn) -> str:
    parts = [draw(codes), draw(words), draw(names)]
    if draw(st.booleans()):
        parts += [draw(codes), draw(words), draw(names)]
    return "^".join(parts)


units = st.sampled_from(["", "mmol/L^mmol/L^UCUM", "10*9/L^G/L^UCUM", "u1^Einheit^99LAB", "%^%^UCUM"])
values = st.one_of(
    st.tuples(st.just("NM"), numbers),
    st.tuples(st.just("SN"), st.builds("{}^{}".format, st.sampled_from(["<", "<=", ">", ">="]), numbers)),
    st.tuples(st.just("SN"), st.builds("^{}^-^{}".format, numbers, numbers)),
    st.tuples(st.just("SN"), st.builds("^{}^:^{}".format, numbers, numbers)),
    st.tuples(st.just("SN"), st.builds("^{}^+".format, numbers)),
    st.tuples(st.just("ST"), words),
    st.tuples(st.just("CWE"), coded()),
    st.tuples(st.just("DT"), st.sampled_from(["2024", "202403", "20240305"])),
    st.tuples(st.just("TS"), st.sampled_from(["20240305103007.25+0700", "202403051030"])),
    st.tuples(st.just("TM"), st.sampled_from(["10", "1030", "103007", "103007.5+0700"])),
    st.tuples(st.just("NM"), st.sampled_from(["***.**", "----", "N/A"])),
    st.tuples(st.just("NM"), st.just("")),
)
identifiers = st.builds(
    "{}^^^{}^{}".format,
    codes,
    st.sampled_from(["", "BVDK", "BVDK&2.16.840.1.113883.3.1&ISO", "&2.16.840.1.113883.3.1&ISO", "LAB&12D45&CLIA"]),
    st.sampled_from(["", "MR", "NI", "SS", "CCCD"]),
).map(lambda text: text.rstrip("^"))
person_names = st.builds(
    "{}^{}^{}^^^^{}".format, words, words, words, st.sampled_from(["L", "D", "M", "N", "B", "MSK", ""])
).map(lambda text: text.rstrip("^"))


@st.composite
def results(draw: st.DrawFn) -> Segment:
    """OBX of one value."""
    kind, value = draw(values)
    fields = {
        2: kind if value else "",
        3: draw(coded()),
        4: draw(st.just("") | codes),
        5: value,
        6: draw(units),
        7: draw(st.sampled_from(["", "3.9-6.1", "<5", ">=1", "see text"])),
        8: draw(st.sampled_from(["", "N", "H", "LL~A", "A^Abnormal^HL70078", "weird"])),
        11: draw(st.sampled_from("FCPXDWAISNORUVB")),
        14: draw(maybe_times),
        17: draw(st.just("") | coded()),
        19: draw(maybe_times),
        23: draw(st.just("") | words),
    }
    return segment("OBX", fields)


def notes() -> st.SearchStrategy[list[Segment]]:
    return st.lists(words.map(lambda text: segment("NTE", {3: text})), max_size=2)


@st.composite
def specimens(draw: st.DrawFn) -> Segment:
    return segment(
        "SPM",
        {
            2: draw(st.just("") | st.builds("{}&LIS&1.2.3&ISO".format, codes)),
            4: draw(coded()),
            11: draw(st.sampled_from(["", "P", "Q"])),
            17: draw(maybe_times),
            18: draw(maybe_times),
        },
    )


@st.composite
def orders(draw: st.DrawFn) -> list[Segment]:
    number = draw(codes)
    found = [
        segment("ORC", {1: "RE", 2: f"P{number}^HIS", 3: f"F{number}^LIS^1.2.3^ISO"}),
        segment(
            "OBR",
            {
                2: f"P{number}^HIS",
                3: f"F{number}^LIS^1.2.3^ISO",
                4: draw(coded()),
                7: draw(maybe_times),
                22: draw(maybe_times),
                25: draw(st.sampled_from("FPCXORISAMN")),
            },
        ),
        *draw(notes()),
    ]
    for one in draw(st.lists(results(), max_size=3)):
        found += [one, *draw(notes())]
    return [*found, *draw(st.lists(specimens(), max_size=1))]


@st.composite
def oru_messages(draw: st.DrawFn) -> Message:
    """A result message of the fields whose content must come back."""
    msh = segment(
        "MSH",
        {
            1: "|",
            2: "^~\\&",
            3: "LIS",
            4: draw(st.sampled_from(["BVDK", "BVDK^1.2.3^ISO"])),
            7: draw(st.sampled_from(["20240305103007+0700", "20240305103007"])),
            9: "ORU^R01^ORU_R01",
            10: draw(codes),
            11: draw(st.sampled_from(["P", "T", "Q"])),
            12: "2.5.1",
            18: "UNICODE UTF-8",
        },
    )
    pid = segment(
        "PID",
        {
            3: "~".join(draw(st.lists(identifiers, min_size=1, max_size=3))),
            5: "~".join(draw(st.lists(person_names, min_size=1, max_size=2))),
            7: draw(maybe_times),
            8: draw(st.sampled_from(["", "F", "M", "O", "U", "A", "N"])),
        },
    )
    pv1 = draw(st.just([]) | st.sampled_from(["E", "I", "O", "R"]).map(lambda code: [segment("PV1", {2: code})]))
    every = draw(st.lists(orders(), min_size=1, max_size=2))
    return Message((msh, pid, *pv1, *(one for order in every for one in order)))


NAMES = ("PID", "PD1", "NK1", "PV1", "PV2", "AL1", "DG1", "MRG", "ORC", "OBR", "OBX", "NTE", "SPM", "ZZZ")
# Any message that parses: known and unknown segments, of any fields.
_rough = st.text(st.sampled_from("ab1.0^^^~&\\|T-+:/<>*\"' \x07\u200bÂ中"), max_size=14).map(
    lambda text: text.replace("|", "")
)
_likely = st.one_of(
    _rough,
    numbers,
    times,
    coded(),
    st.sampled_from(["Q", "Y", "D", "NM", "SN", "CWE", "ED", "RP", "TM", "DR", "NR", "99999999", "20240230", '""']),
)


@st.composite
def any_messages(draw: st.DrawFn) -> bytes:
    """The bytes of a message whose fields are anything."""
    kinds = ["ORU^R01", "OUL^R22", "OML^O21", "ADT^A40", "ADT^A01", "MDM^T02", ""]
    head = f"MSH|^~\\&|A|B|C|D|{draw(_likely)}||{draw(st.sampled_from(kinds))}|{draw(_likely)}|{draw(_likely)}|2.5.1"
    names = st.sampled_from(NAMES)
    lines = draw(st.lists(st.tuples(names, st.lists(_likely, max_size=35)), max_size=9))
    return "\r".join([head, *("|".join((name, *fields)) for name, fields in lines)]).encode()


def segment(name: str, fields: dict[int, str]) -> Segment:
    last = max(fields)
    return Segment(name, tuple(fields.get(number, "") for number in range(1, last + 1)))
