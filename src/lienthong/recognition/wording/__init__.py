"""Rules, items, reasons and references of the policy in the reader's language."""

from lienthong.recognition.wording._names import (
    LawWords,
    exception_name,
    item_name,
    law_words,
    pick,
    region_name,
)
from lienthong.recognition.wording._rules import WORDED_RULES, RuleWords, rule_words, verdict_words

__all__ = [
    "WORDED_RULES",
    "LawWords",
    "RuleWords",
    "exception_name",
    "item_name",
    "law_words",
    "pick",
    "region_name",
    "rule_words",
    "verdict_words",
]
