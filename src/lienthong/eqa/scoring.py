"""A round's scores: what each result was judged against, its z or z′ and difference, and the verdict on each system.

Pure: results and limits in, numbers out. Both verdicts are always computed; the scheme names the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.eqa.blunders import Judged, suspicions
from lienthong.metrology import iso13528

ALL = ""
NEGLIGIBLE = 0.3  # of σ_pt (ISO 13528, 9.2.1): a smaller u(x_pt) is left out of account
FEWEST_FOR_CONSENSUS = 3  # of two results nobody can say which is wrong
SEVERITY = ("satisfactory", "questionable", "unsatisfactory", "not_returned")
PASSING = frozenset({"satisfactory", "questionable"})  # a warning signal informs, an action signal fails

Key = tuple[int, int, str]  # sample, analyte, peer group
Allowable = Callable[[int, float], float | None]  # analyte and x_pt to δ_E in the analyte's unit
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class System:
    """An enrolled measuring system, of which a result is owed for each sample."""

    enrolment_id: int
    procedure_id: int
    analyte_id: int
    peer_group: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A result that a system returned, in the analyte's unit."""

    result_id: int
    system: System
    sample_id: int
    value: float

    @property
    def own_key(self) -> Key:
        return self.sample_id, self.system.analyte_id, self.system.peer_group

    @property
    def key_of_all(self) -> Key:
        return self.sample_id, self.system.analyte_id, ALL


@dataclass(frozen=True, slots=True)
class Settings:
    """What the policy and the scheme say of scoring."""

    sigma_divisor: float
    min_peer_group: int
    pass_percent: float
    boundary_counts: bool
    sigma_from_s_star: bool
    reads_percent: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assigned value by consensus. `delta_e` is None where no limit holds for the analyte."""

    x_pt: float
    u_x_pt: float
    sigma_pt: float
    delta_e: float | None
    s_star: float
    participants: int
    is_negligible: bool


@dataclass(frozen=True, slots=True)
class ScoredResult:
    """A result's scores; `key` names what it was judged against. `d_percent` is None where x_pt is 0."""

    result_id: int
    key: Key
    z: float
    d_percent: float | None
    is_acceptable: bool | None
    verdict: str
    suspicion: str


@dataclass(frozen=True, slots=True)
class SystemScore:
    """Both verdicts on a system in the round, and whether it passed by the one that the scheme names."""

    system: System
    percent: float | None
    worst_z: float | None
    z_verdict: str
    percent_verdict: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class RoundScores:
    """Everything that scoring a round gives. `unscored` are analyte and sample without an assigned value."""

    assigned: Mapping[Key, Assigned]
    results: tuple[ScoredResult, ...]
    systems: tuple[SystemScore, ...]
    unscored: tuple[tuple[int, int], ...]


def score(
    systems: Sequence[System],
    returned: Sequence[Returned],
    *,
    sample_ids: Sequence[int],
    settings: Settings,
    allowable: Allowable,
    molar_mass: Mapping[int, float | None],
    warned_before: Collection[int] = (),
) -> RoundScores:
    """Score a round.

    `warned_before` are the procedures for which another questionable round is to be read as an action signal.
    """
    assigned = assign(returned, settings=settings, allowable=allowable)
    results = judge(returned, assigned, settings=settings, molar_mass=molar_mass)
    scored = {(one.system.enrolment_id, one.sample_id): result for one, result in results}
    owed = {
        system: [
            (sample, scored.get((system.enrolment_id, sample)))
            for sample in sample_ids
            if (sample, system.analyte_id, ALL) in assigned
        ]
        for system in systems
    }
    found = tuple(
        _system_score(system, [result for _, result in rows], settings, system.procedure_id in warned_before)
        for system, rows in owed.items()
    )
    unscored = {
        (system.analyte_id, sample)
        for system in systems
        for sample in sample_ids
        if (sample, system.analyte_id, ALL) not in assigned
    }
    return RoundScores(assigned, tuple(result for _, result in results), found, tuple(sorted(unscored)))


