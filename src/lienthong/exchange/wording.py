"""Reasons, states and fits in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.exchange.terms.specimens import specimen_kind
from lienthong.findings import Finding
from lienthong.results.actions import ChangedBack
from lienthong.results.reads import fold_name

if TYPE_CHECKING:
    from lienthong.exchange.models import Source

REASONS: dict[str, str | Promise] = {
    "code-unknown": _("Unknown test code"),
    "unit": _("Unit that does not fit the analyte"),
    "quantity": _("Name or specimen that does not fit the analyte"),
    "identity-conflict": _("It is not certain who the patient is"),
    "patient-missing": _("No number of the patient"),
    "patient-number": _("Number of the patient that can't be one"),
    "report-number": _("No number of the report"),
    "no-results": _("No result in the message"),
    "other-facility": _("File of another facility"),
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
    ChangedBack.code: _("Changed back, or an old message sent again?"),
    "order-unknown": _("Specimen of an order that is not known"),
    "order-outdated": _("Specimen number of orders of other days only"),
    "order-cancelled": _("Specimen of an order that is cancelled"),
    "order-contested": _("Specimen of an order of which another message is held"),
    "order-several-patients": _("Specimen number of orders of several patients"),
    "order-contradicts": _("The order of the specimen is for a patient of another name, birth date or sex"),
    "order-request": _("Request of an analyser for orders"),
    "system-unknown": _("Code that does not say which measuring system"),
    "control-unknown": _("Control material that is not mapped"),
    "control-refused": _("Control value that quality control does not take"),
    "merge-number": _("No number of the patient whose record is merged"),
    "visit-moved": _("An account or visit comes from another patient"),
    "order-number": _("No number of the order"),
    "order-control": _("It is not told what shall happen with the order"),
    "order-of-another-patient": _("Number of another patient's order"),
    "no-orders": _("No order in the message"),
    "certificate": _("Not sent with the certificate that is demanded of the sender"),
    "message-type": _("Message of a kind that is not taken"),
    "acknowledgment": _("Acknowledgment, which is not answered"),
    "outside-message": _("Segments outside any message of the batch"),
    "empty-batch": _("Batch without messages"),
    "too-many": _("Too many messages at once"),
    "behind-held": _("Waits behind a held message of the same report"),
    "dicom-unavailable": _("DICOM, which this installation does not read"),
    "not-dicom": _("Bytes that are no DICOM object"),
    "set-aside": _("Set aside by a person"),
    "unforeseen": _("Fault of the platform"),
}
FINDINGS: dict[str, str | Promise] = {
    "other-facility": _("The file is of another facility than its sender; send it as the sender of that facility."),
    "xml": _("This is not well-formed XML; write it with a library for XML."),
    "doctype": _("A document type declaration is not read; leave it out."),
    "base64": _("This is not Base64."),
    "charset-declaration": _("It declares UTF-16 and is written as UTF-8; it was read as UTF-8."),
    "document-kind": _("Documents of this kind are not taken."),
    "service-unknown": _("The service has no row in XML3; the time of collection is not known."),
    "order-after-result": _("It was ordered after its result; the time of collection is taken as not known."),
    "order-ambiguous": _("Several rows of XML3 may be meant; the earliest time of order was taken."),
    "sex-code": _("This must be 1 (male), 2 (female) or 3."),
    "repeated": _("It tells the same stay a second time; the first was taken."),
    "file-count": _("The file names another number of stays than it holds."),
    "element-ignored": _("This data element is not read here."),
    "element-order": _("It stands before any item and was not read."),
    "replacement-chain": _("It names only the document that it replaces; give the number of the report or of the set."),
    "specimen-kind": _("The specimen is of another kind than that of the analyte."),
    "mass-and-activity": _("One is a mass, the other an activity."),
    "share-and-count": _("One is a share in %, the other a count."),
    "urea-and-nitrogen": _("One is urea, the other urea nitrogen: in mg/dL they are 2.14 apart."),
    "d-dimer-units": _("One counts D-dimer, the other fibrinogen equivalents."),
    "transferrin-and-capacity": _("One is transferrin, the other what iron it can bind or has bound."),
    "coagulation": _("One is a ratio (INR), the other a time or an activity."),
    "titre-and-concentration": _("One is a titre, the other a concentration."),
    "part-of-whole": _("One is a part, the other the whole."),
    "code-unknown": _("This code is not mapped for this sender."),
    "not-an-examination": _("The code of an imaging order is mapped to what is measured; map it to an examination."),
    "dicom-unavailable": _("The part of the platform that reads DICOM is not installed; install the extra “imaging”."),
    "document": _("A file beside the report can't be read; the message keeps it."),
    "unit": _("The unit can't become the unit of the analyte."),
    "overtaken": _("Later versions of some results are stored already; these changed nothing."),
    ChangedBack.code: _(
        "An earlier version of a result said the same and was replaced since. "
        "Ask the laboratory whether it holds again."
    ),
    "original-missing": _("It corrects or withdraws results that were never received."),
    "identity-uncertain": _("The national number is known, but the rest is not enough to say it is the same person."),
    "identity-conflict": _("The number belongs to another patient; find out whose it is, then replay."),
    "report-of-another-patient": _("The report of this number belongs to another patient."),
    "order-of-another-patient": _("The order of this number belongs to another patient."),
    "order-unknown": _("The order was never received."),
    "order-outdated": _("Orders of this specimen number are of other days: the number is used again."),
    "order-contested": _("Another message about the order of this specimen is held; deal with that first."),
    "order-several-patients": _("Orders of several patients name this specimen; cancel those that are wrong."),
    "order-contradicts": _(
        "The order of this specimen is for a patient of another name, birth date or sex; find out whose it is."
    ),
    "patient-of-order": _("The patient is that of the order of the specimen."),
    "order-status": _("An order can't become this after what it is; its status stays."),
    "order-observations": _("Observations beside an order are not read as results."),
    "prior-results": _("Earlier results that come with an order are not read."),
    "control-assumed": _("ORC is missing; it was taken as a new order."),
    "null-ignored": _("It asks to delete a value that is kept."),
    "visit-moved": _(
        "An account or visit comes from another patient. Results stay with the record they were sent for: let the "
        "laboratory withdraw those of the visit and send them for the right patient, then set this message aside."
    ),
    "account-only": _("An account or visit moves within one patient; nothing that is kept here changes."),
    "patient-incomplete": _("Name, birth date or sex is missing."),
    "in-the-future": _("This time lies after the receipt of the message."),
    "date": _("This is not a date or time."),
    "no-value": _("A placeholder stands where the value should be."),
    "number": _("This is not a number with a decimal point."),
    "out-of-range": _("This number is too large or too small to be kept; correct it, or its unit, at the sender."),
    "system-unknown": _("The laboratory has several measuring systems; the mapping of the code must name one."),
    "control-unknown": _("The lot and level of this control material are not known for this sender."),
    "control-not-number": _("This is not a number; the control counts as not measured."),
    "control-preliminary": _("This control value is not final; its final one is recorded."),
    "control-time": _("The time at which the control was measured is missing."),
    "time-assumed": _("It tells no time of measurement; that of the order is taken."),
    "control-withdrawn": _("It withdraws a control value; exclude the point on the page of its system."),
    "already-stored": _(
        "Another value of this control is stored; exclude it on the page of its system, if it is wrong."
    ),
    "unknown-lot": _("The measuring system has no target for this control lot on that day; enter its target first."),
    "expired-lot": _("This control lot had expired on the day."),
    "not-a-control": _("A calibrator or an item of proficiency testing, not a control."),
    "terminator-missing": _("The end of the message (L) is missing."),
    "record-order": _("A result stands before any order."),
    "count": _("The batch this message came in names another number of messages than it holds."),
    "trailer-missing": _("The batch this message came in has no end; messages behind this one may be lost."),
    "header-repeated": _("The batch this message came in begins a second time before its end."),
    "unknown-sender": _("The message names no registered sender; register it, then replay."),
    "message-type": _("Messages of this kind are not taken."),
    "acknowledgment": _(
        "An acknowledgment came on the line for messages; it is kept, and not answered. Let the sender's interface "
        "engine send nothing back for answers."
    ),
    "segment-missing": _("A segment that the message must have is missing."),
    "segment-order": _("A segment stands in the wrong place and was not read."),
    "segment-ignored": _("This segment was not read."),
    "segment-name": _("This line is not a segment."),
    "required": _("This field must be filled."),
    "charset-unknown": _("This character set is not known."),
    "charset": _("The text is in another character set than the message or its sender says; correct one of them."),
    "charset-mismatch": _(
        "The text is in another character set than the message or its sender says; correct one of them."
    ),
    "header-missing": _("The bytes do not begin with a readable header."),
    "unreadable": _("The bytes do not begin with a readable header."),
    "delimiters": _("The delimiters must be different from one another and neither letters nor digits."),
    "truncated": _("The message is cut off; send it whole again."),
    "too-large": _("The message is larger than the listener takes."),
    "too-many": _("It holds more messages than are taken at once; send fewer together."),
    "several-values": _("It holds several values; none was taken as the number."),
    "sex": _("This is not of HL7 table 0001 and was not read."),
    "status": _("This is not of HL7 table 0085."),
    "status-assumed": _("It is blank; the result was taken as final."),
    "order-request": _("The analyser asked for orders; none are kept here, and it was told so."),
    "patient-missing": _("The sender's number of the patient is missing."),
    "patient-number": _("The number is too long to be a patient's."),
    "report-number": _("The number of the report must stand here, 100 signs at most."),
    "order-number": _("The number of the order must stand here, 100 signs at most."),
    "merge-number": _("It names no other number of the sender; nothing is merged by it."),
    "no-orders": _("The message holds no order; look at it, then set it aside."),
    "no-results": _("The message holds no result; look at its order, then set it aside."),
    "order-cancelled": _("It cancels the order; its results are withdrawn."),
    "original-joined": _("Corrections of some results came first and stand; these are the originals."),
}
SPECIMENS: dict[str, str | Promise] = {
    "serum": _("serum"),
    "plasma": _("plasma"),
    "blood": _("whole blood"),
    "urine": _("urine"),
    "csf": _("cerebrospinal fluid"),
    "stool": _("stool"),
    "fluid": _("body fluid"),
}
STATES: dict[str, str | Promise] = {
    "received": _("waits for the worker"),
    "stored": _("stored"),
    "duplicate": _("changed nothing"),
    "control": _("quality control"),
    "held": _("held"),
    "rejected": _("refused, the sender was told"),
    "training": _("training, not stored"),
    "set-aside": _("set aside"),
    "acknowledgment": _("an acknowledgment, not answered"),
}
# What is said for the reason, where the state would say too little.
TOLD_BY_REASON = frozenset({"set-aside", "acknowledgment"})
FITS: dict[str, str | Promise] = {
    "yes": _("fits"),
    "partly": _("fits in part"),
    "no": _("does not fit"),
    "unknown": _("not told"),
}


def specimen_words(sent: str) -> str:
    """Return the kind of a specimen in the active language with the sender's own word, which may say more,
    as in “huyết thanh (Serum)”; what is not known, or says the same, as it was sent.
    """
    kind = specimen_kind(sent)
    words = str(SPECIMENS[kind]) if kind else sent
    return sent if fold_name(words) == fold_name(sent) else f"{words} ({sent})"


def reason_words(reason: str) -> str:
    """Return a reason in the active language, its code where there are no words."""
    return str(REASONS.get(reason, reason))


def state_words(state: str, reason: str = "") -> str:
    """Return what became of a message in the active language."""
    return str(STATES.get(reason if reason in TOLD_BY_REASON else state, state))


def finding_words(finding: Finding) -> str:
    """Return a finding in the active language where its kind has words, else as it was written."""
    return str(FINDINGS.get(finding.code, finding.message))


def sender_words(code: str, label: str, sources: Mapping[str, Source]) -> str:
    """Return what a sender is called: its facility and code, else what it calls itself."""
    if code in sources:
        return sources[code].title
    return label or str(_("Unknown sender"))
