"""Every write of EQA: schemes and rounds, results, scores, and certificates of outside providers."""

from __future__ import annotations

from lienthong.eqa.actions.certificates import Line, check_certificate, hand_in_certificate, media_type
from lienthong.eqa.actions.outside import import_scores
from lienthong.eqa.actions.plans import import_plan
from lienthong.eqa.actions.results import import_results
from lienthong.eqa.actions.rounds import ScoreOutcome, close_round, publish_final, score_round
from lienthong.eqa.actions.schemes import create_round, create_scheme, enrol
from lienthong.eqa.imports import ImportOutcome

__all__ = [
    "ImportOutcome",
    "Line",
    "ScoreOutcome",
    "check_certificate",
    "close_round",
    "create_round",
    "create_scheme",
    "enrol",
    "hand_in_certificate",
    "import_plan",
    "import_results",
    "import_scores",
    "media_type",
    "publish_final",
    "score_round",
]
