"""How FHIR calls the states of results, reports and orders, and the sexes of patients."""

from __future__ import annotations

STATUS = {
    "preliminary": "preliminary",
    "final": "final",
    "corrected": "corrected",
    "withdrawn": "entered-in-error",
}
ORDER_STATUS = {
    "requested": "active",
    "accepted": "active",
    "reported": "active",
    "on-hold": "on-hold",
    "completed": "completed",
    "cancelled": "revoked",
    "replaced": "revoked",
}
PRIORITY = {"R": "routine", "A": "asap", "S": "stat"}
GENDER = {"F": "female", "M": "male"}
