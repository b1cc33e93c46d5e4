"""What no two workers may write at once of patients: a sender's record, and a national number."""

from __future__ import annotations


def patient_lock_name(source: str, system: str, number: str) -> str:
    """Name a sender's record by its local number."""
    return f"patient\x1f{source}\x1f{system}\x1f{number}"


def number_lock_name(key: str) -> str:
    """Name a national number, as it is compared."""
    return f"number\x1f{key}"
