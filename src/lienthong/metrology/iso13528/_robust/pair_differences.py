"""Loops over the differences of all pairs of sorted values, without ever writing the pairs down.

How many pairs differ by at most d is counted in one pass over the values; the difference at a wanted share is found
by halving an interval.
"""

from __future__ import annotations

import numpy as np

from lienthong.metrology._compiled import compiled


@compiled
def q_differences(first, last, values, begin, p, weights, participants, found, at_zero):
    """Write the difference at which the Q method reads off, and the share of pairs without any, of each group.

    `weights` is 1 over the number of results of the value's participant; pairs of one participant don't count.
    """
    for g in range(first, last):
        x = values[begin[g] : begin[g] + p[g]]
        w, who = weights[begin[g] : begin[g] + p[g]], participants[begin[g] : begin[g] + p[g]]
        found[g], at_zero[g] = _read_off(x, w, who)


@compiled
def _read_off(x, w, who):
    """Return G⁻¹(0.25 + 0.75·H(0)) and H(0); H(d) is the share of pairs that differ by at most d.

    G runs straight between the steps of H, through the middle of each step, and through 0 at 0. Differences that are
    equal in decimals differ in binary, so that what is nearer than 8 roundings is taken as equal.
    """
    cumulated = np.empty(x.size + 1)
    cumulated[0] = 0.0
    for i in range(x.size):
        cumulated[i + 1] = cumulated[i] + w[i]
    same, of_same = _of_same_participant(x, w, who)
    equal = 8 * np.finfo(np.float64).eps * max(abs(x[0]), abs(x[-1]))
    widest = x[-1] - x[0]
    pairs = _share(x, w, cumulated, same, of_same, widest + equal)
    if pairs <= 0:
        return np.nan, np.nan
    at_zero = _share(x, w, cumulated, same, of_same, equal) / pairs
    if at_zero >= 1:
        return 0.0, at_zero
    wanted = (0.25 + 0.75 * at_zero) * (1 - 1e-12)
    step = _reached(x, w, who, cumulated, same, of_same, wanted * pairs, widest, equal)
    here = _height(x, w, cumulated, same, of_same, step, equal) / pairs
    if here >= wanted:
        earlier = _most_below(x, who, step - equal)
        before = 0.0
        if earlier > equal:
            before = _height(x, w, cumulated, same, of_same, earlier, equal) / pairs
        else:
            earlier = 0.0
    else:
        earlier, before = step, here
        step = _least_above(x, who, step + equal)
        here = _height(x, w, cumulated, same, of_same, step, equal) / pairs
    return earlier + (step - earlier) * (0.25 + 0.75 * at_zero - before) / (here - before), at_zero


