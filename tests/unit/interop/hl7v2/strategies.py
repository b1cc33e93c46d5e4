"""Result messages as Hypothesis makes them: any text, delimiters and line ends included."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from lienthong.interop.hl7v2 import (
    Coded,
    Header,
    Identifier,
    Instant,
    Observation,
    Organisation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Specimen,
    read_instant,
)


def _known(text: str) -> Instant:
    instant = read_instant(text)
    assert instant is not None
    return instant


# Combining marks are left out: a reader composes them.
texts = (
    st.text(st.characters(exclude_categories=["Cs", "Mn"]), max_size=12)
    .map(str.strip)
    .filter(lambda text: text != '""')
)
words = texts.filter(bool)
instants = st.sampled_from(["2026", "20261001", "202610010805", "20261001080507.25+0700"]).map(_known)
coded = st.builds(Coded, code=words, text=texts, system=texts, alt_code=texts, alt_text=texts, alt_system=texts)
specimens = st.builds(
    Specimen,
    identifier=texts,
    type=st.none() | coded,
    role=st.sampled_from(["", "P", "Q"]),
    collected_at=st.none() | instants,
    received_at=st.none() | instants,
)
simple_values = st.tuples(st.sampled_from(["", "NM", "ST", "TX", "FT"]), st.lists(words, max_size=2).map(tuple))
composite_values = st.tuples(
    st.sampled_from(["SN", "CE", "CWE"]),
    st.lists(st.sampled_from(["<^0.01", "^1^:^80", "260415000^Not detected^SCT", "A&B^C\\T\\D"]), max_size=2).map(
        tuple
    ),
)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    value_type, values = draw(simple_values | composite_values)
    return Observation(
        code=draw(coded),
        set_id=draw(st.sampled_from(["", "1", "17"])),
        value_type=value_type,
        sub_id=draw(texts),
        values=values,
        unit=draw(st.none() | coded),
        reference_range=draw(texts),
        flags=tuple(draw(st.lists(st.sampled_from(["N", "H", "LL"]), max_size=2))),
        status=draw(st.sampled_from("FCPWX")),
        observed_at=draw(st.none() | instants),
        analysed_at=draw(st.none() | instants),
        producer=draw(st.none() | st.builds(Organisation, code=texts, name=words)),
        method=draw(st.none() | coded),
        equipment=tuple(draw(st.lists(words, max_size=2))),
        notes=tuple(draw(st.lists(words, max_size=2))),
    )


@st.composite
def orders(draw: st.DrawFn) -> OruOrder:
    found = tuple(draw(st.lists(observations(), max_size=3)))
    materials = tuple(draw(st.lists(specimens, max_size=2)))
    of_specimen = tuple(draw(st.lists(observations(), max_size=1))) if found and materials else ()
    return OruOrder(
        service=draw(coded),
        placer_order_number=draw(texts),
        filler_order_number=draw(texts),
        requester=draw(texts),
        specimens=materials,
        requested_at=draw(st.none() | instants),
        observed_at=draw(st.none() | instants),
        reported_at=draw(st.none() | instants),
        result_status=draw(st.sampled_from(["", "F", "P"])),
        observations=found,
        specimen_observations=of_specimen,
        notes=tuple(draw(st.lists(words, max_size=2))),
    )


patients = st.builds(
    PatientIdentity,
    identifiers=st.lists(st.builds(Identifier, value=words, system=texts, type_code=texts), max_size=3).map(tuple),
    family_name=words,
    given_name=texts,
    middle_name=texts,
    birth_date=st.none() | st.dates(min_value=date(1900, 1, 1)),
    sex=st.sampled_from([None, "F", "M", "O", "U"]),
)
headers = st.builds(
    Header,
    sending_application=st.sampled_from(["LIS", "LIS^1.2.3^ISO"]),
    sending_facility=st.sampled_from(["", "BVDK"]),
    receiving_application=st.just("LT"),
    message_at=st.just("20261001080507+0700"),
    message_code=st.just("ORU"),
    trigger_event=st.just("R01"),
    message_structure=st.just("ORU_R01"),
    control_id=texts,
    processing_id=st.sampled_from(["P", "Q"]),
    version=st.just("2.5.1"),
    charset=st.sampled_from(["", "UNICODE UTF-8"]),
)
oru_messages = st.builds(
    OruMessage,
    header=headers,
    patients=st.lists(
        st.builds(PatientResults, patient=patients, orders=st.lists(orders(), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
)
