"""How many unreliable results an error that isn't found lets out, and how large a run may be for a stated risk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from lienthong.metrology._arrays import FloatArray, flat, floats, known, positive
from lienthong.metrology.capability._power import Seed, power


@dataclass(frozen=True, slots=True, eq=False)
class UnreliableResults:
    """What an error of each size does; all arrays have the broadcast shape of the arguments.

    ``probability``, how much more often a result is unreliable than in control; ``final`` and ``correctable``, the
    expected numbers of such results reported before the last accepted control event, and since then.
    """

    probability: FloatArray
    final: FloatArray
    correctable: FloatArray


@dataclass(frozen=True, slots=True)
class RunSize:
    """Largest run size for a stated risk, the shift (SD) at which the risk is greatest, and what it is there.

    ``most_final`` is the expected number of unreliable final results for each result of a run, MaxE(N_uf)/M;
    ``detection``, with its standard error (0 if exact), is the power of a control event at that shift.
    """

    run_size: float
    shift: float
    most_final: float
    detection: float
    detection_standard_error: float


def unreliable_probability(shift: ArrayLike, *, tea: ArrayLike, bias: ArrayLike, cv: ArrayLike) -> FloatArray:
    """Return how much more often a result exceeds the allowable total error for a shift, P_E(SE) − P_E(0).

    Parameters
    ----------
    shift : a number, or an array; SD
        Systematic error of either sign, beside the bias.
    tea, bias, cv : numbers, or arrays that broadcast; percent, at the same concentration
        Allowable total error, bias and coefficient of variation when in control.

    Returns
    -------
    array of the broadcast shape
        Negative where the shift makes up for a bias. nan where an argument is nan.

    Raises
    ------
    ValueError
        If `tea` or `cv` is not above 0.

    Notes
    -----
    P_E(SE) = Φ(−(TEa − b)/CV + SE) + Φ(−(TEa + b)/CV − SE), normal errors.

    References
    ----------
    C. A. Parvin, "Assessing the impact of the frequency of quality control testing on the quality of reported patient
    results", Clin. Chem. 54 (2008) 2049–2054, https://doi.org/10.1373/clinchem.2008.113639

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.unreliable_probability([0.0, 2.0, 4.0], tea=8.0, bias=0.0, cv=2.0).round(4).tolist()
    [0.0, 0.0227, 0.4999]
    """
    moved = floats("shift", shift)
    limit, centre = positive("tea", tea) / positive("cv", cv), floats("bias", bias) / positive("cv", cv)
    in_control = ndtr(centre - limit) + ndtr(-centre - limit)
    more: FloatArray = ndtr(centre + moved - limit) + ndtr(-centre - moved - limit) - in_control
    return more


def unreliable_results(
    shift: ArrayLike, detection: ArrayLike, *, tea: ArrayLike, bias: ArrayLike, cv: ArrayLike, run_size: ArrayLike
) -> UnreliableResults:
    """Return the expected number of unreliable results that a lasting shift causes until it is found.

    Parameters
    ----------
    shift : a number, or an array; SD
        Systematic error of either sign, beside the bias.
    detection : a number, or an array that broadcasts; 0 … 1
        Probability that a control event finds the shift: `power` with one run.
    tea, bias, cv : numbers, or arrays that broadcast; percent, at the same concentration
        Allowable total error, bias and coefficient of variation when in control.
    run_size : a number, or an array that broadcasts
        Patients' results between two control events, M.

    Returns
    -------
    UnreliableResults
        ``final`` is infinite where an error that matters is never found, 0 where one doesn't matter.

    Raises
    ------
    ValueError
        If `tea`, `cv` or `run_size` is not above 0, or `detection` not within 0 and 1.

    Notes
    -----
    Bracketed control: a control event before and after each M results; a lasting shift begins at any place of a
    bracket with equal probability; each event after it finds it with the same probability P_ed, independently; on
    detection, results since the last accepted event are corrected, those before it are final. The bracket in which
    the shift begins has M/2 results of it on average. If event K = 1, 2, … finds it, then none are final for K = 1,
    else M/2 + (K − 2)·M, and P(K) = P_ed·(1 − P_ed)^(K − 1). Hence

    E(N_uf) = ΔP_E·M·(1 − P_ed)·(1/P_ed − 1/2), E(N_uc) = ΔP_E·M·(1 − P_ed/2),

    together ΔP_E·M·(1/P_ed − 1/2), with ΔP_E as `unreliable_probability`. The derivation is the one given here;
    the model is Parvin's. False rejections before the shift, and errors that mend themselves, are left out.

    References
    ----------
    C. A. Parvin, "Assessing the impact of the frequency of quality control testing on the quality of reported patient
    results", Clin. Chem. 54 (2008) 2049–2054, https://doi.org/10.1373/clinchem.2008.113639

    Examples
    --------
    A shift of 2 SD that an event finds with probability 0.5; 100 results between events.

    >>> from lienthong.metrology import capability
    >>> found = capability.unreliable_results(2.0, 0.5, tea=8.0, bias=0.0, cv=2.0, run_size=100)
    >>> found.final.round(3).item(), found.correctable.round(3).item()
    (1.702, 1.702)
    """
    found = known("detection", detection)
    if np.any((found < 0) | (found > 1)):
        raise ValueError(f"detection must be within 0 and 1, but got {found[(found < 0) | (found > 1)][0]}")
    probability, found, size = np.broadcast_arrays(
        unreliable_probability(shift, tea=tea, bias=bias, cv=cv), found, positive("run_size", run_size)
    )
    brackets = np.divide(1.0, found, out=np.full(found.shape, np.inf), where=found > 0) - 0.5
    matters = probability != 0
    final = np.multiply(probability * size * (1 - found), brackets, out=np.zeros(found.shape), where=matters)
    return UnreliableResults(probability=probability, final=final, correctable=probability * size * (1 - found / 2))


def largest_run(
    rules: Iterable[str],
    *,
    n: int,
    tea: float,
    bias: float,
    cv: float,
    limit: float,
    levels: int | None = None,
    shifts: ArrayLike | None = None,
    simulations: int = 20_000,
    seed: Seed | None = None,
) -> RunSize:
    """Return the largest number of patients' results between control events for a stated risk.

    Parameters
    ----------
    rules, n, levels, simulations, seed
        As for `power`.
    tea, bias, cv : float; percent, at the same concentration
        Allowable total error, bias and coefficient of variation when in control.
    limit : float
        Largest allowable expected number of unreliable final results, whatever the shift; 1 is common.
    shifts : shape (s,), SD
        Sizes of shift among which the worst is sought, in both directions. None: 0.02 to 10 by 0.02.

    Returns
    -------
    RunSize
        ``run_size`` is a whole number, 0 if one result is already too many, infinite if no shift does harm.

    Raises
    ------
    ValueError
        As for `power`, or if `tea`, `cv`, `limit` or a shift is not above 0.

    Notes
    -----
    M = ⌊limit/max over SE of E(N_uf)/M⌋, E(N_uf) as for `unreliable_results`. Each control event is judged by itself:
    what rules would see across events finds errors sooner and isn't counted, so that the run is rather too short than
    too long. The worst shift is one of `shifts`.

    References
    ----------
    C. A. Parvin, "Assessing the impact of the frequency of quality control testing on the quality of reported patient
    results", Clin. Chem. 54 (2008) 2049–2054, https://doi.org/10.1373/clinchem.2008.113639
    C. Yundt-Pacheco, C. A. Parvin, "Validating the performance of QC procedures", Clin. Lab. Med. 33 (2013) 75–88.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> [capability.largest_run(["1_3s"], n=2, tea=tea, bias=0.0, cv=2.0, limit=1.0).run_size for tea in (8, 10, 12)]
    [20.0, 210.0, 2786.0]
    """
    if shifts is None:
        sizes = np.arange(1, 501) * 0.02
    else:
        sizes = positive("shifts", known("shifts", flat("shifts", shifts)))
        if not sizes.size:
            raise ValueError("shifts must have at least one shift, but has none")
    allowed = float(positive("limit", known("limit", limit)))
    found = power(rules, n=n, levels=levels, shift=sizes, simulations=simulations, seed=seed)
    both = np.concatenate((sizes, -sizes))
    detection = np.tile(found.rejection, 2)
    performance = {name: known(name, given) for name, given in (("tea", tea), ("bias", bias), ("cv", cv))}
    final = unreliable_results(both, detection, run_size=1.0, **performance).final
    worst = int(np.argmax(final))
    most = float(final[worst])
    return RunSize(
        run_size=float(np.floor(allowed / most)) if most > 0 else float("inf"),
        shift=float(both[worst]),
        most_final=most,
        detection=float(detection[worst]),
        detection_standard_error=float(np.tile(found.standard_error, 2)[worst]),
    )
