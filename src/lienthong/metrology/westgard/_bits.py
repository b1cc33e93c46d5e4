"""Control rules over a stretch of results, many results at a time.

Each result is one 16-bit word: for each of up to seven limits a bit says that it is beyond it above, another, seven
bits higher, that it is beyond it below; the highest says that the result is there. "n consecutive results beyond the
limit" is then the AND of n shifted copies of the words, for all limits at once; the AND of 8 is that of two ANDs of 4.
Consecutive results of one sequence lie `stride` places apart. A place without a result holds nan, no bits, and so ends
every sequence.

Loops run over slices from 0 on: an index that might be negative would keep the compiler from using vectors.
"""

from __future__ import annotations

import numpy as np

from lienthong.metrology._compiled import compiled

BELOW = np.uint16(7)
THERE = np.uint16(15)


@compiled
def flag(z, cuts, words, size):
    """Write the word of each z score; `cuts` are the limits in SD."""
    for i in range(size):
        words[i] = 0
    for limit in range(cuts.size):
        cut, bit = cuts[limit], np.uint16(1 << limit)
        for i in range(size):
            words[i] |= bit if abs(z[i]) > cut else np.uint16(0)
    for i in range(size):
        words[i] = words[i] << BELOW if z[i] < 0 else words[i]
    for i in range(size):
        words[i] |= np.uint16(1 << 15) if z[i] == z[i] else np.uint16(0)


@compiled
def halves(words, powers, longest, stride, size):
    """Write to row k of `powers` the AND of each word with the 2^k − 1 before it in its sequence."""
    for i in range(size):
        powers[0, i] = words[i]
    k, length = 0, 1
    while 2 * length <= longest:
        _and_shifted(powers[k], powers[k], powers[k + 1], length * stride, size)
        k, length = k + 1, 2 * length


@compiled
def window(powers, n, stride, size, found):
    """Write the AND of each word with the n − 1 before it in its sequence; shorter sequences give no bits."""
    k, length = 0, 1
    while 2 * length <= n:
        k, length = k + 1, 2 * length
    _and_shifted(powers[k], powers[k], found, (n - length) * stride, size)


@compiled
def either_side(found, limit, rule, hits, size):
    """Set bit `rule` of `hits` where the bit above or the bit below `limit` is set."""
    _either_of_both(found[:size], found[:size], limit, rule, hits[:size])


@compiled
def in_a_row(powers, n, stride, limit, rule, hits, size):
    """Do so where it is set in n words one after another of a sequence."""
    k, length = 0, 1
    while 2 * length <= n:
        k, length = k + 1, 2 * length
    shift = min((n - length) * stride, size)
    _either_of_both(powers[k, shift:size], powers[k, : size - shift], limit, rule, hits[shift:size])


@compiled
def _either_of_both(later, earlier, limit, rule, hits):
    sides, bit = np.uint16((1 << limit) | (1 << (limit + 7))), np.uint16(1 << rule)
    for i in range(hits.size):
        hits[i] |= bit if later[i] & earlier[i] & sides else np.uint16(0)


@compiled
def keep_across(found, linked, in_one_run, size):
    """Clear what is all of one level and, if asked, what is not all of one run.

    Bit 0 of `linked` says that the results of the window are of one run, bit 1 that they are of one level.
    """
    for i in range(size):
        kept = (linked[i] >> np.uint16(1)) ^ np.uint16(1)
        if in_one_run:
            kept &= linked[i]
        found[i] &= np.uint16(0) - (kept & np.uint16(1))


@compiled
def windows_there(powers, links, n, stride, across, size, there, longer):
    """Write to bit 0 of `there` whether n results of the sequence are there, to bit 0 of `longer` whether n + 1.

    Across levels the sequence is the run, and n results of one level alone don't count.
    """
    if across:
        window(links, n, 1, size, longer)
        window(links, n - 1, 1, size, there)
        for i in range(size):
            there[i] &= there[i] >> np.uint16(1) ^ np.uint16(1)
    else:
        window(powers, n + 1, stride, size, longer)
        window(powers, n, stride, size, there)
        for i in range(size):
            there[i], longer[i] = there[i] >> THERE, longer[i] >> THERE


