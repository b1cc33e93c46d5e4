"""Which kinds of resources tell of a patient."""

from __future__ import annotations

from uuid import UUID

# Whoever may read one of these kinds may read all of the kind, but for what names a patient nevertheless.
WITHOUT_PATIENTS = frozenset(("Organization", "Location", "Practitioner", "PractitionerRole", "Device"))
# The parameters that tell whose a resource is.
OF_PATIENT = frozenset(("patient", "subject"))
# The mark (a present token) of a resource of these kinds that refers to a patient, or holds one.
OF_SOMEBODY = "_of-somebody"
# What is read by whoever may read a report that names it: its images and files, their studies and archives.
BESIDE_REPORTS = frozenset(("Media", "ImagingStudy", "Binary", "Endpoint"))
# Among the texts of a DiagnosticReport: the names of what stands beside its results. No search has this parameter.
BESIDE = "~beside"


def stands_beside(name: UUID) -> tuple[str, str, str]:
    """Return the text by which a report tells that a resource stands beside its results."""
    return BESIDE, str(name), ""
