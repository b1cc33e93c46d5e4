"""Resources as their senders gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lienthong.results.reach import Reach
from lienthong.results.resources.compartment import OF_SOMEBODY, WITHOUT_PATIENTS
from lienthong.results.resources.tokens import code_token, present_token, reference_token
from lienthong.results.search import texts
from lienthong.results.search.branches import (
    NO,
    Branch,
    Part,
    all_of,
    any_of,
    negated,
    span_within,
)
from lienthong.results.search.conditions import (
    Amount,
    Comparison,
    Condition,
    HasAmount,
    HasCode,
    HasText,
    InTime,
    IsMissing,
    Named,
    OfPatients,
    RefersTo,
    Within,
)
from lienthong.results.search.observations import marked
from lienthong.results.search.visible import of_received

# The parameter that is the clinical time of a kind, which has columns of its own.
CLINICAL_TIME = {
    **dict.fromkeys(("Observation", "DiagnosticReport", "Encounter", "Consent"), "date"),
    **{"Specimen": "collected", "ServiceRequest": "authored", "Provenance": "recorded", "Patient": "birthdate"},
}
JOINED = "combo-"  # begins the name of a parameter of both an Observation and its components
_MICROSECONDS = "(extract(epoch FROM r.starts_at) * 1000000)::bigint"


def received(kind: str) -> Branch:
    """Return the branch of a kind's resources as received."""
    return Branch(
        tables="results_resource r",
        holds=f"r.kind = '{kind}' AND NOT r.is_deleted",
        id="r.id::text",
        record="r.patient_record_id",
        visible=lambda reach: _visible(reach, kind),
        changed="r.key",
        date=f"coalesce({_MICROSECONDS}, 0)",
        is_received=True,
        other=lambda condition: _part(condition, kind),
    )


def _visible(reach: Reach, kind: str) -> Part:
    """What tells of no patient is open to all: not a Device that is in somebody's body."""
    if kind not in WITHOUT_PATIENTS:
        return of_received(reach, kind)
    named = Part("r.tokens && ARRAY[%s, %s]::bigint[]", (present_token("patient"), present_token(OF_SOMEBODY)))
    return any_of([of_received(reach, kind), negated(named)])


def _part(condition: Condition, kind: str) -> Part:
    if isinstance(condition, HasCode | IsMissing) and (kind, condition.parameter) == ("Observation", "_tag"):
        return _tagged(condition)
    if isinstance(condition, Named):
        return Part("r.id = ANY(%s)", ([*condition.names],))
    if isinstance(condition, OfPatients):
        targets = [reference_token("patient", f"Patient/{one}") for one in condition.resources]
        return any_of([_has_any(targets), Part("r.id = ANY(%s)", ([*condition.resources],))])
    if isinstance(condition, InTime) and CLINICAL_TIME.get(kind) == condition.parameter:
        return span_within("r.starts_at", "r.ends_at", condition)
    return _plain(condition)


def _tagged(condition: HasCode | IsMissing) -> Part:
    """Beside the tags of its sender a result has the marks of the result that was stored of it."""
    marks = Part("o.marks <> '[]'") if isinstance(condition, IsMissing) else marked(condition)
    asked = "SELECT 1 FROM results_result o WHERE o.resource_id = r.id AND o.is_current"
    own = (
        replace(condition, is_missing=False)
        if isinstance(condition, IsMissing)
        else replace(condition, is_negated=False)
    )
    found = any_of([_plain(own), Part(f"EXISTS ({asked} AND {marks.sql})", marks.parameters)])
    is_turned = condition.is_missing if isinstance(condition, IsMissing) else condition.is_negated
    return negated(found) if is_turned else found


def _plain(condition: Condition) -> Part:
    if isinstance(condition, IsMissing):
        has = Part("r.tokens @> ARRAY[%s]::bigint[]", (present_token(condition.parameter),))
        return negated(has) if condition.is_missing else has
    return _of_values(condition)


