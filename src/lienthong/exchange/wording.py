"""Reasons, states and fits in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.findings import Finding

REASONS: dict[str, str | Promise] = {
    "code-unknown": _("Unknown test code"),
    "unit": _("Unit that does not fit the analyte"),
    "identity-conflict": _("It is not certain who the patient is"),
    "patient-missing": _("No number of the patient"),
    "patient-number": _("Number of the patient that can't be one"),
    "report-number": _("No number of the report"),
    "no-results": _("No result in the message"),
    "structure": _("Segments missing, cut off or in the wrong order"),
    "truncated": _("Cut off: no end of message"),
    "too-large": _("Larger than the listener takes"),
    "unreadable": _("Bytes that are no HL7 message"),
    "charset": _("Text is not in the character set that it names"),
    "charset-unknown": _("Character set that is not known"),
    "charset-mismatch": _("Text is not in the character set that it names"),
    "header-missing": _("Bytes that are no HL7 message"),
    "delimiters": _("Delimiters in MSH-2 that can't be used"),
    "unknown-sender": _("Unknown sender"),
    "certificate": _("Not sent with the certificate that is demanded of the sender"),
    "message-type": _("Message of a kind that is not taken"),
    "outside-message": _("Segments outside any message of the batch"),
    "empty-batch": _("Batch without messages"),
    "behind-held": _("Waits behind a held message of the same report"),
    "set-aside": _("Set aside by a person"),
    "unforeseen": _("Fault of the platform"),
}
FINDINGS: dict[str, str | Promise] = {
    "code-unknown": _("This code is not mapped for this sender."),
    "unit": _("The unit can't become the unit of the analyte."),
    "overtaken": _("Later versions of some results are stored already; these changed nothing."),
    "original-missing": _("It corrects or withdraws results that were never received."),
    "identity-uncertain": _("The national number is known, but the rest is not enough to say it is the same person."),
    "identity-conflict": _("The number belongs to another patient; find out whose it is, then replay."),
    "report-of-another-patient": _("The report of this number belongs to another patient."),
    "patient-incomplete": _("Name, birth date or sex is missing."),
    "in-the-future": _("This time lies after the receipt of the message."),
    "date": _("This is not a date or time."),
    "no-value": _("A placeholder stands where the value should be."),
    "number": _("This is not a number with a decimal point."),
}
FITS: dict[str, str | Promise] = {
    "yes": _("fits"),
    "partly": _("fits in part"),
    "no": _("does not fit"),
    "unknown": _("not told"),
}


def reason_words(reason: str) -> str:
    """Return a reason in the active language, its code where there are no words."""
    return str(REASONS.get(reason, reason))


def finding_words(finding: Finding) -> str:
    """Return a finding in the active language where its kind has words, else as it was written."""
    return str(FINDINGS.get(finding.code, finding.message))
