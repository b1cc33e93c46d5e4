"""The names of FHIR resources: made of kind, sender and the sender's own id, so that two senders may use one id."""

from __future__ import annotations

from uuid import UUID, uuid5

_NAMESPACE = UUID("6b0f4c52-0c6e-5d8a-9f2e-3a1d7c94e0b5")
_SEPARATOR = "\x1f"


def resource_name(kind: str, *, source: str, own_id: str) -> UUID:
    """Return the name of a resource that a sender calls by `own_id`."""
    return uuid5(_NAMESPACE, _SEPARATOR.join((kind, source, own_id)))


def created_name(inbox_id: int, place: int) -> UUID:
    """Return the name of a resource that its sender leaves to us: that of its place in a message, each time the same."""
    return uuid5(_NAMESPACE, f"{inbox_id}{_SEPARATOR}{place}")
