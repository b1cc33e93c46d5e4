"""Checkpoints are notes that their key has signed, and no other text is."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.core.log.checkpoints import Checkpoint, NoCheckpoint, VerifierKey, read, sign, verifier_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
AT = dt.datetime(2026, 11, 20, 5, 0, 0, 250_000, tzinfo=dt.UTC)
HEAD = Checkpoint("log.example/lienthong", 17, bytes(range(32)), AT)
NAME = HEAD.origin


def test_checkpoint_has_the_lines_of_the_form_and_reads_back() -> None:
    note = sign(HEAD, KEY)

    body, signatures = note.split("\n\n")
    assert body.split("\n") == [NAME, "17", b64encode(HEAD.root).decode(), "time 2026-11-20T05:00:00.250Z"]
    assert signatures.startswith(f"— {NAME} ")
    assert read(note, verifier_key(NAME, KEY)) == HEAD


def test_signatures_of_others_are_passed_over() -> None:
    witnessed = sign(HEAD, KEY) + "— witness.example/w1 AAAA\n"

    assert read(witnessed, verifier_key(NAME, KEY)) == HEAD


@pytest.mark.parametrize(
    "note",
    [
        sign(HEAD, KEY).replace("\n17\n", "\n18\n"),
        sign(HEAD, KEY).replace("05:00", "06:00"),
        sign(HEAD, OTHER),
        sign(HEAD, KEY).split("\n\n")[0],
        "",
        sign(HEAD, KEY).replace("— log", "- log"),
        sign(HEAD, KEY).replace("log.example", "log.elsewhere"),
    ],
    ids=["size", "time", "key", "no signature", "nothing", "dash", "origin"],
)
def test_changed_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(NoCheckpoint):
        read(note, verifier_key(NAME, KEY))


def test_key_is_written_in_one_line_and_reads_back() -> None:
    key = verifier_key(NAME, KEY)

    assert VerifierKey.parse(f"{key}\n") == key


@pytest.mark.parametrize(
    "text",
    ["", "a+b", str(verifier_key(NAME, KEY)).replace(NAME, "x"), f"{NAME}+00000000+AQ=="],
    ids=["nothing", "two parts", "another name", "no key"],
)
def test_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoCheckpoint):
        VerifierKey.parse(text)


def test_log_needs_a_name_without_spaces() -> None:
    with pytest.raises(ValueError, match="no space"):
        sign(Checkpoint("a b", 0, bytes(32), AT), KEY)
