"""FHIR R4 and HL7 v2: messages as Bundles and back, by HL7's v2-to-FHIR guide."""

from lienthong.interop.fhir._from_bundle import Written, from_bundle
from lienthong.interop.fhir._issues import Issue, IssueCode, Severity, Unreadable, issue_of
from lienthong.interop.fhir._json import Element, dumps, loads
from lienthong.interop.fhir._origins import Origin, Origins
from lienthong.interop.fhir._outcome import operation_outcome
from lienthong.interop.fhir._references import is_reference, references
from lienthong.interop.fhir._to_bundle import BundleType, Converted, to_bundle

__all__ = [
    "BundleType",
    "Converted",
    "Element",
    "Issue",
    "IssueCode",
    "Origin",
    "Origins",
    "Severity",
    "Unreadable",
    "Written",
    "dumps",
    "from_bundle",
    "is_reference",
    "issue_of",
    "loads",
    "operation_outcome",
    "references",
    "to_bundle",
]
