"""Sentences that are said to one reader and can be said again to another, in the other's language.

A file is checked by a worker, long before anyone reads what is wrong with it, and by then nobody knows who will read.
Import `retold as _` where such sentences are written: `_("…") % {…}` then keeps what it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

Filling = Mapping[str, object]


class Kept(TypedDict):
    """How a sentence is kept as JSON: its message id, and what fills it; a text that has an id of its own as `[id]`."""

    msgid: str
    filling: dict[str, str | int | list[str]]


class Retold(str):
    """A sentence in the language that was active when it was made, with its message id and what fills it."""

    msgid: str
    filling: Filling

    def __new__(cls, msgid: str, filling: Filling | None = None) -> Retold:
        said = gettext(msgid)
        sentence = super().__new__(cls, said if filling is None else said % filling)
        sentence.msgid, sentence.filling = msgid, filling or {}
        return sentence

    def __mod__(self, filling: object) -> Retold:
        if not isinstance(filling, Mapping):
            raise TypeError("a sentence that is retold is filled by names, %(name)s")
        return Retold(self.msgid, filling)


def retold(msgid: str) -> Retold:
    """Say a message id in the active language, as gettext does, so that it can be kept and said again."""
    return Retold(msgid)


def kept(sentence: str) -> Kept | None:
    """Return what a sentence was made of; None for one that was only ever said in one way."""
    if not isinstance(sentence, Retold):
        return None
    return Kept(msgid=sentence.msgid, filling={name: _kept(value) for name, value in sentence.filling.items()})


def said(one: Kept) -> str:
    """Say what was kept in the active language."""
    msgid, filling = one["msgid"], one["filling"]
    if not filling:
        return gettext(msgid)
    return gettext(msgid) % {name: gettext(*text) if isinstance(text, list) else text for name, text in filling.items()}


def _kept(value: object) -> str | int | list[str]:
    if isinstance(value, Promise):
        with translation.override(None):
            return [str(value)]
    return value if isinstance(value, int) else str(value)
