"""What gives a procedure the right to a mark for an item.

Each mark is judged by the rules of the region that issues it. A rule that the policy does not ask for is not made.
The rules, and the facts each verdict carries:

item_listed             item, edition
eqa_passes              passes, rounds, required, of_last, newest (round code)
eqa_recent              newest_pass (day), age_days, max_age_days
eqa_consecutive_years   years, from_year, to_year, failed_year, open_year
iqc_coverage            days_measured, days_covered, share, min_share, period_days
iqc_open                open_since (day), open_days, max_open_days
iqc_cv                  cv_percent, cv_max_percent
level_or_iso15189       level, level_min, scheme, published_on (day), certificate
mark_defined            region

Of an imaging item no rule of IQC is made: no control material passes through a scanner, and what stands for its quality
is the review of images and reports that an organiser scores as a round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lienthong.policy._facts import (
    EqaEvidence,
    Evidence,
    GrantJudgement,
    GrantStatus,
    LevelEvidence,
    MarkGranted,
    MarkRefused,
    ProcedureFacts,
    ScopeEvidence,
)
from lienthong.policy._grant_iqc import iqc_rules
from lienthong.policy._policy import Policy
from lienthong.policy._values import Item, MarkRule, Requirement, ruling
from lienthong.policy._verdict import RuleVerdict, Verdict, all_of, any_of, verdict_of


def judge_grant(
    *, procedure: ProcedureFacts, item: Item | str, evidence: Evidence, on: date, policy: Policy
) -> GrantJudgement:
    """Judge which marks the evidence carries on the day; a rule that is NO or UNKNOWN refuses its mark.

    Only final EQA rounds that were finished by then are read, so an interim failure suspends nothing. `policy` must be
    that of the procedure's region and of the day.
    """
    if policy.on != on or policy.region_path != procedure.region_path:
        msg = f"the policy is of {policy.region_path} on {policy.on}, the grant of {procedure.region_path} on {on}"
        raise ValueError(msg)
    code = item.code if isinstance(item, Item) else item
    cases = [
        _Case(mark=mark, procedure=procedure, item=code, evidence=evidence, on=on, policy=policy.issued_by(mark.issuer))
        for mark in policy.marks
        if _takes_part(mark, procedure)
    ]
    judged = [case.judge() for case in cases]
    granted = tuple(mark for mark in judged if isinstance(mark, MarkGranted))
    refused = tuple(mark for mark in judged if isinstance(mark, MarkRefused))
    return GrantJudgement(
        status=GrantStatus.GRANTED if granted else GrantStatus.REFUSED,
        marks=granted,
        refused=refused,
        valid_from=on,
        valid_to=_longest(mark.valid_to for mark in granted),
        rules=_distinct(granted or refused) or (_no_mark(policy),),
    )


def _takes_part(mark: MarkRule, procedure: ProcedureFacts) -> bool:
    """Tell whether the laboratory lies where the mark is issued and, for a fixed scope, where it stands."""
    reaches = mark.scope is None or not mark.scope.isdisjoint(procedure.region_path)
    return mark.issuer in procedure.region_path and reaches


def _no_mark(policy: Policy) -> RuleVerdict:
    return ruling("mark_defined", Verdict.NO, None, facts={"region": policy.region_path[-1]})


def _distinct(marks: tuple[MarkGranted, ...] | tuple[MarkRefused, ...]) -> tuple[RuleVerdict, ...]:
    distinct: list[RuleVerdict] = []
    for mark in marks:
        distinct += [rule for rule in mark.rules if rule not in distinct]
    return tuple(distinct)


def _longest(days: Iterator[date | None]) -> date | None:
    ends = list(days)
    known = [day for day in ends if day is not None]
    return max(known) if known and len(known) == len(ends) else None


@dataclass(frozen=True, slots=True)
class _Case:
    """One mark asked for: `policy` is that of the region that issues it."""

    mark: MarkRule
    procedure: ProcedureFacts
    item: str
    evidence: Evidence
    on: date
    policy: Policy

    def judge(self) -> MarkGranted | MarkRefused:
        rounds = self._rounds()
        rules = (
            self._item_listed(),
            *_eqa_rules(rounds, self.policy),
            *self._iqc_rules(),
            *self._level_rules(),
        )
        scope = self._scope(rounds)
        if all_of(rule.verdict for rule in rules) is not Verdict.YES or not scope:
            return MarkRefused(mark=self.mark.text, key=self.mark.key, rules=rules)
        return MarkGranted(
            mark=self.mark.text,
            key=self.mark.key,
            scope=scope,
            legal=self.mark.legal,
            valid_from=self.on,
            valid_to=self._valid_to(rounds),
            evidence_ids=tuple(one.evidence_id for one in rounds if one.passed),
            rules=rules,
        )

    def _rounds(self) -> tuple[EqaEvidence, ...]:
        """Return the final rounds that count for the mark, oldest first; of one day, what failed comes last."""
        path = self.procedure.region_path
        counted = [
            one
            for one in self.evidence.eqa
            if one.is_final
            and one.finished_on <= self.on
            and one.organiser_level in self.mark.organiser_levels
            and (not one.organiser_regions or not set(one.organiser_regions).isdisjoint(path))
        ]
        weight = {True: 0, None: 1, False: 2}
        return tuple(sorted(counted, key=lambda one: (one.finished_on, weight[one.passed], one.evidence_id)))

    def _scope(self, rounds: tuple[EqaEvidence, ...]) -> frozenset[str]:
        if self.mark.scope is not None:
            return self.mark.scope
        newest = [one for one in rounds if one.passed][-1:]
        return frozenset(region for one in newest for region in one.organiser_regions)

    def _item_listed(self) -> RuleVerdict:
        listed = self.policy.find_item(self.item)
        edition = self.policy.list_edition
        facts = {"item": self.item, "edition": edition.edition}
        return ruling("item_listed", verdict_of(listed is not None), (listed or edition).source, facts=facts)

    def _iqc_rules(self) -> Iterator[RuleVerdict]:
        listed = self.policy.find_item(self.item)
        if listed is None or not listed.is_imaging:
            yield from iqc_rules(self.evidence.iqc, analyte=self.procedure.analyte, policy=self.policy)

    def _level_rules(self) -> Iterator[RuleVerdict]:
        required = self.policy.requirement("evidence.level_min")
        if required is None:
            return
        level, scope = self.evidence.level, self._iso15189()
        verdict = any_of(
            [self._level_verdict(level, required), *([verdict_of(_holds(scope, self.on))] if scope else [])]
        )
        yield ruling(
            "level_or_iso15189",
            verdict,
            required.source,
            facts={
                "level": level.level if level else None,
                "level_min": int(required.value),
                "scheme": level.scheme if level else None,
                "published_on": level.published_on.isoformat() if level else None,
                "certificate": scope.certificate if scope else None,
            },
        )

    def _iso15189(self) -> ScopeEvidence | None:
        instead = self.policy.requirement("evidence.iso15189_instead_of_level")
        return self.evidence.iso15189 if instead and instead.value else None

    def _level_verdict(self, level: LevelEvidence | None, required: Requirement) -> Verdict:
        scheme = self.policy.level_direction.scheme
        if level is None or (scheme and level.scheme != scheme):
            return Verdict.UNKNOWN
        held = level.published_on <= self.on and _holds(level, self.on)
        return verdict_of(held and level.level >= int(required.value))

    def _valid_to(self, rounds: tuple[EqaEvidence, ...]) -> date | None:
        """Return the first day on which something that the mark rests on has lapsed by time alone."""
        ends = [self._eqa_end(rounds), self._quality_end(), self._term_end()]
        return min((day for day in ends if day is not None), default=None)

    def _eqa_end(self, rounds: tuple[EqaEvidence, ...]) -> date | None:
        max_age = self.policy.requirement("evidence.eqa_max_age_days")
        newest = max(one.finished_on for one in rounds if one.passed)
        return newest + timedelta(days=int(max_age.value) + 1) if max_age else None

    def _quality_end(self) -> date | None:
        if self.policy.requirement("evidence.level_min") is None:
            return None
        held = [one for one in (self.evidence.level, self._iso15189()) if one and _holds(one, self.on)]
        return _longest(one.valid_to for one in held)

    def _term_end(self) -> date | None:
        term = self.policy.requirement("evidence.grant_valid_days")
        return self.on + timedelta(days=int(term.value)) if term else None


def _holds(evidence: LevelEvidence | ScopeEvidence, on: date) -> bool:
    return evidence.valid_from <= on and (evidence.valid_to is None or on < evidence.valid_to)


# External quality assessment


def _eqa_rules(rounds: tuple[EqaEvidence, ...], policy: Policy) -> Iterator[RuleVerdict]:
    yield _eqa_passes(rounds, policy)
    max_age = policy.requirement("evidence.eqa_max_age_days")
    if max_age:
        yield _eqa_recent(rounds, max_age, policy.on)
    years = policy.requirement("evidence.eqa_consecutive_years")
    if years:
        yield _eqa_years(rounds, years, policy.on)


def _eqa_passes(rounds: tuple[EqaEvidence, ...], policy: Policy) -> RuleVerdict:
    """Judge the passes among the last rounds; a round that is missing or unjudged could still be a pass."""
    required = policy.eqa_passes
    last = rounds[-required.of_last :]
    passes = sum(one.passed is True for one in last)
    failures = sum(one.passed is False for one in last)
    could_pass = required.of_last - failures
    known = True if passes >= required.required else None if could_pass >= required.required else False
    facts = {
        "passes": passes,
        "rounds": len(last),
        "required": required.required,
        "of_last": required.of_last,
        "newest": last[-1].round_code if last else None,
    }
    return ruling("eqa_passes", verdict_of(known), required.source, facts=facts)


def _eqa_recent(rounds: tuple[EqaEvidence, ...], max_age: Requirement, on: date) -> RuleVerdict:
    newest = max((one.finished_on for one in rounds if one.passed), default=None)
    age = (on - newest).days if newest else None
    facts = {
        "newest_pass": newest.isoformat() if newest else None,
        "age_days": age,
        "max_age_days": int(max_age.value),
    }
    recent = None if age is None else age <= int(max_age.value)
    return ruling("eqa_recent", verdict_of(recent), max_age.source, facts=facts)


def _eqa_years(rounds: tuple[EqaEvidence, ...], years: Requirement, on: date) -> RuleVerdict:
    """Judge the years running that end with this year, or with the last one while this year has no round yet.

    A year is passed when it has a round and none of its rounds failed; a year without a judged round is unknown.
    """
    to_year = on.year if any(one.year == on.year for one in rounds) else on.year - 1
    from_year = to_year - int(years.value) + 1
    by_year = {year: _year_verdict(rounds, year) for year in range(from_year, to_year + 1)}
    facts = {
        "years": int(years.value),
        "from_year": from_year,
        "to_year": to_year,
        "failed_year": next((year for year, verdict in by_year.items() if verdict is Verdict.NO), None),
        "open_year": next((year for year, verdict in by_year.items() if verdict is Verdict.UNKNOWN), None),
    }
    return ruling("eqa_consecutive_years", all_of(by_year.values()), years.source, facts=facts)


def _year_verdict(rounds: tuple[EqaEvidence, ...], year: int) -> Verdict:
    held = [verdict_of(one.passed) for one in rounds if one.year == year]
    return all_of(held) if held else Verdict.UNKNOWN
