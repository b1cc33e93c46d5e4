"""Result messages as Hypothesis makes them: any text, delimiters and line ends included."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from hypothesis import strategies as st
from msgspec import structs

from lienthong.interop.hl7v2 import (
    Address,
    Coded,
    Comment,
    Container,
    EntityIdentifier,
    Header,
    Identifier,
    Instant,
    Material,
    Observation,
    OrderControl,
    Organisation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Person,
    PersonName,
    Place,
    Quantity,
    Specimen,
    Telecom,
    Timing,
    Visit,
    parse_values,
    read_instant,
)

T = TypeVar("T")


def _known(text: str) -> Instant:
    instant = read_instant(text)
    assert instant is not None
    return instant


def tuples(of: st.SearchStrategy[T], most: int = 2) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(of, max_size=most).map(tuple)


# Combining marks are left out: a reader composes them.
texts = (
    st.text(st.characters(exclude_categories=["Cs", "Mn"]), max_size=12)
    .map(str.strip)
    .filter(lambda text: text != '""')
)
words = texts.filter(bool)
instants = st.sampled_from(["2026", "20261001", "202610010805", "20261001080507.25+0700"]).map(_known)
numbers = st.builds(EntityIdentifier, value=words, namespace=texts, system=texts)
_coded_parts = st.fixed_dictionaries(
    {"code": words, "text": texts, "system": texts},
    optional={"alt_code": texts, "alt_text": texts, "alt_system": texts},
)
coded = _coded_parts.map(lambda parts: Coded(**parts))
identifiers = st.builds(
    Identifier, value=words, system=texts, type_code=texts, check_digit=texts, facility=texts
) | st.builds(Identifier, value=words, system=words, namespace=words, system_type=st.sampled_from(["ISO", ""]))
people = st.builds(Person, identifier=texts, family=words, given=texts, degree=texts, system=texts, type_code=texts)
named_people = st.builds(Person, identifier=texts, family=words, given=texts)
places = st.builds(Place, point_of_care=words, room=texts, facility=texts, description=texts)
addresses = st.builds(Address, street=words, city=texts, postal_code=texts, country=texts)
phones = st.builds(Telecom, use=st.just("PRN"), local_number=words, unformatted=texts)
organisations = st.builds(Organisation, code=texts, name=words, system=texts)
quantities = st.builds(Quantity, text=texts.filter(lambda one: not one[:1].isdigit()), unit=coded) | st.just(
    Quantity("2.5", unit=None)
).map(lambda one: Quantity(one.text, _decimal(one.text)))
comments = st.builds(Comment, text=words, source=st.sampled_from(["", "L"]), kind=st.none() | coded)


def _decimal(text: str) -> object:
    return parse_values("NM", (text,))[0].number  # type: ignore[union-attr]


simple_values = st.tuples(st.sampled_from(["", "NM", "ST", "TX", "FT"]), tuples(words))
composite_values = st.tuples(
    st.sampled_from(["SN", "CE", "CWE", "DR", "ED", "RP", "CX", "EI", "XCN"]),
    tuples(st.sampled_from(["<^0.01", "^1^:^80", "260415000^Not detected^SCT", "A&B^C\\T\\D", "20260101^20260102"])),
)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    value_type, values = draw(simple_values | composite_values)
    rare = draw(st.none() | st.tuples(coded, texts, instants, organisations, addresses, people, numbers))
    observation = Observation(
        code=draw(coded),
        set_id=draw(st.sampled_from(["", "1", "17"])),
        value_type=value_type,
        sub_id=draw(texts),
        values=values,
        parsed=parse_values(value_type, values),
        unit=draw(st.none() | coded),
        reference_range=draw(texts),
        interpretations=draw(tuples(st.sampled_from([Coded("N"), Coded("H", "High", "HL70078")]))),
        status=draw(st.sampled_from("FCPWX")),
        observed_at=draw(st.none() | instants),
        observers=draw(tuples(people)),
        method=draw(st.none() | coded),
        instruments=draw(tuples(numbers)),
        analysed_at=draw(st.none() | instants),
        comments=draw(tuples(comments)),
    )
    return observation if rare is None else _with_rare(observation, *rare)


def _with_rare(
    observation: Observation,
    coded_one: Coded,
    text: str,
    instant: Instant,
    organisation: Organisation,
    address: Address,
    person: Person,
    number: EntityIdentifier,
) -> Observation:
    return structs.replace(
        observation,
        producer_id=coded_one,
        probability=text,
        range_effective_at=instant,
        sites=(coded_one,),
        instance_id=number,
        performing_organisation=organisation,
        performing_address=address,
        medical_director=person,
        process_control=(coded_one,),
        kind="RSLT",
    )


specimens = st.builds(
    Specimen,
    placer=st.none() | numbers,
    filler=st.none() | numbers,
    type=st.none() | coded,
    roles=tuples(st.sampled_from([Coded("P"), Coded("Q", "Control", "HL70369")]), 1),
    collected_at=st.none() | instants,
    received_at=st.none() | instants,
    parents=tuples(numbers),
    additives=tuples(coded),
    collection_method=st.none() | coded,
    amount=st.none() | quantities,
    descriptions=tuples(words),
    expires_at=st.none() | instants,
    reject_reasons=tuples(coded),
    conditions=tuples(coded),
    accessions=tuples(identifiers),
    containers=tuples(st.builds(Container, identifier=st.none() | numbers, position=texts, additives=tuples(coded))),
    materials=tuples(
        st.builds(Material, identifier=st.none() | coded, lot=texts, expires_at=st.none() | instants, kind=coded)
    ),
    comments=tuples(comments),
)
controls = st.builds(
    OrderControl,
    control=st.sampled_from(["RE", "NW"]),
    placer=st.none() | numbers,
    filler=st.none() | numbers,
    placer_group=st.none() | numbers,
    transaction_at=st.none() | instants,
    parent_placer=st.none() | numbers,
    requesters=tuples(people),
    location=st.none() | places,
    facility=st.none() | organisations,
)


@st.composite
def orders(draw: st.DrawFn) -> OruOrder:
    found = draw(tuples(observations(), 3))
    materials = draw(tuples(specimens))
    if found and materials and draw(st.booleans()):
        materials = (structs.replace(materials[0], observations=(draw(observations()),)), *materials[1:])
    return OruOrder(
        service=draw(coded),
        placer=draw(st.none() | numbers),
        filler=draw(st.none() | numbers),
        requesters=draw(tuples(people)),
        requested_at=draw(st.none() | instants),
        observed_at=draw(st.none() | instants),
        reported_at=draw(st.none() | instants),
        section=draw(st.sampled_from(["", "CH"])),
        result_status=draw(st.sampled_from(["", "F", "P"])),
        control=draw(st.none() | controls),
        observations=found,
        specimens=materials,
        comments=draw(tuples(comments)),
        timings=draw(tuples(st.builds(Timing, quantity=quantities, begin=st.none() | instants))),
        materials=draw(tuples(st.builds(Material, identifier=coded, lot=texts))) if found else (),
        clinical_information=draw(texts),
        result_copies=draw(tuples(people)),
        parent_filler=draw(st.none() | numbers),
        principal_interpreter=draw(st.none() | named_people),
        technicians=draw(tuples(named_people)),
        filler_field_1=draw(texts),
    )


patients = st.builds(
    PatientIdentity,
    identifiers=tuples(identifiers, 3),
    names=tuples(
        st.builds(PersonName, family=words, given=texts, middle=texts, kind=st.sampled_from(["", "L", "A"])), 2
    ),
    birth=st.none() | st.dates(min_value=date(1900, 1, 1)).map(lambda day: _known(f"{day:%Y%m%d}")),
    sex=st.sampled_from([None, "F", "M", "O", "U"]),
    addresses=tuples(addresses),
    phones=tuples(phones),
    aliases=tuples(st.builds(PersonName, family=words)),
    died_at=st.none() | instants,
    death_indicator=st.sampled_from(["", "Y", "N"]),
    identity_unknown_indicator=st.sampled_from(["", "Y"]),
    account=st.none() | identifiers,
)
visits = st.builds(
    Visit,
    patient_class=st.sampled_from(["", "I", "O", "E"]),
    number=st.none() | identifiers,
    location=st.none() | places,
    attending=tuples(people),
    admitted_at=st.none() | instants,
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
    patients=tuples(
        st.builds(
            PatientResults,
            patient=patients,
            orders=tuples(orders()),
            visit=st.none() | visits,
            comments=tuples(comments),
        )
    ),
)
