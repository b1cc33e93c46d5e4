"""How a piece of results is laid out so that the results of a sequence follow one another.

Where every run of a piece holds the same levels and nothing is missing, results stay as they stand, and those of one
level lie a run's length apart. Otherwise those that can be judged are gathered, once by run and once by level.
"""

from __future__ import annotations

import numpy as np

from lienthong.metrology._compiled import compiled
from lienthong.metrology.westgard._links import LEVEL, NEW_RUN, NEW_SERIES, following

ONE_NUMBER, ONE_EACH, TABLE = range(3)
TILE = 512
LEVEL_AND_RUN = np.uint16(LEVEL | NEW_RUN)


@compiled
def look_back(first, last, links, values, excluded, reach, counts):
    """Return from where on results must be known to judge those from `first` on: `reach` of each level among them."""
    if links[first] & NEW_SERIES:
        return first
    missing = 0
    for i in range(first, last):
        at = links[i] & LEVEL
        if counts[at] == 0:
            counts[at] = reach
            missing += 1
    look, seen = first, 0
    while not links[look] & NEW_SERIES and (missing or seen < reach or not links[look] & NEW_RUN):
        look -= 1
        if values[look] == values[look] and not (excluded.size and excluded[look]):
            seen += 1
            at = links[look] & LEVEL
            if counts[at] > 0:
                counts[at] -= 1
                missing -= counts[at] == 0
    for i in range(first, last):
        counts[links[i] & LEVEL] = 0
    return look


@compiled
def _even_run(look, last, links, excluded):
    """Return how many results each run holds, if all hold the same levels and none is excluded; else 0."""
    if excluded.size:
        for i in range(look, last):
            if excluded[i]:
                return 0
    stride = 1
    while look + stride < last and not links[look + stride] & NEW_RUN:
        if links[look + stride] & LEVEL <= links[look + stride - 1] & LEVEL:
            return 0
        stride += 1
    begin = look
    while begin < last:
        end = following(links, begin, NEW_SERIES, last)
        differs = np.uint16(0)
        differs |= _changes(links[begin + stride : end], links[begin : max(end - stride, begin)])
        differs |= (links[begin] | NEW_RUN | NEW_SERIES) ^ (links[look] | NEW_RUN | NEW_SERIES)
        for i in range(begin + 1, min(begin + stride, end)):
            differs |= links[i] ^ links[look + i - begin]
        if differs:
            return 0
        begin = end
    return stride


@compiled
def _changes(later, earlier):
    """Return the bits in which any link differs from an earlier one, whether a series begins left aside."""
    differs = np.uint16(0)
    for i in range(later.size):
        differs = np.uint16(differs | (later[i] ^ (earlier[i] & LEVEL_AND_RUN)))
    return differs


@compiled
def lay_out(look, last, ordinal, homes, values, mean, sd, spread, columns, links, excluded, z, linked):
    """Write z scores as the results stand, with an empty run between series; return a run's length and the size.

    The length is 0 where the results can't stay as they stand, because something is missing or impossible.
    """
    stride = _even_run(look, last, links, excluded)
    if not stride:
        return 0, 0
    means, sds = np.empty(stride * (TILE // stride + 1)), np.empty(stride * (TILE // stride + 1))
    at, begin, even = 0, look, True
    while begin < last:
        end = following(links, begin, NEW_SERIES, last)
        part = z[at : at + end - begin]
        if spread == ONE_EACH:
            even &= _standardised(values[begin:end], mean[begin:end], sd[begin:end], part)
        else:
            row = homes[ordinal] * columns if spread == TABLE else 0
            for k in range(min(stride, part.size)):
                cell = row + np.int64(links[begin + k] & LEVEL) if spread == TABLE else row
                means[k::stride], sds[k::stride] = mean[cell], sd[cell]
            for tile in range(0, part.size, means.size):
                even &= _standardised(
                    values[begin + tile : min(begin + tile + means.size, end)], means, sds, part[tile:]
                )
        _chain(links[begin:end], stride, linked[at : at + end - begin])
        at += end - begin
        empty = stride + (begin - end) % stride
        z[at : at + empty], linked[at : at + empty] = np.nan, 0
        at, begin, ordinal = at + empty, end, ordinal + 1
    return (stride if even else 0), at


@compiled
def _chain(links, stride, linked):
    """Write to bit 0 whether a result is of the run of the one before it, to bit 1 whether it is of its level."""
    same_level = np.uint16(2) if stride == 1 else np.uint16(0)
    for i in range(links.size):
        linked[i] = same_level if links[i] & NEW_RUN else same_level | np.uint16(1)
    linked[0] = 0


@compiled
def _standardised(values, mean, sd, z):
    wrong = np.uint8(0)
    for i in range(values.size):
        z[i] = (values[i] - mean[i]) / sd[i]
        wrong |= np.uint8(not sd[i] > 0) | np.uint8(not abs(z[i]) < np.inf)
    return wrong == 0


@compiled
def gather(look, last, ordinal, homes, values, mean, sd, spread, columns, links, excluded, z, src, level, linked):
    """Write the z scores of what can be judged one behind the other, an empty place between series."""
    size, possible, new_run = 0, True, True
    for i in range(look, last):
        if i > look and links[i] & NEW_SERIES:
            z[size], src[size], linked[size], level[size] = np.nan, -1, 0, 0
            size, ordinal = size + 1, ordinal + 1
        cell = 0
        if spread == ONE_EACH:
            cell = i
        elif spread == TABLE:
            cell = homes[ordinal] * columns + np.int64(links[i] & LEVEL)
        new_run |= bool(links[i] & NEW_RUN)
        possible &= not (sd[cell] <= 0 or np.isinf(values[i]) or np.isinf(mean[cell]) or np.isinf(sd[cell]))
        score = (values[i] - mean[cell]) / sd[cell]
        if np.isnan(score) or (excluded.size and excluded[i]):
            continue
        z[size], src[size], level[size] = score, i, links[i] & LEVEL
        linked[size] = 0
        if size and src[size - 1] >= 0:
            linked[size] = np.uint16(not new_run) | np.uint16(level[size] == level[size - 1]) << np.uint16(1)
        size, new_run = size + 1, False
    return possible, size


@compiled
def lanes(z, src, level, size, counts, lane_z, lane_src):
    """Write the same z scores level by level within each series, an empty place behind each level."""
    at, begin = 0, 0
    while begin < size:
        end = begin
        while end < size and src[end] >= 0:
            counts[level[end]] += 1
            end += 1
        for i in range(begin, end):
            lane = level[i]
            if counts[lane] > 0:
                room = counts[lane]
                counts[lane] = -(at + 1)
                at += room
                lane_z[at], lane_src[at] = np.nan, -1
                at += 1
            place = -counts[lane] - 1
            lane_z[place], lane_src[place] = z[i], src[i]
            counts[lane] -= 1
        for i in range(begin, end):
            counts[level[i]] = 0
        begin = end + 1
    return at


@compiled
def copy(look, first, last, stride, links, hits, masks):
    at, begin = 0, look
    while begin < last:
        end = following(links, begin, NEW_SERIES, last)
        skipped = max(first - begin, 0)
        found, mask = hits[at + skipped : at + end - begin], masks[begin + skipped : end]
        for i in range(mask.size):
            mask[i] = found[i]
        at += end - begin + stride + (begin - end) % stride
        begin = end


@compiled
def scatter(src, hits, size, first, masks):
    for i in range(size):
        if src[i] >= first:
            masks[src[i]] |= hits[i]
        hits[i] = 0
