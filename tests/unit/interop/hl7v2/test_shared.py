"""Messages that others wrote, read in place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lienthong.interop.hl7v2 import NOTES, Observation, OruMessage, parse, read_oru, split_batch, write

SHARED = Path(__file__).parents[5] / "shared/data/hl7v2"
FILES = sorted(SHARED.rglob("*.hl7"))

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FILES, reason="shared data is absent")]


def oru_messages() -> list[tuple[Path, OruMessage]]:
    found = []
    for path in FILES:
        for data in split_batch(path.read_bytes())[0]:
            message, _ = parse(data)
            oru = read_oru(message)[0] if message else None
            if oru:
                found.append((path, oru))
    return found


def test_shared_messages_parse_write_parse_without_loss() -> None:
    counts: Counter[str] = Counter()
    for path in FILES:
        messages, findings = split_batch(path.read_bytes())
        counts["files"] += 1
        counts["files with a faulty envelope"] += bool(findings)
        for data in messages:
            message, faults = parse(data)
            assert message is not None, path
            assert faults == (), path
            assert parse(write(message)) == (message, ()), path
            assert write(message) == data.removeprefix(b"\xef\xbb\xbf"), path
            counts["messages"] += 1

    print(dict(counts))
    assert (counts["files"], counts["messages"]) == (231, 233)
    assert counts["files with a faulty envelope"] == 12


def test_shared_result_messages_give_no_zero_for_a_placeholder() -> None:
    counts: Counter[str] = Counter()
    for path, oru in oru_messages():
        counts["ORU messages"] += 1
        for order in oru.orders:
            for observation in order.observations + order.specimen_observations:
                counts["observations"] += 1
                counts["numbers"] += observation.number is not None
                counts[f"outcome {observation.outcome}"] += 1
                assert is_zero_as_sent(observation), path

    print(dict(counts))
    assert (counts["ORU messages"], counts["observations"], counts["numbers"]) == (186, 332, 69)


def is_zero_as_sent(observation: Observation) -> bool:
    return observation.number != 0 or float(observation.values[0]) == 0


def test_shared_result_messages_faults_are_those_that_a_person_finds() -> None:
    """Most of these messages test one data type and hold neither order nor result."""
    faults: Counter[str] = Counter()
    for path in FILES:
        for data in split_batch(path.read_bytes())[0]:
            message, _ = parse(data)
            oru, findings = read_oru(message) if message else (None, ())
            faults.update(finding.code for finding in findings if oru and finding.code not in NOTES)

    print(dict(faults))
    assert set(faults) <= {"segment-missing", "segment-order", "required", "date", "number"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("zybio-q3-qc-lj", True), ("zybio-q3-result", False), ("mindray-bc5380-result", False)],
)
def test_shared_analyser_message_control_is_told_from_patient(name: str, expected: bool) -> None:
    (oru,) = (oru for path, oru in oru_messages() if path.stem == name)

    assert oru.is_quality_control is expected


def test_shared_mindray_blood_count_reads_as_its_manual_prints_it() -> None:
    (oru,) = (oru for path, oru in oru_messages() if path.stem == "mindray-bc5380-result")
    observations = {one.code.text: one for one in oru.orders[0].observations}

    assert [str(observations[name].number) for name in ("WBC", "HGB", "PLT", "BAS#")] == ["9.81", "65", "212", "None"]
    assert observations["WBC"].unit is not None
    assert observations["WBC"].unit.code == "10*9/L"
    assert observations["HGB"].flags == ("L",)


def test_shared_analyser_results_of_law_have_specimen_reagents_and_instrument() -> None:
    (oru,) = (oru for path, oru in oru_messages() if path.stem == "roche-cobas-pro-oul-r22-patient-1")
    (order,) = oru.orders

    assert order.specimen is not None
    assert (order.specimen.identifier, order.specimen.role, oru.is_quality_control) == ("022", "P", False)
    assert [material.lot for material in order.materials] == ["256616", "256616"]
    assert order.observations[0].equipment == ("c503", "1")
    assert str(order.observations[0].number) == "32.2"
    assert order.control is not None
    assert order.control.status == "CM"
