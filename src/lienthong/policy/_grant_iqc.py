"""What a grant asks of internal quality control: coverage, what stays open, and imprecision."""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.policy._facts import IqcEvidence
from lienthong.policy._policy import Policy
from lienthong.policy._values import IqcCoverage, Limit, Requirement, ruling
from lienthong.policy._verdict import RuleVerdict, Verdict, verdict_of


def iqc_rules(iqc: IqcEvidence | None, *, analyte: str, policy: Policy) -> Iterator[RuleVerdict]:
    """Yield the verdicts of the IQC rules that the policy asks for; without evidence each is unknown."""
    coverage = policy.iqc_coverage
    if coverage:
        yield _coverage(iqc, coverage, policy)
    max_open = policy.requirement("evidence.iqc_max_open_days")
    if max_open:
        yield _open(iqc, max_open, policy)
    cv_asked = policy.requirement("evidence.iqc_cv")
    limit = policy.find_limit(analyte)
    if cv_asked and cv_asked.value == "required" and limit and limit.cv_max_percent is not None:
        yield _imprecision(iqc, cv_asked, limit)


def _coverage(iqc: IqcEvidence | None, required: IqcCoverage, policy: Policy) -> RuleVerdict:
    """Judge the share of days covered; a period too short, too old or without patients' results says nothing."""
    share = iqc.days_covered / iqc.days_measured if iqc and iqc.days_measured else None
    enough = share >= required.min_share if share is not None and iqc and _tells(iqc, required, policy) else None
    facts = {
        "days_measured": iqc.days_measured if iqc else None,
        "days_covered": iqc.days_covered if iqc else None,
        "share": share,
        "min_share": required.min_share,
        "period_days": required.period_days,
    }
    return ruling("iqc_coverage", verdict_of(enough), required.source, facts=facts)


def _tells(iqc: IqcEvidence, required: IqcCoverage, policy: Policy) -> bool:
    long_enough = (iqc.period_to - iqc.period_from).days + 1 >= required.period_days
    return long_enough and (policy.on - iqc.period_to).days <= required.period_days


def _open(iqc: IqcEvidence | None, max_open: Requirement, policy: Policy) -> RuleVerdict:
    since = iqc.open_since if iqc else None
    days = (policy.on - since).days if since else None
    verdict = Verdict.UNKNOWN if iqc is None else verdict_of(days is None or days <= int(max_open.value))
    facts = {
        "open_since": since.isoformat() if since else None,
        "open_days": days,
        "max_open_days": int(max_open.value),
    }
    return ruling("iqc_open", verdict, max_open.source, facts=facts)


def _imprecision(iqc: IqcEvidence | None, asked: Requirement, limit: Limit) -> RuleVerdict:
    cv, most = (iqc.cv_percent if iqc else None), limit.cv_max_percent
    within = None if cv is None or most is None else cv <= most
    facts = {"cv_percent": cv, "cv_max_percent": most}
    return ruling("iqc_cv", verdict_of(within), asked.source, facts=facts)
