"""Which elements of a resource name another."""

from __future__ import annotations


def is_reference(key: str, text: str) -> bool:
    """Whether an element names a resource: `reference`, or the `url` of an Attachment whose bytes are a Binary here."""
    return key == "reference" or (key == "url" and text.startswith("Binary/"))


def references(value: object) -> list[str]:
    """Return every literal reference in a resource, and every address of a file that is kept here (`Binary/id`)."""
    found: list[str] = []
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            for key, inner in one.items():
                if not isinstance(inner, str):
                    left.append(inner)
                elif is_reference(key, inner):
                    found.append(inner)
        elif isinstance(one, list):
            left += one
    return found
