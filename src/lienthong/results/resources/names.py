"""The names of FHIR resources: made of kind, sender and the sender's own id, so that two senders may use one id."""

from __future__ import annotations

from uuid import UUID, uuid5

_NAMESPACE = UUID("6b0f4c52-0c6e-5d8a-9f2e-3a1d7c94e0b5")


def name_of(kind: str, *, source: str, own_id: str) -> UUID:
    """Return the name of a resource that a sender calls by `own_id`.

    Where the sender left the id to the server, the server gave it one, which is then the sender's own.
    """
    return uuid5(_NAMESPACE, "\x1f".join((kind, source, own_id)))


def is_name(text: str) -> bool:
    """Whether an id is a name in its form, which no sender's id is but by chance."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
