"""What is said about a patient's numbers in a message: its place and what to do, never the value."""

from __future__ import annotations

from lienthong.findings import Finding
from lienthong.results.identity import INSURANCE, PersonNumber

_DOUBTS = {
    "form": "has a form that is not known for such numbers",
    "check": "has a wrong check character or date",
    "birth-date": "says another birth date than PID-7",
    "sex": "says another sex than PID-8",
}


def doubtful(number: PersonNumber, why: str) -> Finding:
    kind = "insurance card number" if number.system == INSURANCE else "national number"
    return Finding(
        "PID-3",
        "number-doubtful",
        f"The {kind} in PID-3 {_DOUBTS[why]}; it is kept, but links the record to nobody until it is corrected.",
    )


def other_under_local_number() -> Finding:
    return Finding(
        "PID-3",
        "identity-conflict",
        "PID-3 is the number of a patient of this sender from whom birth date, sex or name in PID differ; compare them "
        "under Patients to compare, or correct the number at the sender.",
    )


def other_under_national_number() -> Finding:
    return Finding(
        "PID-3",
        "identity-conflict",
        "The national number in PID-3 is already that of a patient with another birth date or sex; say under Patients "
        "to compare whose number it is, and the message goes on by itself.",
    )


def several_persons() -> Finding:
    return Finding(
        "PID-3",
        "identity-conflict",
        "The national numbers in PID-3 lead to records that are taken to be several persons; a person must compare "
        "them before this message is stored.",
    )


def uncertain() -> Finding:
    return Finding(
        "PID-3",
        "identity-uncertain",
        "The national number in PID-3 is known, but birth date, sex and name are not enough to say that it is the same "
        "person; the records are kept apart.",
    )