@compiled
def some_of(words, there, longer, limit, m, n, stride, rule, hits, size):
    """Set bit `rule` where m of the last n are beyond the limit on one side.

    Bit 0 of `there` says that n results are there, bit 0 of `longer` that the sequence had more than n. The
    violation is completed by a result that is beyond itself, or by the one that fills the first n.
    """
    one, at = np.uint16(1), np.uint16(rule)
    for side in range(2):
        bit = np.uint16(limit + 7 * side)
        for i in range((n - 1) * stride, size):
            count = 0
            for back in range(n):
                count += (words[i - back * stride] >> bit) & one
            completes = (words[i] >> bit) | (longer[i] ^ one)
            hits[i] |= (np.uint16(count >= m) & there[i] & completes & one) << at


@compiled
def trend(z, stride, size, steps):
    """Write whether each z score rises or falls from the one before it in its sequence."""
    for i in range(min(stride, size)):
        steps[i] = 0
    later, earlier, found = z[stride:size], z[: max(size - stride, 0)], steps[stride:size]
    for i in range(found.size):
        step = later[i] - earlier[i]
        found[i] = np.uint16(step > 1e-10) | (np.uint16(step < -1e-10) << BELOW)


@compiled
def jump(z, cut, stride, rule, hits, size):
    """Set bit `rule` where a z score lies farther than the limit from the one before it in its sequence."""
    at = np.uint16(rule)
    later, earlier, found = z[stride:size], z[: max(size - stride, 0)], hits[stride:size]
    for i in range(found.size):
        found[i] |= np.uint16(abs(later[i] - earlier[i]) > cut) << at


@compiled
def both_sides_in_run(words, linked, run, limit, rule, hits, size):
    """Set bit `rule` where a result is beyond a limit and an earlier one of its run beyond the opposite one.

    `run` is how many results every run holds, or 0.
    """
    if run:
        _both_sides_in_even_runs(words, run, limit, rule, hits, size)
        return
    above, below, at = np.uint16(limit), np.uint16(limit) + BELOW, np.uint16(rule)
    seen = np.uint16(0)
    for i in range(size):
        seen = seen if linked[i] & np.uint16(1) else np.uint16(0)
        opposite = (words[i] >> above & seen >> below) | (words[i] >> below & seen >> above)
        hits[i] |= (opposite & np.uint16(1)) << at
        seen |= words[i]


@compiled
def _both_sides_in_even_runs(words, run, limit, rule, hits, size):
    """Do the same for runs that begin at every multiple of `run`."""
    above, below, at = np.uint16(limit), np.uint16(limit) + BELOW, np.uint16(rule)
    for back in range(1, run):
        for place in range(back, run):
            later, earlier, found = words[place:size:run], words[place - back : size : run], hits[place:size:run]
            for i in range(found.size):
                opposite = (later[i] >> above & earlier[i] >> below) | (later[i] >> below & earlier[i] >> above)
                found[i] |= (opposite & np.uint16(1)) << at


@compiled
def range_in_run(z, cut, linked, run, rule, hits, size):
    """Set bit `rule` where a result lies farther than the limit from an earlier one of its run."""
    if run:
        _range_in_even_runs(z, cut, run, rule, hits, size)
        return
    at, most, least = np.uint16(rule), np.nan, np.nan
    for i in range(size):
        if not linked[i] & np.uint16(1):
            most, least = z[i], z[i]
        hits[i] |= np.uint16(most - z[i] > cut or z[i] - least > cut) << at
        most, least = max(most, z[i]), min(least, z[i])


@compiled
def _range_in_even_runs(z, cut, run, rule, hits, size):
    """Do the same for runs that begin at every multiple of `run`."""
    bit = np.uint16(1 << rule)
    for back in range(1, run):
        for place in range(back, run):
            later, earlier, found = z[place:size:run], z[place - back : size : run], hits[place:size:run]
            for i in range(found.size):
                found[i] |= bit if abs(later[i] - earlier[i]) > cut else np.uint16(0)


@compiled
def _and_shifted(these, those, found, shift, size):
    for i in range(min(shift, size)):
        found[i] = 0
    later, earlier, both = these[shift:size], those[: max(size - shift, 0)], found[shift:size]
    for i in range(both.size):
        both[i] = later[i] & earlier[i]
