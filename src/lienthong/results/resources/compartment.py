"""Which kinds of resources tell of a patient."""

from __future__ import annotations

# Whoever may read one of these kinds may read all of the kind.
WITHOUT_PATIENTS = frozenset(("Organization", "Location", "Practitioner", "PractitionerRole", "Device"))
