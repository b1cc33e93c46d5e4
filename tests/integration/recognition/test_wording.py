"""Every rule that the policy can judge has words in the three languages, and facts never break them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from lienthong import policy
from lienthong.core.packs import jurisdictions, pack
from lienthong.policy import Fact, Gate, RuleVerdict, Verdict
from lienthong.recognition import reads
from lienthong.recognition.wording import WORDED_RULES
from lienthong.recognition.wording.parameters import NAMES, parameter_value

LANGUAGES = ("en", "vi", "zh-hans")
FACTS: dict[str, dict[str, Fact]] = {
    "item_listed": {"item": "GLU", "edition": "2026"},
    "eqa_passes": {"passes": 1, "rounds": 2, "required": 1, "of_last": 2, "newest": "CHEM 2026-1"},
    "eqa_recent": {"newest_pass": "2026-11-01", "age_days": 21, "max_age_days": 183},
    "eqa_consecutive_years": {"years": 3, "from_year": 2024, "to_year": 2026, "failed_year": None, "open_year": None},
    "iqc_coverage": {"days_measured": 30, "days_covered": 28, "share": 28 / 30, "min_share": 0.9, "period_days": 30},
    "iqc_open": {"open_since": "2026-11-01", "open_days": 21, "max_open_days": 3},
    "iqc_cv": {"cv_percent": 2.5, "cv_max_percent": 3.0},
    "level_or_iso15189": {
        "level": 3,
        "level_min": 1,
        "scheme": "vn-2429",
        "published_on": "2025-01-10",
        "certificate": "VILAS 1",
    },
    "mark_defined": {"region": "VN-HP"},
    "result_status": {"status": "final"},
    "mark_reaches_receiver": {"marks": "LT-HD", "region": "VN-HD", "grant_id": 7},
    "level_direction": {
        "producer_level": 3,
        "level_on": "2025-01-10",
        "receiver_level": 2,
        "producer_min": 1,
        "scheme": "vn-2429",
        "iso15189": "no",
    },
    "insurance_contract": {"producer": "yes", "receiver": "unknown"},
    "iqc_bracket": {"held": "no"},
    "iqc_state": {"state": "in_control"},
    "collection_time": {"collected_at": "2026-11-21T01:00:00+00:00", "at": "2026-11-22T03:00:00+00:00"},
    "window_set": {"item": "GLU"},
    "window_left_to_clinician": {"hours_since": 960.0},
    "window_open": {"hours": 24, "hours_since": 26.0, "until": "2026-11-22T01:00:00+00:00"},
    "window_positive_only": {"outcome": "positive"},
    "window_not_reference_only": {"item": "GLU"},
    "no_emergency": {"exception": "emergency", "patient_class": "inpatient", "hard_stop": False},
    "no_exception": {"exception": "forensic", "hard_stop": True},
}
ALWAYS_KNOWN = {
    "edition", "item", "region", "held", "state", "status", "required", "of_last", "years", "from_year", "to_year",
    "hours", "hard_stop", "exception", "min_share", "period_days", "max_open_days", "max_age_days", "cv_max_percent",
    "level_min", "producer", "receiver", "rounds", "passes", "newest", "at",
}  # fmt: skip


def rule(code: str, verdict: Verdict, facts: dict[str, Fact]) -> RuleVerdict:
    return RuleVerdict(code, Gate.MARK, verdict, facts, "vn-3148-rules", checked=True, example=False)


def rules_in_the_policy() -> Iterator[str]:
    """Yield the code of every rule that the policy's source makes."""
    for path in Path(policy.__file__).parent.glob("_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id in ("ruling", "_ruling") and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def test_every_rule_of_the_policy_has_words() -> None:
    made = set(rules_in_the_policy())

    assert len(made) > 20
    assert made == WORDED_RULES == set(FACTS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("code", sorted(FACTS))
def test_rule_reads_as_words_without_codes_of_the_program(code: str, verdict: Verdict, language: str) -> None:
    with translation.override(language):
        words = reads.rule_words(rule(code, verdict, FACTS[code]), jurisdiction="vn")

    assert words.title
    assert words.found
    assert "%(" not in words.title + words.found + words.question
    assert "None" not in words.title + words.found
    assert not any(mark in words.title + words.found for mark in ("_", "{"))


@pytest.mark.parametrize("code", sorted(FACTS))
def test_rule_with_unknown_facts_says_so(code: str) -> None:
    unknown = {name: fact if name in ALWAYS_KNOWN else None for name, fact in FACTS[code].items()}

    with translation.override("en"):
        words = reads.rule_words(rule(code, Verdict.UNKNOWN, unknown), jurisdiction="vn")

    assert words.found
    assert "None" not in words.title + words.found


@pytest.mark.parametrize("code", sorted(FACTS))
def test_unknown_verdict_that_can_be_settled_asks_its_question(code: str) -> None:
    never_unknown = {
        "item_listed", "mark_defined", "mark_reaches_receiver", "iqc_bracket", "window_left_to_clinician",
        "window_not_reference_only",
    }  # fmt: skip

    with translation.override("en"):
        unknown = reads.rule_words(rule(code, Verdict.UNKNOWN, FACTS[code]), jurisdiction="vn")
        met = reads.rule_words(rule(code, Verdict.YES, FACTS[code]), jurisdiction="vn")

    assert bool(unknown.question) == (code not in never_unknown)
    assert met.question == ""


@pytest.mark.parametrize(
    ("code", "verdict", "changes", "found"),
    [
        ("window_open", Verdict.NO, {}, "closed on 22 Nov 2026, 08:00"),
        ("window_open", Verdict.YES, {}, "open until 22 Nov 2026, 08:00"),
        ("eqa_consecutive_years", Verdict.NO, {"failed_year": 2025}, "a round of 2025 was failed"),
        ("level_direction", Verdict.NO, {}, "level 3 since 10 Jan 2025; ours: 2"),
        ("no_exception", Verdict.NO, {"exception": "before_surgery"}, "applies: Before an operation or a transfusion"),
        (
            "mark_reaches_receiver",
            Verdict.NO,
            {"marks": None},
            "the laboratory held no mark for this item at that time",
        ),
        ("window_left_to_clinician", Verdict.YES, {}, "collected 40 days ago"),
    ],
)
def test_what_was_found_is_said_plainly(code: str, verdict: Verdict, changes: dict[str, Fact], found: str) -> None:
    with translation.override("en"):
        assert reads.rule_words(rule(code, verdict, FACTS[code] | changes), jurisdiction="vn").found == found


def test_law_is_cited_with_its_article_and_address() -> None:
    law = reads.law_words("vn-2429-8.6", jurisdiction="vn")

    assert law is not None
    assert str(law).startswith("Quyết định 2429/QĐ-BYT, Tiêu chí 8.6")
    assert law.url.startswith("https://")
    assert law.is_seen
    assert reads.law_words("", jurisdiction="vn") is None


def test_names_follow_the_language_and_unknown_codes_stand_for_themselves() -> None:
    with translation.override("zh-hans"):
        assert reads.item_name("UREA", jurisdiction="vn") == "尿素"
        assert reads.region_name("CN-360783") == "龙南市"
        assert reads.exception_name("other", jurisdiction="cn") == "其他确需重新检查的情形（请说明）"
    assert reads.item_name("XYZ", jurisdiction="vn") == "XYZ"
    assert reads.region_name("XX-1") == "XX-1"


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_every_parameter_of_the_packs_has_a_name_and_a_value_in_words(jurisdiction: str) -> None:
    tables = pack(jurisdiction).parameters
    named = {
        f"{file.removesuffix('.yaml')}.{key}": timeline
        for file, table in tables.items()
        for held in table.regions.values()
        for key, timeline in held.items()
    }

    assert named.keys() <= NAMES.keys()
    for timeline in named.values():
        for _since, value in timeline.entries:
            with translation.override("en"):
                assert "_" not in parameter_value(value)  # type: ignore[arg-type]  # no entry of the packs is an end
