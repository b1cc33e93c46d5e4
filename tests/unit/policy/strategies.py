"""Earlier results and encounters as they may come: every fact known, unknown or against."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from tests.unit.policy.standing import AT, PRODUCER, PROVINCE, RESULT

from lienthong.policy import EarlierResult, Encounter, MarkHeld, Producer

PURPOSES = ("surgery", "forensic", "other", "emergency")

_marks = st.lists(
    st.sampled_from(
        [
            MarkHeld("LAND", frozenset({"XX"}), 1),
            MarkHeld("PROV", frozenset({"XX-1"}), 2),
            MarkHeld("JOINT", frozenset({"YY", "ZZ"}), 3),
        ]
    ),
    max_size=2,
).map(tuple)
_known = st.sampled_from([True, False, None])
_collected = st.one_of(st.none(), st.integers(-4, 200).map(lambda hours: AT - timedelta(hours=hours)))


@st.composite
def producers(draw: st.DrawFn) -> Producer:
    return replace(
        PRODUCER,
        region_path=PROVINCE,
        level=draw(st.sampled_from([None, 0, 1, 2, 3])),
        covers_by_iso15189=draw(_known),
        has_insurance_contract=draw(_known),
    )


@st.composite
def earlier_results(draw: st.DrawFn) -> EarlierResult:
    standing = draw(st.booleans())  # half of them stand but for at most their time, so that both outcomes are met
    if standing:
        return replace(RESULT, collected_at=draw(_collected), item=draw(st.sampled_from(["GLU", "CBC"])))
    return replace(
        RESULT,
        item=draw(st.sampled_from(["GLU", "CBC", "NA"])),
        status=draw(st.sampled_from(["final", "corrected", "preliminary", "withdrawn"])),
        collected_at=draw(_collected),
        producer=draw(producers()),
        marks=draw(_marks),
        iqc_state=draw(st.sampled_from(["in_control", "out_of_control", "no_evidence"])),
        iqc_held=draw(st.booleans()),
        outcome=draw(st.sampled_from([None, "positive", "negative"])),
    )


@st.composite
def histories(draw: st.DrawFn, *, max_size: int = 6) -> tuple[EarlierResult, ...]:
    drawn = draw(st.lists(earlier_results(), max_size=max_size))
    return tuple(replace(result, result_id=number) for number, result in enumerate(drawn, start=1))


@st.composite
def encounters(draw: st.DrawFn) -> Encounter:
    return Encounter(
        patient_class=draw(st.sampled_from([None, "emergency", "inpatient", "outpatient"])),
        purposes=draw(st.one_of(st.none(), st.frozensets(st.sampled_from(PURPOSES), max_size=2))),
    )
