"""Of whom a search in a body asks goes into the addresses of its pages closed, so that they tell no number.

Addresses stand in the logs of proxies and in histories; who asks by POST (R4, Search, using POST) keeps numbers and
names of patients out of them, and the links of the answer must not bring them back. `_page` holds those parameters,
encrypted for the system that asked and the type that it asked for; nothing is kept here for it. What names nobody stays
readable, as the link `self` shall say what was asked for (R4, Search, self link).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from zlib import compress, decompress

from lienthong.core import secrets
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.query import Pairs

PAGE = "_page"
_OF_NOBODY = frozenset(
    (
        *("_count", "_include", "_lastUpdated", "_revinclude", "_sort", "_summary", "_tag", "_total"),
        *("category", "code", "date", "status"),
    )
)


@dataclass(frozen=True, slots=True)
class Told:
    """The parameters of a search of a type: those of its address, and those that are told in no address.

    `client_id` is that of the system that asks.
    """

    kind: str
    client_id: str
    openly: Pairs
    closed: Pairs = ()

    @classmethod
    def of(cls, kind: str, client_id: str, *, address: Pairs = (), body: Pairs = ()) -> Told:
        """Return what is asked for in an address and in a body, and what `_page` holds; raise Invalid."""
        openly = [pair for pair in address if pair[0] != PAGE] + [pair for pair in body if _names_nobody(pair[0])]
        closed = [pair for pair in body if pair[0] != PAGE and not _names_nobody(pair[0])]
        pages = [text for name, text in (*address, *body) if name == PAGE]
        if len(pages) > 1:
            raise Invalid.because("value", f"{PAGE} must be there once, as in the link that was given")
        earlier = [pair for text in pages for pair in _opened(text, _purpose(kind, client_id))]
        return cls(kind, client_id, openly, [*closed, *earlier])

    @property
    def pairs(self) -> Pairs:
        return [*self.openly, *self.closed]

    def written(self, pairs: Pairs) -> Pairs:
        """Return parameters as an address has them: those that are told in none stand in `_page`."""
        hidden = [pair for pair in pairs if pair in self.closed]
        if not hidden:
            return pairs
        shown = [pair for pair in pairs if pair not in self.closed]
        return [*shown, (PAGE, _closed(hidden, _purpose(self.kind, self.client_id)))]


def _names_nobody(name: str) -> bool:
    """Whether a parameter says what is looked for, and in what form, but of nobody; chains ask of others."""
    return "." not in name and name.partition(":")[0] in _OF_NOBODY


def _closed(pairs: Pairs, purpose: str) -> str:
    packed = compress(json.dumps([list(pair) for pair in pairs]).encode(), 9)
    return secrets.closed(urlsafe_b64encode(packed).decode(), purpose=purpose)


def _opened(text: str, purpose: str) -> list[tuple[str, str]]:
    try:
        packed = urlsafe_b64decode(secrets.opened(text, purpose=purpose))
        return [(str(name), str(value)) for name, value in json.loads(decompress(packed))]
    except ValueError:
        told = f"{PAGE} must be that of a link that this system was given for this type of resource"
        raise Invalid.because("value", told) from None


def _purpose(kind: str, client_id: str) -> str:
    return f"page\x1f{kind}\x1f{client_id}"
