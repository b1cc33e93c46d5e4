"""The words for scopes, and for what was done to a system."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.access import CDS_HOOKS, DELIVERY_READ, DELIVERY_WRITE, OVERSIGHT_EXPORT

# The scopes that a form offers; any other that is known can be written beside them.
SCOPES = {
    "system/*.rs": gettext_lazy("Read and search all resources of FHIR"),
    "system/Patient.rs": gettext_lazy("Read and search patients"),
    "system/Observation.rs": gettext_lazy("Read and search single results"),
    "system/DiagnosticReport.rs": gettext_lazy("Read and search reports"),
    "system/ServiceRequest.rs": gettext_lazy("Read and search orders"),
    "system/*.cu": gettext_lazy("Deliver and correct resources of FHIR"),
    "system/Subscription.cruds": gettext_lazy("Be told of new results (subscriptions of FHIR)"),
    DELIVERY_WRITE: gettext_lazy("Deliver reports as plain JSON"),
    DELIVERY_READ: gettext_lazy("Ask what became of a delivery"),
    CDS_HOOKS: gettext_lazy("Ask for earlier results when an order is written (CDS Hooks)"),
    OVERSIGHT_EXPORT: gettext_lazy("Export the region's results without names of patients (quality control centre)"),
}


def scope_words(scope: str) -> str:
    """Say what a scope opens: in the words of the form, else its type and rights; empty for one of neither kind."""
    if scope in SCOPES:
        return str(SCOPES[scope])
    kind, _dot, letters = scope.removeprefix("system/").partition(".")
    if not scope.startswith("system/") or not letters:
        return ""
    rights = {
        "c": _("creating"),
        "r": _("reading"),
        "u": _("changing"),
        "d": _("deleting"),
        "s": _("searching"),
    }
    told = _(", ").join(rights[one] for one in letters if one in rights)
    if kind == "*":
        return _("All types of FHIR: %(rights)s") % {"rights": told}
    return _("%(type)s of FHIR: %(rights)s") % {"type": kind, "rights": told}


def scope_fault_words(code: str) -> str:
    """Say what is wrong with a scope in the reader's language; systems are told it in that of the protocol."""
    words = {
        "scope-restricted": _("Scopes restricted by a search (?…) are not supported; leave that out."),
        "scope-of-people": _("A system has scopes that begin with system/ only."),
        "scope-unknown": _("Write system/, a type or *, a dot and rights, such as system/Specimen.rs"),
        "scope-type": _("There is no such type of resource here."),
        "scope-rights": _("The rights are some of the letters cruds, in this order."),
    }
    return words.get(code, code)


def action_words(action: str) -> str:
    words = {
        "register-system": _("registered"),
        "change-system": _("changed"),
        "add-key": _("key added"),
        "end-key": _("key ended"),
        "suspend-system": _("suspended"),
        "resume-system": _("let in again"),
    }
    return words.get(action, action)


def detail_words(name: str) -> str:
    words = {
        "scopes": _("Scopes"),
        "sources": _("Senders"),
        "contact": _("Contact"),
        "name": _("Name"),
        "key": _("Public key"),
        "algorithm": _("Algorithm"),
        "until": _("Until"),
        "why": _("Reason"),
    }
    return words.get(name, name)
