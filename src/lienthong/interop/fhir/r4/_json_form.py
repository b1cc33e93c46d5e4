"""Resources in JSON: bytes to a tree and back without loss (FHIR R4, JSON).

The tree is of dict, list, str, bool, int and Decimal, members in the order in which they came; numbers keep their
digits. It is read by msgspec and written back: where that gives the very bytes that came (but for white space), nothing
can have been lost, and nothing came twice. Otherwise (escapes, exponents, faults) the slower reader of the standard
library looks closely.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from lienthong.interop.fhir._issues import Issue, IssueCode, Unreadable
from lienthong.interop.fhir._json import ENCODER, Element
from lienthong.interop.fhir._numbers import MOST_CHARACTERS, number

DEEPEST = 100
_CONTAINERS = frozenset((dict, list))
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * (MOST_CHARACTERS + 1)
_QUICK = msgspec.json.Decoder(float_hook=number)


def parse_json(data: bytes) -> Element:
    """Read a resource. Raises Unreadable, with line and column or the place of the element.

    Refused are: bytes that are not UTF-8, text that is not JSON, a member given twice, NaN and Infinity, numbers of
    more than 64 characters or an exponent beyond ±308, unpaired surrogates, more than 100 levels, and a root that is no
    object.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    tree = _quickly(data)
    if tree is None:
        tree = _carefully(data)
    if not isinstance(tree, dict):
        raise Unreadable(_fault("", "structure", "the document must be a JSON object"))
    if _depth(tree) > DEEPEST:
        raise Unreadable(_too_deep())
    return tree


def write_json(resource: Element) -> bytes:
    """Write a resource as UTF-8 on one line, members in the order of the tree, numbers with their digits."""
    return ENCODER.encode(resource)


def _quickly(data: bytes) -> object:
    """Return the tree if writing it gives the same bytes, else None."""
    if _LONG_NUMBER in data.translate(_DIGITS_AS_ZEROS):
        return None
    try:
        tree: object = _QUICK.decode(data)
        same = ENCODER.encode(tree) == msgspec.json.format(data, indent=-1)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return tree if same else None


class _Fault:
    """Stands in the tree for what can't be read, until its place is known."""

    def __init__(self, code: IssueCode, message: str) -> None:
        self.code: IssueCode = code
        self.message = message


def _carefully(data: bytes) -> object:
    try:
        tree: object = _CAREFUL.decode(data.decode())
    except UnicodeDecodeError as error:
        raise Unreadable(_fault("", "structure", f"byte {error.start} is not UTF-8")) from None
    except json.JSONDecodeError as error:
        text = f"the text is not JSON at line {error.lineno}, column {error.colno}"
        raise Unreadable(_fault("", "structure", text)) from None
    except RecursionError:
        raise Unreadable(_too_deep()) from None
    try:
        ENCODER.encode(tree)
    except (UnicodeEncodeError, TypeError, NotImplementedError, RecursionError):
        raise Unreadable(*_faults(tree)) from None
    return tree


def _object(pairs: list[tuple[str, object]]) -> object:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return _Fault("duplicate", f"the member {shown(twice)} is given twice")


def _number(text: str) -> int | Decimal | _Fault:
    try:
        return number(text)
    except ValueError as error:
        return _Fault("value", f"{error}")


def _constant(_: str) -> _Fault:
    return _Fault("value", "NaN and Infinity are not numbers of JSON")


_CAREFUL = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_constant)


def _faults(tree: object) -> Iterator[Issue]:
    """Yield what stands in the tree as a fault, with its place."""
    root = tree.get("resourceType") if isinstance(tree, dict) else ""
    waiting: list[tuple[str, object]] = [(root if isinstance(root, str) and root.isalpha() else "", tree)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, _Fault):
            yield _fault(place, value.code, value.message)
        elif isinstance(value, str) and not _is_text(value):
            yield _fault(place, "value", "the text has half of a surrogate pair")
        elif isinstance(value, dict):
            waiting += [(f"{place}.{shown(name)}", one) for name, one in reversed(value.items())]
            if not all(_is_text(name) for name in value):
                yield _fault(place, "structure", "the name of a member has half of a surrogate pair")
        elif isinstance(value, list):
            waiting += [(f"{place}[{index}]", one) for index, one in reversed(list(enumerate(value)))]


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(name: str) -> str:
    """Return the name of a member as it may stand in a message: others than FHIR's kind could hold anything."""
    return name if name.isascii() and len(name) <= 64 and name.replace("_", "").isalnum() else "?"


def _depth(tree: object) -> int:
    """Return the number of levels, without recursion."""
    depth = 0
    level = [tree]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)  # type: ignore[attr-defined]
            if type(child) in _CONTAINERS
        ]
    return depth


def _too_deep() -> Issue:
    return _fault("", "too-long", f"the document has more than {DEEPEST} levels")


def _fault(place: str, code: IssueCode, message: str) -> Issue:
    return Issue("fatal", code, place.removeprefix("."), message, "unreadable")
