"""A result message to FHIR and back keeps its clinical content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.interop.fhir.strategies import oru_messages

from lienthong.interop import fhir
from lienthong.interop.hl7v2 import Message, Segment, parse, write

ZONE = timezone(timedelta(hours=7))
# Fields whose every component comes back, by segment.
WHOLE = {"PID": (3, 5, 7, 8), "OBR": (2, 3, 4, 7, 22, 25), "SPM": (2, 4, 17, 18), "PV1": (2,)}
OF_A_RESULT = (3, 4, 5, 6, 7, 8, 11, 14, 17, 19, 23)
TIMES = {"DT": "time", "TS": "time"}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(oru_messages(), st.sampled_from([None, ZONE]))
def test_message_to_fhir_and_back_keeps_its_clinical_content(message: Message, zone: timezone | None) -> None:
    bundle = fhir.loads(fhir.dumps(fhir.to_bundle(message, zone=zone).bundle))

    back = fhir.from_bundle(bundle).message

    assert back is not None
    assert sorted(contents(back)) == sorted(contents(message))
    assert parse(write(back)) == (back, ())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(oru_messages())
def test_bundle_to_hl7v2_and_back_is_the_same_bundle(message: Message) -> None:
    once = fhir.to_bundle(message).bundle
    back = fhir.from_bundle(fhir.loads(fhir.dumps(once))).message
    assert back is not None

    twice = fhir.to_bundle(back).bundle

    assert observations(twice) == observations(once)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(oru_messages())
def test_equal_messages_give_equal_bundles(message: Message) -> None:
    again, _ = parse(write(message))

    assert again is not None
    assert fhir.dumps(fhir.to_bundle(again).bundle) == fhir.dumps(fhir.to_bundle(message).bundle)


def contents(message: Message) -> Iterator[str]:
    """Yield each statement of a message with the order that it is of; a control sample's are of no patient."""
    place, subject, results = "", "", 0
    is_control = message.get("MSH-11") == "Q" or any(one.value(11) == "Q" for one in message.all("SPM"))
    yield f"header {[message.get(f'MSH-{number}') for number in (3, 4, 10, 11)]}"
    for segment in message.segments[1:]:
        if segment.name == "OBR":
            place, results = f"order {segment.value(3)}", 0
        if segment.name == "OBX":
            results += 1
        subject = f"result {results}" if results and segment.name in ("OBX", "NTE") else ""
        if segment.name in WHOLE and not (is_control and segment.name in ("PID", "PV1")):
            for number in WHOLE[segment.name]:
                yield f"{place} {segment.name}-{number} {every(segment, number)}"
        elif segment.name == "OBX":
            kind = segment.value(2)
            yield f"{place} {subject} {TIMES.get(kind, kind)} {[every(segment, number) for number in OF_A_RESULT]}"
        elif segment.name == "NTE":
            yield f"{place} {subject} note {every(segment, 3)}"


def every(segment: Segment, number: int) -> list[list[list[str]]]:
    """Return repetitions, components and subcomponents of a field as text, without empty ones at the end."""
    found = []
    for repetition in range(1, len(segment.repetitions(number)) + 1):
        count = len(segment.components(number, repetition))
        parts = [list(segment.subcomponents(number, one + 1, repetition)) for one in range(count)]
        while parts and not any(parts[-1]):
            parts.pop()
        found.append(parts)
    return found


def observations(bundle: fhir.Element) -> list[object]:
    entries = bundle["entry"]
    assert isinstance(entries, list)
    kept = ("code", "status", "interpretation", "referenceRange", "note", "dataAbsentReason", "effectiveDateTime")
    return [
        [one["resource"].get(key) for key in one["resource"] if key in kept or "value" in key]
        for one in entries
        if one["resource"]["resourceType"] == "Observation"
    ]
