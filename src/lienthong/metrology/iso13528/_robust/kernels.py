"""Loops over groups of sorted values; each call takes the groups from `first` to `last`."""

from __future__ import annotations

import numpy as np

from lienthong.metrology._compiled import compiled

WIDTH = 1.5
TOLERANCE = 1e-13
SETTLED = 1e-6
COLLAPSED = 1e-9
MOST_ITERATIONS = 10_000


@compiled
def codes_in_order(labels, code, first):
    """Write a code for each label and the first place of each code; return how many, or 0 where labels fall."""
    g = -1
    for i in range(labels.size):
        if i == 0 or labels[i] != labels[i - 1]:
            if i and labels[i] < labels[i - 1]:
                return 0
            g += 1
            first[g] = i
        code[i] = g
    return g + 1


@compiled
def gather(values, code, begin, together):
    """Write the values of each group one behind the other, in the order in which they stand."""
    at, i = begin.copy(), 0
    while i < values.size:
        g, end = code[i], i + 1
        while end < values.size and code[end] == g:
            end += 1
        together[at[g] : at[g] + end - i] = values[i:end]
        at[g], i = at[g] + end - i, end


@compiled
def sort(first, last, begin, p, values):
    """Sort the values of each group."""
    for g in range(first, last):
        values[begin[g] : begin[g] + p[g]].sort()


@compiled
def mads(first, last, values, begin, p, found):
    """Write the median absolute deviation from the median of each group."""
    for g in range(first, last):
        x = values[begin[g] : begin[g] + p[g]]
        found[g] = _mad(x, _median(x))


@compiled
def algorithm_a(first, last, values, begin, p, factor, x_star, s_star, iterations, converged):
    """Write robust mean and standard deviation of each group, and how they were found."""
    longest = 0
    for g in range(first, last):
        longest = max(longest, p[g])
    centred, sums, squares = np.empty(longest), np.empty(longest + 1), np.empty(longest + 1)
    for g in range(first, last):
        x, median = values[begin[g] : begin[g] + p[g]], _median(values[begin[g] : begin[g] + p[g]])
        c = centred[: x.size]
        sums[0], squares[0] = 0.0, 0.0
        for i in range(x.size):
            # The values less their median, so that the level of the values costs no digits.
            c[i] = x[i] - median
            sums[i + 1] = sums[i] + c[i]
            squares[i + 1] = squares[i] + c[i] * c[i]
        start = _start(x, c, median)
        offset, s_star[g], iterations[g], converged[g] = _iterate(c, sums, squares, start, factor)
        x_star[g] = median + offset


@compiled
def _start(x, c, median):
    start = 1.483 * _mad(x, median)
    if start == 0:
        start = 0.7413 * (_quantile(x, 0.75) - _quantile(x, 0.25))
    if start == 0 and x.size > 1:
        start = np.sqrt(np.sum((c - c.mean()) ** 2) / (x.size - 1))
    return start


@compiled
def _iterate(c, sums, squares, start, factor):
    """Return x*, s*, how many steps led there, and whether they stand still; `c` are sorted values about 0."""
    x, s, low, high = 0.0, start, 0, c.size
    if start == 0:
        return x, s, 0, True
    for step in range(1, MOST_ITERATIONS + 1):
        low, high = _held(c, x - WIDTH * s, x + WIDTH * s, low, high)
        x_new, s_new = _step(c, sums, squares, x, s, low, high)
        s_new *= factor
        moved = max(abs(x_new - x), abs(s_new - s))
        if s_new < COLLAPSED * start:
            return 0.0, 0.0, step, True
        x, s = x_new, s_new
        if moved <= TOLERANCE * s:
            return x, s, step, True
        if moved <= SETTLED * s:
            x_end, s_end, found = _fixed_point(c, sums, squares, x, s, low, high, factor)
            if found:
                return x_end, s_end, step, True
    return x, s, MOST_ITERATIONS, False


@compiled
def _held(c, lower, upper, low, high):
    """Return how many values lie below `lower`, and the first that lies above `upper`."""
    while low > 0 and c[low - 1] >= lower:
        low -= 1
    while low < c.size and c[low] < lower:
        low += 1
    while high < c.size and c[high] <= upper:
        high += 1
    while high > 0 and c[high - 1] > upper:
        high -= 1
    return low, high


@compiled
def _step(c, sums, squares, x, s, low, high):
    """Return mean and standard deviation of the values held within x ± 1.5·s."""
    p, above = c.size, c.size - high
    lower, upper = x - WIDTH * s, x + WIDTH * s
    mean = (sums[high] - sums[low] + low * lower + above * upper) / p
    middle = squares[high] - squares[low] - 2 * mean * (sums[high] - sums[low]) + (high - low) * mean * mean
    spread = middle + low * (lower - mean) ** 2 + above * (upper - mean) ** 2
    return mean, np.sqrt(max(spread, 0.0) / max(p - 1, 1))


