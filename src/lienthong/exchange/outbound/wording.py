"""The words for how outlets and dispatches stand, for what went wrong, and for what was done to an outlet."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# In the order in which a person acts: what needs someone first.
OUTLET_STATES = {
    "failing": ("bad", "out", gettext_lazy("not reached")),
    "paused": ("warn", "held", gettext_lazy("paused")),
    "active": ("good", "in", gettext_lazy("sending")),
    "off": ("plain", "none", gettext_lazy("ended")),
}
DISPATCH_STATES = {
    "waiting": ("info", "wait", gettext_lazy("waiting")),
    "delivered": ("good", "in", gettext_lazy("delivered")),
    "dead": ("bad", "out", gettext_lazy("not delivered")),
    "superseded": ("plain", "none", gettext_lazy("replaced by a newer version")),
    "withheld": ("warn", "held", gettext_lazy("no longer to be read by the receiver")),
    "closed": ("plain", "none", gettext_lazy("closed by a person")),
}
REPORTS = {
    "orders": gettext_lazy("Reports that answer its orders"),
    "reach": gettext_lazy("All reports of other facilities that it may read"),
    "all": gettext_lazy("All reports that it may read, its own as well"),
}
MODES = {
    "original": gettext_lazy("Original mode: AA, AE, AR"),
    "enhanced": gettext_lazy("Enhanced mode: CA, CE, CR"),
}
WITHDRAWN = {
    "W": gettext_lazy("W: the original is wrong"),
    "D": gettext_lazy("D: delete the result"),
}
FILES = {
    "none": gettext_lazy("Not at all"),
    "links": gettext_lazy("As links (RP)"),
    "embedded": gettext_lazy("In the message (ED), and as links what is too large"),
}
# What a fault means and what to do.
FAULTS = {
    "connect-refused": gettext_lazy("Nobody listens at this address; ask the receiver's engineer."),
    "connect-timeout": gettext_lazy("The address does not answer; a firewall may stand between."),
    "certificate": gettext_lazy("The receiver's certificate is not of the authority that is set, or has another name."),
    "tls": gettext_lazy("TLS did not come about; does the receiver speak TLS at this port?"),
    "bad-certificate": gettext_lazy("Our own certificate can't be read; look at the settings of the sender."),
    "no-answer": gettext_lazy("The receiver took the message and did not answer in time; it is sent again."),
    "hung-up": gettext_lazy("The receiver hung up before it answered; it is sent again."),
    "broken-off": gettext_lazy("The connection broke off; it is sent again."),
    "garbage": gettext_lazy("What came back is no acknowledgment of HL7."),
    "wrong-control-id": gettext_lazy("The receiver answered another message: MSA-2 must be the control id (MSH-10)."),
    "unknown-answer": gettext_lazy("MSA-1 is none of AA, AE, AR, CA, CE, CR."),
    "AE": gettext_lazy("The receiver could not process the message; its own log says why."),
    "AR": gettext_lazy("The receiver rejects the message; its own log says why."),
    "CR": gettext_lazy("The receiver rejects the message; its own log says why."),
    "CE": gettext_lazy("The receiver could not keep the message; it is sent again."),
    "charset": gettext_lazy("A letter of the report is not in the receiver's character set; choose UTF-8."),
    "not-readable": gettext_lazy("The facility may not read this any more."),
    # Of subscribers by FHIR.
    "not-callable": gettext_lazy(
        "This address is not public, or its name is unknown; look at the networks that are allowed."
    ),
    "headers": gettext_lazy(
        "The headers were kept under another secret key; the system must write its Subscription again."
    ),
    "scope": gettext_lazy("The system is suspended, or may not read results any more."),
    "not-wanted": gettext_lazy("The facility may not read this any more, or the system wants it no more."),
    "no-xml": gettext_lazy("The resource has parts that have no form in XML; let the system ask for JSON."),
    "unforeseen": gettext_lazy("A fault of this platform; tell its operator the code and the time."),
}
# Of a subscriber's answer, by its HTTP status (RFC 9110, section 15), else by the class of that.
HTTP = "http-"
NOT_LET_IN = gettext_lazy(
    "The subscriber does not let us in; its system must write the Subscription with valid headers."
)
NOT_THERE = gettext_lazy("There is nothing at this address; its system must correct the endpoint of the Subscription.")
STATUSES = {
    **dict.fromkeys(("401", "403"), NOT_LET_IN),
    **dict.fromkeys(("404", "410"), NOT_THERE),
    "3": gettext_lazy("The subscriber points to another address, which is not followed; correct the endpoint."),
    "4": gettext_lazy("The subscriber rejects what it is told; its own log says why."),
    "5": gettext_lazy("The subscriber's program has a fault; its own log says which."),
}


def fault_words(code: str) -> str:
    """Say in the reader's language what a fault means and what to do; empty for one that tells itself."""
    if code.startswith(HTTP):
        status = code.removeprefix(HTTP)
        return str(STATUSES.get(status) or STATUSES.get(status[:1]) or "")
    return str(FAULTS.get(code, ""))


def action_words(action: str) -> str:
    words = {
        "register-outlet": _("registered"),
        "change-outlet": _("changed"),
        "pause-outlet": _("paused"),
        "resume-outlet": _("resumed"),
        "end-outlet": _("ended"),
        "resend-dispatch": _("dead letter sent again"),
        "resend-dead-letters": _("all dead letters sent again"),
        "close-dispatch": _("dead letter closed"),
    }
    return words.get(action, action)


def detail_words(name: str) -> str:
    words = {
        "why": _("Reason"),
        "error": _("Fault"),
        "channel": _("Channel"),
        "client": _("System"),
        "settings": _("Settings"),
        "closed": _("Closed dispatches"),
        "dispatches": _("Dead letters"),
        "dispatch": _("Control id"),
        "kind": _("Kind"),
        "subject": _("Key"),
        "version": _("Version"),
    }
    return words.get(name, name)


def reason_words(why: str) -> str:
    """Say why the platform itself stopped; a person's reason stands as it was written."""
    words = {
        "not-reached": _("The receiver was not reached for too long."),
        "refuses-everything": _("The receiver refused everything."),
        "period": _("Its period is over."),
    }
    return words.get(why, why)