def assign(returned: Sequence[Returned], *, settings: Settings, allowable: Allowable) -> dict[Key, Assigned]:
    """Return the assigned values of all participants together and of each peer group that is large enough."""
    keys = [one.key_of_all for one in returned] + [one.own_key for one in returned]
    values = [one.value for one in returned] * 2
    kept = [index for index, key in enumerate(keys) if index < len(returned) or key[2] != ALL]
    number: dict[Key, int] = {}
    labels = [number.setdefault(keys[index], len(number)) for index in kept]
    if not labels:
        return {}
    found = iso13528.algorithm_a(np.array([values[index] for index in kept]), groups=np.array(labels))
    u = iso13528.u_x_pt(found.s_star, found.p)
    assigned = {}
    for key, place in number.items():
        x_pt, s_star, p = float(found.x_star[place]), float(found.s_star[place]), int(found.p[place])
        fewest = FEWEST_FOR_CONSENSUS if key[2] == ALL else max(FEWEST_FOR_CONSENSUS, settings.min_peer_group)
        delta_e = allowable(key[1], x_pt) if p >= fewest else None
        sigma_pt = s_star if settings.sigma_from_s_star else (delta_e or 0.0) / settings.sigma_divisor
        if p >= fewest and sigma_pt > 0:
            negligible = bool(iso13528.is_negligible(u[place], sigma_pt, fraction=NEGLIGIBLE))
            assigned[key] = Assigned(x_pt, float(u[place]), sigma_pt, delta_e, s_star, p, negligible)
    return assigned


def judge(
    returned: Sequence[Returned],
    assigned: Mapping[Key, Assigned],
    *,
    settings: Settings,
    molar_mass: Mapping[int, float | None],
) -> list[tuple[Returned, ScoredResult]]:
    """Return the scores of each result against its peer group, or against all where the group is too small."""
    rows = [(one, key) for one in returned if (key := _judged_by(one, assigned)) is not None]
    if not rows:
        return []
    against = [assigned[key] for _, key in rows]
    values = np.array([one.value for one, _ in rows])
    x_pt = np.array([one.x_pt for one in against])
    z = iso13528.z_prime(
        values,
        x_pt=x_pt,
        sigma_pt=[one.sigma_pt for one in against],
        u_x_pt=[0.0 if one.is_negligible else one.u_x_pt for one in against],
    )
    verdicts = [str(word) for word in np.asarray(iso13528.z_verdict(z))]
    differences = _percent_differences(values, x_pt)
    acceptable = _acceptable(values, against, settings.boundary_counts)
    flags = suspicions(
        [
            Judged(one.system.enrolment_id, key, one.value, verdict == "unsatisfactory")
            for (one, key), verdict in zip(rows, verdicts, strict=True)
        ],
        {key: (value.x_pt, value.sigma_pt) for key, value in assigned.items()},
        molar_mass,
    )
    return [
        (one, ScoredResult(one.result_id, key, float(z[place]), differences[place], acceptable[place], verdict, flag))
        for place, ((one, key), verdict, flag) in enumerate(zip(rows, verdicts, flags, strict=True))
    ]


def _judged_by(one: Returned, assigned: Mapping[Key, Assigned]) -> Key | None:
    return next((key for key in (one.own_key, one.key_of_all) if key in assigned), None)


def _percent_differences(values: FloatArray, x_pt: FloatArray) -> list[float | None]:
    known = x_pt != 0
    differences = iso13528.d_percent(values, x_pt=np.where(known, x_pt, 1.0))
    return [float(one) if is_known else None for one, is_known in zip(differences, known, strict=True)]


def _acceptable(values: FloatArray, against: Sequence[Assigned], boundary_counts: bool) -> list[bool | None]:
    x_pt, limits = [one.x_pt for one in against], [one.delta_e or 0.0 for one in against]
    within = iso13528.within_limit(values, x_pt, limits, boundary_counts=boundary_counts)
    return [bool(one) if value.delta_e is not None else None for one, value in zip(within, against, strict=True)]


def _system_score(
    system: System, results: Sequence[ScoredResult | None], settings: Settings, warned_before: bool
) -> SystemScore:
    verdicts = ["not_returned" if result is None else result.verdict for result in results]
    z_verdict = max(verdicts, key=SEVERITY.index) if verdicts else "not_evaluated"
    percent = _percent(results)
    percent_verdict = "not_evaluated"
    if percent is not None:
        percent_verdict = "satisfactory" if percent >= settings.pass_percent else "unsatisfactory"
    verdict = percent_verdict if settings.reads_percent else z_verdict
    passed = None if verdict == "not_evaluated" else verdict in PASSING
    if warned_before and not settings.reads_percent and z_verdict == "questionable":
        passed = False
    return SystemScore(system, percent, _worst(results), z_verdict, percent_verdict, passed)


def _percent(results: Sequence[ScoredResult | None]) -> float | None:
    """Acceptable results among those owed; a missing result counts as not acceptable; None: nothing to judge by."""
    counted = [np.nan if one is None else float(one.is_acceptable or 0) for one in results if _has_limit(one)]
    return float(iso13528.percent_score(counted, [0] * len(counted)).percent[0]) if counted else None


def _has_limit(result: ScoredResult | None) -> bool:
    return result is None or result.is_acceptable is not None


def _worst(results: Iterable[ScoredResult | None]) -> float | None:
    return max((one.z for one in results if one is not None), key=abs, default=None)