@compiled
def _reached(x, w, who, cumulated, same, of_same, wanted, widest, equal):
    """Return the least difference up to which pairs of the wanted weight lie.

    The interval is halved until all differences in it are one; after a while it is looked whether they are. Of normal
    values a quarter of the pairs differ by less than 0.334 times their interquartile range, so that it begins there.
    """
    below, above, turn = 0.0, widest, 0
    guess = 0.334 * (x[3 * x.size // 4] - x[x.size // 4])
    while above - below > equal and below < (below + above) / 2 < above:
        middle, turn = (below + above) / 2, turn + 1
        if turn <= 2 and below < guess * (0.9 + 0.1 * turn) < above:
            middle = guess * (0.9 + 0.1 * turn) - guess * 0.05
        if _share(x, w, cumulated, same, of_same, middle) >= wanted:
            above = middle
        else:
            below = middle
        if turn >= 8 and turn % 4 == 0:
            least = _least_above(x, who, below)
            if _most_below(x, who, above) - least <= equal:
                return least
    return _least_above(x, who, below - equal)


@compiled
def _share(x, w, cumulated, same, of_same, most):
    """Return the weight of the pairs of different participants that differ by at most `most`."""
    total, j = 0.0, 0
    for i in range(x.size):
        while x[i] - x[j] > most:
            j += 1
        total += w[i] * (cumulated[i] - cumulated[j])
    return total - of_same[np.searchsorted(same, most, side="right")]


@compiled
def _height(x, w, cumulated, same, of_same, step, equal):
    """Return the middle of the step of H at the difference `step`."""
    upper = _share(x, w, cumulated, same, of_same, step + equal)
    return (upper + _share(x, w, cumulated, same, of_same, step - equal)) / 2


@compiled
def _of_same_participant(x, w, who):
    """Return the sorted differences within participants, and the weight of the first 0, 1, … of them."""
    count = 0
    for i in range(x.size):
        if w[i] < 1:
            for j in range(i):
                count += who[i] == who[j]
    differences, weights = np.empty(count), np.empty(count)
    if count:
        count = 0
        for i in range(x.size):
            for j in range(i):
                if who[i] == who[j]:
                    differences[count], weights[count] = x[i] - x[j], w[i] * w[j]
                    count += 1
    order = np.argsort(differences)
    total = np.zeros(count + 1)
    for k in range(count):
        total[k + 1] = total[k] + weights[order[k]]
    return differences[order], total


@compiled
def _least_above(x, who, bound):
    """Return the least difference of two participants that is above the bound."""
    least, j = np.inf, 0
    for i in range(x.size):
        while j < i and x[i] - x[j] > bound:
            j += 1
        k = j - 1
        while k >= 0 and who[k] == who[i]:
            k -= 1
        if k >= 0:
            least = min(least, x[i] - x[k])
    return least


@compiled
def _most_below(x, who, bound):
    """Return the greatest difference of two participants that is not above the bound; 0 if there is none."""
    most, j = 0.0, 0
    for i in range(x.size):
        while x[i] - x[j] > bound and j < i:
            j += 1
        k = j
        while k < i and who[k] == who[i]:
            k += 1
        if k < i:
            most = max(most, x[i] - x[k])
    return most


@compiled
def hampel_roots(first, last, values, begin, p, s_star, found):
    """Write for each group where the sum of Hampel's ψ is 0, the place nearest to the median."""
    for g in range(first, last):
        x = values[begin[g] : begin[g] + p[g]]
        lower, upper = x[(x.size - 1) // 2], x[x.size // 2]
        median = lower + (upper - lower) / 2
        found[g] = _nearest_root(x, median, s_star[g]) if s_star[g] > 0 else median


@compiled
def _nearest_root(x, median, s):
    """Walk from the median to both sides, from kink to kink of the sum, up to the first change of sign."""
    here = _psi_sum(x, median, s)
    if here == 0:
        return median
    kinks = np.empty(6 * x.size)
    for k, width in enumerate((-4.5, -3.0, -1.5, 1.5, 3.0, 4.5)):
        for i in range(x.size):
            kinks[k * x.size + i] = x[i] + width * s
    kinks.sort()
    at = np.searchsorted(kinks, median)
    right = _first_root(x, s, kinks, at, 1, median, here)
    left = _first_root(x, s, kinks, at - 1, -1, median, here)
    if np.isnan(left) or right - median < median - left:
        return right
    return left if np.isnan(right) or median - left < right - median else median


@compiled
def _first_root(x, s, kinks, at, direction, place, here):
    while 0 <= at < kinks.size:
        there = _psi_sum(x, kinks[at], s)
        if there == 0:
            return kinks[at]
        if (there > 0) != (here > 0):
            return place + (kinks[at] - place) * here / (here - there)
        place, here, at = kinks[at], there, at + direction
    return np.nan


@compiled
def _psi_sum(x, place, s):
    total = 0.0
    for value in x:
        q = (value - place) / s
        size = abs(q)
        psi = min(size, 1.5) if size <= 3 else max(4.5 - size, 0.0)
        total += psi if q > 0 else -psi
    return total
