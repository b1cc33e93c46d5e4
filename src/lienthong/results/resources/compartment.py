"""Which kinds of resources tell of a patient."""

from __future__ import annotations

# Whoever may read one of these kinds may read all of the kind, but for what names a patient nevertheless.
WITHOUT_PATIENTS = frozenset(("Organization", "Location", "Practitioner", "PractitionerRole", "Device"))
# The mark (a present token) of a resource of these kinds that refers to a patient, or holds one.
OF_SOMEBODY = "_of-somebody"
