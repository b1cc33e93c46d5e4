"""What R4 asks of a resource: its structure, its values, and the rules that HL7 gives (docs/fhir-validation.md)."""

from lienthong.interop.fhir.r4.checking._check import check

__all__ = ["check"]
