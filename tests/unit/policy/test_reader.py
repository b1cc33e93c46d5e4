"""Each kind of error in a pack is refused with file, line and reason."""

from __future__ import annotations

import pytest

from lienthong.policy import read_pack

# file, what is written, what is written instead, code, part of the message. The place is where the old text stood.
FAULTS = {
    "not_yaml": ("windows.yaml", "unit: h", "unit: [h", "not-yaml", "not YAML"),
    "unknown_key_of_file": ("windows.yaml", "unit: h", "units: h", "unknown-key", "“units” is not a key here"),
    "unknown_key_of_value": ("windows.yaml", "{hours: 48}", "{hours: 48, days: 2}", "unknown-key", "“days”"),
    "unknown_parameter": ("eqa.yaml", "min_peer_group:", "min_peer_groups:", "unknown-key", "“min_peer_groups”"),
    "duplicate_key": ("instant.yaml", 'unit: "1"', 'unit: "1"\n    unit: "1"', "duplicate-key", "given twice"),
    "alias": ("list.yaml", "organiser: {vi: Centre", "organiser: &c {vi: *c", "alias", "anchors and aliases"),
    "missing_reference": ("limits.yaml", ", reference: act", "", "missing-reference", "“reference” is missing"),
    "missing_key": ("exceptions.yaml", ", hard_stop: true", "", "missing-key", "“hard_stop” is missing"),
    "missing_language": ("pack.yaml", "XX-1-A: {vi: Town, ", "XX-1-A: {", "missing-key", "“vi” is missing"),
    "wrong_type": ("windows.yaml", "{hours: 48}", "{hours: two days}", "wrong-type", "this must be a whole number"),
    "wrong_type_of_flag": ("limits.yaml", "checked: true", "checked: soon", "wrong-type", "must be true or false"),
    "word_that_yaml_reads_as_no": ("items.yaml", "analytes: [NA]", "analytes: [NO]", "wrong-type", "must be a text"),
    "unknown_value": ("eqa.yaml", "value: z,", "value: zeta,", "unknown-value", "not one of: z, percentage"),
    "unknown_control_rule": ("iqc.yaml", "R_4s", "R_5s", "unknown-value", "“R_5s”"),
    "out_of_range": ("windows.yaml", "{hours: 48}", "{hours: 0}", "out-of-range", "minimum"),
    "share_above_one": ("evidence.yaml", "min_share: 0.9", "min_share: 90", "out-of-range", "maximum"),
    "bad_number": ("evidence.yaml", "value: 184", "value: 3:04", "bad-number", "not a plain number"),
    "bad_date": ("windows.yaml", "2026-01-01", "2026-02-30", "bad-date", "“2026-02-30” is not a day"),
    "date_without_zeros": ("windows.yaml", "2026-01-01", "2026-1-1", "bad-date", "YYYY-MM-DD"),
    "bad_checked_on": ("windows.yaml", "checked_on: 2026-10-05", "checked_on: October", "bad-date", "“October”"),
    "bad_date_of_reference": ("references.yaml", "in_force: 2024-01-01", "in_force: soon", "bad-date", "“soon”"),
    "unknown_reference": ("windows.yaml", "reference: ours", "reference: theirs", "unknown-reference", "“theirs”"),
    "unknown_item": ("windows.yaml", "  GLU:", "  GLUC:", "unknown-item", "“GLUC” is not an item"),
    "unknown_item_in_fees": ("money.yaml", "  GLU:", "  GLUC:", "unknown-item", "“GLUC”"),
    "unknown_group": ("items.yaml", "group: cells", "group: cell", "unknown-group", "“cell” is not among"),
    "unknown_group_of_window": ("windows.yaml", "group/chemistry", "group/chem", "unknown-group", "“chem”"),
    "unknown_region": ("iqc.yaml", "XX-1-A:", "XX-1-B:", "unknown-region", "“XX-1-B”"),
    "unknown_region_of_scope": ("marks.yaml", "scope: [XX-1]", "scope: [XX-9]", "unknown-region", "“XX-9”"),
    "unknown_scope": (
        "marks.yaml",
        "scope: organiser_regions",
        "scope: everywhere",
        "unknown-value",
        "a list of regions",
    ),
    "incomplete_limit": ("limits.yaml", ", switch_at: 3", "", "incomplete-limit", "also needs switch_at"),
    "incomplete_window": ("windows.yaml", "{hours: 48}", "{}", "incomplete-window", "either hours or"),
    "incomplete_direction": ("direction.yaml", " scheme: ranks,", "", "incomplete-direction", "add scheme"),
    "more_passes_than_rounds": ("evidence.yaml", "required: 2", "required: 4", "out-of-range", "4 passes"),
    "checked_example": ("money.yaml", "checked: false", "checked: true", "checked-example", "can't be checked"),
    "checked_against_a_draft": ("limits.yaml", "reference: act", "reference: bill", "not-checkable", "“draft”"),
    "older_than_its_law": ("limits.yaml", "2024-01-01", "2023-12-31", "before-in-force", "2024-01-01"),
}