@compiled
def _fixed_point(c, sums, squares, x, s, low, high, factor):
    """Return x* and s* at which the iteration stands still, and whether they were found.

    Once the same values are held at the limits in every step, x* and s* solve a quadratic equation.
    """
    low, high = _held(c, x - WIDTH * s, x + WIDTH * s, low, high)
    p, middle, above, held = c.size, high - low, c.size - high - low, c.size - high + low
    if middle == 0:
        return x, s, False
    mean = (sums[high] - sums[low]) / middle
    slope = WIDTH * above / middle
    left = (p - 1) / factor**2 - middle * slope**2 - WIDTH**2 * held
    if left <= 0:
        return x, s, False
    spread = squares[high] - squares[low] - middle * mean * mean
    s_end = np.sqrt(max(spread, 0.0) / left)
    x_end = mean + slope * s_end
    again = _held(c, x_end - WIDTH * s_end, x_end + WIDTH * s_end, low, high)
    return x_end, s_end, again[0] == low and again[1] == high


@compiled
def _median(x):
    lower, upper = x[(x.size - 1) // 2], x[x.size // 2]
    return lower + (upper - lower) / 2


@compiled
def _quantile(x, q):
    place = (x.size - 1) * q
    whole = int(place)
    return x[whole] + (x[min(whole + 1, x.size - 1)] - x[whole]) * (place - whole)


@compiled
def _mad(x, median):
    """Return the median of the absolute deviations of sorted values from their median."""
    upper = _nearest(x, median, x.size // 2)
    if x.size % 2:
        return upper
    lower = _nearest(x, median, x.size // 2 - 1)
    return lower + (upper - lower) / 2


@compiled
def _nearest(x, median, k):
    """Return the k-th least deviation, counted from 0: below and above the median they are sorted already.

    Of the k + 1 least deviations, `taken` lie below; that number is found by halving.
    """
    middle = np.searchsorted(x, median)
    least, most = max(0, k + 1 - (x.size - middle)), min(k + 1, middle)
    while least < most:
        taken = (least + most) // 2
        if median - x[middle - 1 - taken] < x[middle + k - taken] - median:
            least = taken + 1
        else:
            most = taken
    below = median - x[middle - least] if least else -np.inf
    above = x[middle + k - least] - median if k + 1 > least else -np.inf
    return max(below, above)


@compiled
def algorithm_s(first, last, values, begin, p, eta, xi, w_star, iterations):
    """Write the robust pooled value of each group, and how many steps led there."""
    for g in range(first, last):
        x = values[begin[g] : begin[g] + p[g]]
        squares = np.empty(x.size + 1)
        squares[0] = 0.0
        for i in range(x.size):
            squares[i + 1] = squares[i] + x[i] * x[i]
        start = _median(x)
        start = start if start > 0 else np.sqrt(squares[x.size] / x.size)
        w_star[g], iterations[g] = _pooled(x, squares, start, eta, xi)


@compiled
def _pooled(x, squares, start, eta, xi):
    w = start
    for step in range(1, MOST_ITERATIONS + 1):
        limit = eta * w
        free = np.searchsorted(x, limit, side="right")
        w_new = xi * np.sqrt((squares[free] + (x.size - free) * limit * limit) / x.size)
        if w_new <= COLLAPSED * start:
            return 0.0, step
        if abs(w_new - w) <= TOLERANCE * w_new:
            return w_new, step
        w = w_new
    return w, MOST_ITERATIONS


@compiled
def scores(first, last, values, code, x_pt, u_x_pt, sigma_pt, delta_e, u, k, p_a, zeta, found):
    """Write D, D%, z and z′ of the results from `first` to `last`, and in rows `p_a` and `zeta` P_A, ζ and E_n."""
    begin = first
    while begin < last:
        g, end = code[begin], begin + 1
        while end < last and code[end] == g:
            end += 1
        d = found[0, begin:end]
        level = x_pt[g] if x_pt[g] != 0 else np.nan
        _less(values[begin:end], x_pt[g], d)
        _over(d, 100.0, level, found[1, begin:end])
        _over(d, 1.0, sigma_pt[g], found[2, begin:end])
        _over(d, 1.0, np.sqrt(sigma_pt[g] ** 2 + u_x_pt[g] ** 2), found[3, begin:end])
        if p_a >= 0:
            _over(d, 100.0, delta_e[g], found[p_a, begin:end])
        if zeta >= 0:
            _over_combined(d, u[begin:end], u_x_pt[g], found[zeta, begin:end])
            _over(found[zeta, begin:end], 1.0, k, found[zeta + 1, begin:end])
        begin = end


@compiled
def _less(values, x_pt, found):
    for i in range(values.size):
        found[i] = values[i] - x_pt


@compiled
def _over(d, factor, divisor, found):
    for i in range(d.size):
        found[i] = factor * d[i] / divisor


@compiled
def _over_combined(d, u, u_x_pt, found):
    for i in range(d.size):
        combined = np.sqrt(u[i] * u[i] + u_x_pt * u_x_pt)
        found[i] = d[i] / combined if combined > 0 else np.nan
