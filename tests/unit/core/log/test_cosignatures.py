"""Cosignatures have the form of cosignature/v1, and are those of the witness's key on this checkpoint only."""

from __future__ import annotations

import contextlib
import datetime as dt
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from tools.log_sample import BEGAN, KEY, VERIFIER, WITNESS, WITNESS_KEY, WITNESS_NAME, cosigned, note

from lienthong.core.log.checkpoints import NoCheckpoint, read, verifier_key
from lienthong.core.log.cosignatures import (
    check_cosignatures,
    cosign,
    cosignature,
    find_cosignature,
    parse_witness_key,
    witness_key,
)
from lienthong.core.log.submissions import MOST_PROOF_LINES, NoSubmission, Submission, read_size

# Of the page of C2SP tlog-cosignature: a line, the name in it, and the time that its signed message is said to have.
PUBLISHED = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+"
    "mbIUBkBIfZ+qnA=="
)
PUBLISHED_TIME = 1679315147
AT = BEGAN + dt.timedelta(seconds=30)


def test_cosignature_is_what_the_specification_asks_for_byte_by_byte() -> None:
    """Made of the specification alone, with nothing of Lienthong but the note and the line that are judged."""
    public = WITNESS_KEY.public_key().public_bytes_raw()
    body = note(6).split("\n\n")[0] + "\n"
    line = cosign(note(6), WITNESS_KEY, name=WITNESS_NAME, at=AT)

    dash, name, said = line.split(" ")
    raw = b64decode(said)
    seconds = int.from_bytes(raw[4:12], "big")
    Ed25519PublicKey.from_public_bytes(public).verify(
        raw[12:], b"cosignature/v1\ntime " + str(seconds).encode() + b"\n" + body.encode()
    )

    assert (dash, name, len(raw), seconds) == ("—", WITNESS_NAME, 76, int(AT.timestamp()))
    assert raw[:4] == sha256(WITNESS_NAME.encode() + b"\n\x04" + public).digest()[:4]
    assert str(WITNESS) == f"{WITNESS_NAME}+{raw[:4].hex()}+{b64encode(bytes([4]) + public).decode()}"


def test_published_example_has_the_same_layout() -> None:
    ours = b64decode(cosign(note(6), WITNESS_KEY, name=WITNESS_NAME, at=AT).split(" ")[2])
    published = b64decode(PUBLISHED.split(" ")[2])

    assert len(published) == len(ours)
    assert int.from_bytes(published[4:12], "big") == PUBLISHED_TIME


def test_cosigned_note_is_still_the_log_s_and_names_its_witness() -> None:
    by, wrong = check_cosignatures(cosigned(6), WITNESS, where="head")

    assert read(cosigned(6), VERIFIER) == read(note(6), VERIFIER)
    assert by
    assert (by.witness, by.at) == (WITNESS_NAME, AT)
    assert wrong == []


def test_newest_of_several_cosignatures_is_told() -> None:
    later = cosign(note(6), WITNESS_KEY, name=WITNESS_NAME, at=AT + dt.timedelta(days=1))

    by, wrong = check_cosignatures(f"{cosigned(6)}{later}\n", WITNESS, where="head")

    assert by
    assert by.at == AT + dt.timedelta(days=1)
    assert wrong == []


def test_cosignature_of_another_checkpoint_is_a_finding() -> None:
    moved = note(7) + cosigned(6).removeprefix(note(6))

    by, wrong = check_cosignatures(moved, WITNESS, where="head")

    assert by is None
    assert [one.code for one in wrong] == ["cosignature-wrong"]


def test_signature_of_others_is_passed_over() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    line = cosign(note(6), other, name="other.example", at=AT)

    by, wrong = check_cosignatures(f"{cosigned(6)}{line}\n", WITNESS, where="head")

    assert by
    assert wrong == []


def test_plain_signature_of_the_witness_is_no_cosignature() -> None:
    body = note(6).split("\n\n")[0] + "\n"
    seconds = (0).to_bytes(8, "big")
    signed = WITNESS.id + seconds + WITNESS_KEY.sign(body.encode())

    assert cosignature(body, f"— {WITNESS_NAME} {b64encode(signed).decode()}", WITNESS) is None


def test_key_of_a_log_is_no_key_of_a_witness_and_the_other_way_round() -> None:
    assert parse_witness_key(f" {WITNESS}\n") == WITNESS
    with pytest.raises(NoCheckpoint, match="of a witness"):
        parse_witness_key(str(VERIFIER))
    with pytest.raises(NoCheckpoint, match="of a log"):
        verifier_key("x", KEY).parse(str(WITNESS))


@given(at=st.integers(0, 253_402_300_799), seed=st.binary(min_size=32, max_size=32), size=st.integers(1, 7))
def test_what_a_witness_signs_is_read_back(at: int, seed: bytes, size: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    when = dt.datetime.fromtimestamp(at, dt.UTC)

    line = cosign(note(size), key, name="w.example/1", at=when)

    found = find_cosignature(note(size), [line], witness_key("w.example/1", key))
    assert found
    assert (found.at, found.line) == (when, line)


@given(place=st.integers(0, 75), bit=st.integers(0, 7))
def test_cosignature_with_a_changed_bit_is_none(place: int, bit: int) -> None:
    dash, name, said = cosigned(6).split("\n")[-2].split(" ")
    raw = bytearray(b64decode(said))
    raw[place] ^= 1 << bit

    assert find_cosignature(note(6), [f"{dash} {name} {b64encode(raw).decode()}"], WITNESS) is None


@given(text=st.text(max_size=200))
def test_any_text_is_no_cosignature_and_raises_nothing(text: str) -> None:
    assert find_cosignature(note(6), [text, f"— {WITNESS_NAME} {text}"], WITNESS) is None
    assert check_cosignatures(text, WITNESS, where="head") == (None, [])


HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=MOST_PROOF_LINES)


@given(old=st.integers(0, 2**62), proof=HASHES, size=st.integers(1, 7))
def test_submission_is_read_back(old: int, proof: list[bytes], size: int) -> None:
    given_over = Submission(old, tuple(proof), note(size))

    assert Submission.parse(given_over.body()) == given_over


def test_submission_has_the_lines_of_the_specification() -> None:
    body = Submission(3, (bytes(32),), "origin\n4\nroot\n\n— origin AAAA\n").body()

    assert body.decode() == f"old 3\n{b64encode(bytes(32)).decode()}\n\norigin\n4\nroot\n\n— origin AAAA\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 3",
        b"old 03\n\nnote\n",
        b"old -1\n\nnote\n",
        b"old +1\n\nnote\n",
        "old ٣\n\nnote\n".encode(),
        b"new 3\n\nnote\n",
        b"3\n\nnote\n",
        b"old 3 \n\nnote\n",
        b"old 3\nAAAA\n\nnote\n",
        b"old 3\nnot base64 at all\n\nnote\n",
        b"old 3\n" + (b64encode(bytes(32)) + b"\n") * 64 + b"\nnote\n",
        b"\xff\xfe",
    ],
)
def test_other_body_is_no_submission(body: bytes) -> None:
    with pytest.raises(NoSubmission):
        Submission.parse(body)


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(NoSubmission):
        Submission.parse(raw)


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("12", 12), ("01", None), ("", None), ("1\n", None), ("9" * 20, None)]
)
def test_size_is_decimal_without_leading_zeroes(text: str, size: int | None) -> None:
    assert read_size(text) == size