def _of_values(condition: Condition) -> Part:
    if isinstance(condition, HasCode):
        found = _has_any(
            [code_token(condition.parameter, system=system, code=code) for system, code in condition.codes]
        )
        return negated(found) if condition.is_negated else found
    if isinstance(condition, RefersTo):
        return _has_any([reference_token(condition.parameter, target) for target in condition.targets])
    if isinstance(condition, HasText):
        return any_of([_has_text(condition, text) for text in condition.texts])
    if isinstance(condition, HasAmount):
        return any_of([_has_amount(condition.parameter, one) for one in condition.amounts])
    if isinstance(condition, InTime):
        return any_of([_in_time(condition.parameter, one) for one in condition.spans])
    return NO


def _has_any(tokens: list[int]) -> Part:
    return Part("r.tokens && %s::bigint[]", (tokens,)) if tokens else NO


def _has_text(condition: HasText, text: str) -> Part:
    if condition.matching == "exact":
        return _text(condition.parameter, Part("t.exact = %s", (text,)))
    if condition.matching == "contains":
        return _text(condition.parameter, texts.contains("t.folded", text))
    return _text(condition.parameter, texts.starts("t.folded", text))


def _text(parameter: str, test: Part) -> Part:
    asked = "SELECT 1 FROM results_resourcetext t WHERE t.resource_id = r.id AND t.parameter = ANY(%s)"
    return Part(f"EXISTS ({asked} AND {test.sql})", (_kept_under(parameter), *test.parameters))


def _kept_under(parameter: str) -> list[str]:
    """Texts of what joins an Observation's own element and that of its components are kept once, with each."""
    own = parameter.removeprefix(JOINED)
    return [parameter] if own == parameter else [own, f"component-{own}"]


def _has_amount(parameter: str, one: Amount) -> Part:
    number = _in_ranges(parameter, _OF_AMOUNTS[one.comparison], float(one.low), float(one.high))
    if not one.code:
        return number
    return all_of([_has_any([code_token(parameter, system=one.system, code=one.code)]), number])


def _in_time(parameter: str, one: Within) -> Part:
    return _in_ranges(parameter, _OF_TIMES[one.comparison], one.start.timestamp(), one.end.timestamp())


# R4, Search, prefixes. Times are half-open; the ends of an amount are numbers, so that one can be equal to it.
_OF_TIMES: Mapping[Comparison, str] = {
    "eq": "@[0] >= $low && @[1] <= $high",
    "ne": "!(@[0] >= $low && @[1] <= $high)",
    "gt": "@[1] > $high",
    "ge": "@[1] > $high || (@[0] >= $low && @[1] <= $high)",
    "lt": "@[0] < $low",
    "le": "@[0] < $low || (@[0] >= $low && @[1] <= $high)",
    "sa": "@[0] >= $high",
    "eb": "@[1] <= $low",
    "ap": "@[0] < $high && @[1] > $low",
}
_OF_AMOUNTS: Mapping[Comparison, str] = {
    "eq": "@[0] >= $low && @[1] < $high",
    "ne": "!(@[0] >= $low && @[1] < $high)",
    "gt": "@[1] > $high",
    "ge": "@[1] >= $low",
    "lt": "@[0] < $low",
    "le": "@[0] <= $high",
    "sa": "@[0] > $high",
    "eb": "@[1] < $low",
    "ap": "@[0] <= $high && @[1] >= $low",
}


def _in_ranges(parameter: str, test: str, low: float, high: float) -> Part:
    """Compare the ranges that are kept by parameter with the range asked for.

    The path is strict, or it would look for limits inside limits; what has no range of the parameter is then no.
    """
    return Part(
        f"jsonb_path_exists(r.ranges, 'strict $.\"{parameter}\"[*] ? ({test})',"
        " jsonb_build_object('low', %s::float8, 'high', %s::float8), true)",
        (low, high),
    )
