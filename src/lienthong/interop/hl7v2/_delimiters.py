"""MSH-1 and MSH-2: the characters that part a message, and the escape sequences that let them stand in text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The delimiters of one message; an empty `escape`, `subcomponent` or `truncation` is one that it does not have."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def encoding_characters(self) -> str:
        """MSH-2."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation


STANDARD = Delimiters()


def read_delimiters(text: str) -> Delimiters | None:
    """Read MSH-1 and MSH-2 from the beginning of a message; None where they are not usable.

    Three encoding characters are component, repetition and subcomponent, as some analysers send that have no escape
    character, unless the third is a backslash.
    """
    field = text[3:4]
    characters = text[4:].split(field, 1)[0] if field else ""
    characters = re.split(r"[\r\n]", characters, maxsplit=1)[0]
    if not 1 <= len(characters) <= 5:
        return None
    every = field + characters
    if len(set(every)) != len(every) or any(one.isalnum() or one.isspace() or not one.isprintable() for one in every):
        return None
    if len(characters) == 3 and characters[2] != "\\":
        return Delimiters(field, characters[0], characters[1], "", characters[2])
    return Delimiters(field, characters[0], *(characters[place : place + 1] for place in range(1, 5)))


def escape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """Write `text` so that no character of it is taken for a delimiter; raise ValueError where there is no way to."""
    mark = delimiters.escape
    letters = _letters(delimiters)
    if not mark:
        if any(one in letters or one in "\r\n" for one in text):
            raise ValueError("the text holds a delimiter or a line end, but MSH-2 has no escape character")
        return text
    if not (any(one in text for one in letters) or "\n" in text or _CONTROL.search(text)):
        return text
    return "".join(f"{mark}{_sequence(one, letters)}{mark}" if _sequence(one, letters) else one for one in text)


def unescape(text: str, delimiters: Delimiters = STANDARD, *, codec: str = "utf-8") -> str:
    """Undo the escape sequences that HL7 defines (chapter 2.7); what it does not define stays as sent.

    `\\Cxxyy\\` and `\\Mxxyyzz\\` announce the character sets of ISO 2022; where the text is not written in those that
    Japanese systems use, it stays as sent. `\\Zdd\\` is the sender's own.
    """
    mark = delimiters.escape
    return unescaping(delimiters, codec)(text) if mark and mark in text else text


@lru_cache(maxsize=8)
def unescaping(delimiters: Delimiters, codec: str) -> Callable[[str], str]:
    """Return the function that undoes the escape sequences of a message which has an escape character."""
    characters = {letter: one for one, letter in _letters(delimiters).items()}
    quoted = re.escape(delimiters.escape)
    sequence = r"[FSTREPHN]|X(?:[0-9A-Fa-f]{2})+|\.[a-z]{2}[+-]?\d{0,3}"
    substitute = re.compile(f"{quoted}({sequence}){quoted}").sub
    switch = re.compile(f"{quoted}[CM]((?:[0-9A-Fa-f]{{2}}){{2,3}}){quoted}")
    switches = (f"{delimiters.escape}C", f"{delimiters.escape}M")

    def meaning(match: re.Match[str]) -> str:
        return characters.get(match[1]) or _meaning(match, codec)

    def undo(text: str) -> str:
        if switches[0] in text or switches[1] in text:
            text = _switched(text, switch)
        return substitute(meaning, text)

    return undo


def transcode(text: str, *, source: Delimiters, target: Delimiters, codec: str = "utf-8") -> str:
    """Write one repetition of a composite type with the delimiters of another message."""
    if source == target:
        return text
    return target.component.join(
        target.subcomponent.join(
            escape(unescape(part, source, codec=codec), target)
            for part in (component.split(source.subcomponent) if source.subcomponent else [component])
        )
        for component in text.split(source.component)
    )


def _switched(text: str, switch: re.Pattern[str]) -> str:
    """Read what stands between announcements of character sets as ISO 2022 (HL7 chapter 2.7.2)."""
    announced = switch.sub(lambda match: "\x1b" + bytes.fromhex(match[1]).decode("latin-1"), text)
    try:
        return announced.encode("ascii").decode("iso2022_jp_ext")
    except UnicodeError:
        return text


@lru_cache(maxsize=64)
def _letters(delimiters: Delimiters) -> dict[str, str]:
    pairs = (
        (delimiters.escape, "E"),
        (delimiters.field, "F"),
        (delimiters.component, "S"),
        (delimiters.subcomponent, "T"),
        (delimiters.repetition, "R"),
        (delimiters.truncation, "P"),
    )
    return {one: letter for one, letter in pairs if one}


def _sequence(one: str, letters: dict[str, str]) -> str:
    if one == "\n":
        return ".br"
    if _CONTROL.match(one):
        return f"X{ord(one):02X}"
    return letters.get(one, "")


def _meaning(match: re.Match[str], codec: str) -> str:
    sequence = match.group(1)
    if sequence in ("H", "N"):  # highlighting on and off
        return ""
    if sequence.startswith("X"):
        try:
            return bytes.fromhex(sequence[1:]).decode(codec)
        except UnicodeDecodeError:
            return match.group()
    return _layout(sequence[1:3], sequence[3:], match.group())


def _layout(command: str, count: str, as_sent: str) -> str:
    if command in ("br", "ce"):
        return "\n"
    if command == "sp":
        return "\n" * max(1, int(count or "1"))
    if command == "sk":
        return " " * max(1, int(count or "1"))
    return "" if command in ("in", "ti", "fi", "nf") else as_sent
