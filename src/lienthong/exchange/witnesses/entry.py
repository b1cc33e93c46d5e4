"""What is said of a witness when it is added, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from lienthong.core.log.checkpoints import NoCheckpoint
from lienthong.core.log.cosignatures import parse_witness_key
from lienthong.core.outgoing import OutgoingRules
from lienthong.findings import Finding

LONGEST_NAME, LONGEST_URL, LONGEST_KEY = 200, 500, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessEntry:
    """A witness: `url` stands before /add-checkpoint, `key` is name+id+base64 as the witness prints it."""

    name: str
    url: str
    key: str


def faults(entry: WitnessEntry, rules: OutgoingRules) -> list[Finding]:
    """Return what is wrong with an entry, by its fields."""
    found = []
    if not entry.name.strip() or len(entry.name) > LONGEST_NAME:
        found.append(Finding("name", "name", _("Give a name of at most 200 signs.")))
    if not _is_address(entry.url, rules):
        told = _("Give an address that begins with https:// and has no user, query or fragment.")
        found.append(Finding("url", "url", told))
    if not _is_key(entry.key):
        told = _("Give the key as the witness prints it: name+id+base64. The key of a log is none.")
        found.append(Finding("key", "key", told))
    return found


def _is_address(url: str, rules: OutgoingRules) -> bool:
    schemes = ("https", "http") if rules.is_plain_allowed else ("https",)
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    has_more = parts.username is not None or "?" in url or "#" in url
    return parts.scheme in schemes and bool(parts.hostname) and is_port and not has_more


def _is_key(text: str) -> bool:
    try:
        parse_witness_key(text)
    except NoCheckpoint:
        return False
    return len(text) <= LONGEST_KEY