@pytest.mark.parametrize(("name", "old", "new", "code", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_read_pack_with_a_fault_is_refused_with_place_and_reason(
    small_texts: dict[str, str], name: str, old: str, new: str, code: str, reason: str
) -> None:
    file = f"small_pack/{name}"
    before, found, after = small_texts[file].partition(old)
    assert found
    line = before.count("\n") + 1

    pack, findings = read_pack({**small_texts, file: before + new + after})

    assert pack is None
    same_kind = [finding for finding in findings if finding.code == code]
    assert same_kind, findings
    assert any(reason in finding.message for finding in same_kind)
    lines = [int(finding.where.removeprefix(f"{file}:")) for finding in same_kind]
    assert any(abs(line - reported) <= 1 for reported in lines), (line, same_kind)


def test_read_pack_as_written_has_no_findings(small_texts: dict[str, str]) -> None:
    pack, findings = read_pack(small_texts)

    assert findings == ()
    assert pack is not None


def test_read_pack_with_two_faults_reports_both(small_texts: dict[str, str]) -> None:
    texts = dict(small_texts)
    for name, old, new in (("windows.yaml", "unit: h", "units: h"), ("eqa.yaml", "value: z,", "value: zeta,")):
        texts[f"small_pack/{name}"] = texts[f"small_pack/{name}"].replace(old, new)

    _, findings = read_pack(texts)

    assert {finding.where.split(":")[0] for finding in findings} == {"small_pack/windows.yaml", "small_pack/eqa.yaml"}


def test_read_pack_with_a_missing_and_an_unknown_file_names_both(small_texts: dict[str, str]) -> None:
    texts = {**small_texts, "small_pack/widows.yaml": small_texts["small_pack/windows.yaml"]}
    del texts["small_pack/windows.yaml"]

    pack, findings = read_pack(texts)

    assert pack is None
    assert {(finding.where, finding.code) for finding in findings} == {
        ("small_pack/widows.yaml:1", "unknown-file"),
        ("small_pack/windows.yaml:1", "missing-file"),
    }


def test_read_pack_of_an_empty_file_is_refused(small_texts: dict[str, str]) -> None:
    pack, findings = read_pack({**small_texts, "small_pack/eqa.yaml": ""})

    assert pack is None
    assert [(finding.where, finding.code) for finding in findings] == [("small_pack/eqa.yaml:1", "wrong-type")]


def test_read_pack_of_nothing_reports_every_file() -> None:
    pack, findings = read_pack({})

    assert pack is None
    assert {finding.code for finding in findings} == {"missing-file"}


def test_edition_changes_with_any_text(small_texts: dict[str, str]) -> None:
    first, _ = read_pack(small_texts)
    file = "small_pack/windows.yaml"
    second, _ = read_pack({**small_texts, file: small_texts[file].replace("{hours: 48}", "{hours: 47}")})

    assert first is not None
    assert second is not None
    assert first.edition != second.edition
