"""The tree beside RFC 6962's own recursion, beside pymerkle, and against proofs that were changed."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from lienthong.core.log.merkle import (
    EMPTY_ROOT,
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of_inclusion,
)
from lienthong.core.log.tiles import Place, Tree, edge_places, places_of, roots_of, tree_of_edge

sizes = st.integers(1, 3_000)
MANY = settings(max_examples=60, deadline=None)


def data(count: int) -> list[bytes]:
    return [number.to_bytes(4, "big") for number in range(count)]


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(plain_root(leaves[:k]), plain_root(leaves[k:]))


def grown(count: int, *, steps: int = 1) -> tuple[Tree, dict[Place, bytes]]:
    """Return a tree of so many leaves and all its tiles, appended a few at a time."""
    tree, tiles = Tree(), {}
    leaves = data(count)
    for start in range(0, count, steps):
        tiles |= tree.append(leaves[start : start + steps])
    return tree, tiles


@cache
def whole() -> tuple[Tree, dict[Place, bytes]]:
    return grown(3_000, steps=97)


@cache
def peer() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for one in data(3_000):
        tree.append_entry(one)
    return tree


@MANY
@given(count=st.integers(0, 1_200), steps=st.integers(1, 400))
def test_root_of_a_grown_tree_is_that_of_the_recursion(count: int, steps: int) -> None:
    tree, _tiles = grown(count, steps=steps)

    assert tree.root() == plain_root(data(count))


@MANY
@given(size=sizes)
def test_root_is_that_of_pymerkle(size: int) -> None:
    assert roots_of([(0, size)], whole()[1]) == [peer().get_root(size)]


@MANY
@given(size=sizes, share=st.floats(0, 1, exclude_max=True))
def test_inclusion_proof_is_that_of_pymerkle(size: int, share: float) -> None:
    index = int(share * size)
    theirs = peer().prove_inclusion(index + 1, size).path

    proof = roots_of(inclusion_ranges(index, size), whole()[1])

    assert [leaf_hash(data(size)[index]), *proof] == theirs
    assert is_included(theirs[0], index=index, size=size, proof=proof, root=peer().get_root(size))


@MANY
@given(pair=st.tuples(sizes, sizes))
def test_consistency_proof_holds_for_the_roots_of_pymerkle(pair: tuple[int, int]) -> None:
    first, second = sorted(pair)
    roots = {"first_root": peer().get_root(first), "second_root": peer().get_root(second)}

    proof = roots_of(consistency_ranges(first, second), whole()[1])

    assert is_consistent(first=first, second=second, proof=proof, **roots)


@MANY
@given(pair=st.tuples(sizes, sizes), bit=st.integers(0, 10_000))
def test_proof_with_a_changed_bit_proves_nothing(pair: tuple[int, int], bit: int) -> None:
    first, second = sorted(pair)
    tiles = whole()[1]
    old, new = roots_of([(0, first), (0, second)], tiles)
    inclusion = roots_of(inclusion_ranges(first - 1, second), tiles)
    consistency = roots_of(consistency_ranges(first, second), tiles)
    leaf = leaf_hash(data(second)[first - 1])

    for proof in filter(None, (inclusion, consistency)):
        place = bit % (len(proof) * 256)
        row = bytearray(b"".join(proof))
        row[place // 8] ^= 1 << place % 8
        proof[:] = [bytes(row[n : n + 32]) for n in range(0, len(row), 32)]

    assert not inclusion or not is_included(leaf, index=first - 1, size=second, proof=inclusion, root=new)
    assert not consistency or not is_consistent(
        first=first, second=second, first_root=old, second_root=new, proof=consistency
    )


@pytest.mark.parametrize("change", [[], [bytes(32)]], ids=["too short", "too long"])
def test_proof_of_another_length_proves_nothing(change: list[bytes]) -> None:
    proof = roots_of(inclusion_ranges(5, 100), whole()[1])
    longer = [*proof, *change] if change else proof[:-1]

    assert root_of_inclusion(leaf_hash(data(6)[5]), index=5, size=100, proof=longer) is None
    assert root_of_inclusion(leaf_hash(data(6)[5]), index=100, size=100, proof=proof) is None


def test_tree_of_no_leaf_has_the_root_of_nothing_and_begins_every_tree() -> None:
    root = grown(9)[0].root()

    assert Tree().root() == EMPTY_ROOT
    assert is_consistent(first=0, second=9, first_root=EMPTY_ROOT, second_root=root, proof=[])
    assert not is_consistent(first=9, second=3, first_root=root, second_root=root, proof=[])


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_leaf_that_the_tree_has_not_raises(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="index must be from 0"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (6, 5)])
def test_sizes_that_do_not_rise_raise(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="sizes must rise"):
        consistency_ranges(first, second)


@MANY
@given(before=st.integers(0, 2_000), more=st.integers(1, 200))
def test_tree_goes_on_from_the_tiles_of_its_edge(before: int, more: int) -> None:
    _tree, tiles = grown(before, steps=500)
    edge = {place: tiles[place] for place in edge_places(before)}

    tree = tree_of_edge(before, edge)
    tree.append(data(before + more)[before:])

    assert tree.root() == plain_root(data(before + more))


def test_tile_that_is_cut_is_missed() -> None:
    tiles = grown(70)[1]
    tiles[0, 2] = tiles[0, 2][:-32]

    with pytest.raises(KeyError):
        tree_of_edge(70, tiles)
    with pytest.raises(KeyError):
        roots_of([(0, 70)], tiles)


def test_proof_at_ten_million_leaves_reads_ten_tiles_at_most() -> None:
    size = 10_000_000

    read = [len(places_of([(0, size), *inclusion_ranges(index, size)])) for index in range(0, size, 9_973)]

    assert max(read) <= 10
