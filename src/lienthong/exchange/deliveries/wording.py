"""What is wrong with deliveries in words. What a form says is kept with its message id and read in words already."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.findings import Finding

FINDINGS: Mapping[str, str | Promise] = {
    "form": _("This does not follow the description of the interface; see there what this field holds."),
    "report-twice": _("This report stands in the delivery twice; put all of a report into one."),
    "not-a-pdf": _("The document is not a PDF."),
    "pdf-alone": _("A PDF must come with its metadata: patient, number of the report, times, service."),
    "pdf-encrypted": _("The PDF is encrypted or protected by a password; save it without protection."),
    "pdf-pages": _("The PDF has no page, or more pages than are taken."),
    "pdf-damaged": _("The PDF is damaged; save it again from the program that made it."),
    "pdf-active": _("The PDF holds a script or an action that starts, sends or opens something; save it without."),
    "pdf-embedded": _("The PDF holds other files or a form program; save it as plain pages."),
    "unknown-kind": _("The file is none that is taken: HL7 v2, JSON, a form as .xlsx or CSV, or a national format."),
    "unforeseen": _("The file could not be read; tell the operator of the platform its number."),
}


def delivery_words(finding: Finding) -> str:
    """Return what is wrong with a delivery in the active language where its kind has words, else as it was written."""
    return str(FINDINGS.get(finding.code, finding.message))
