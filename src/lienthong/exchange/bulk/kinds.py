"""Which types of resources an export may have: all, those about patients, and those that a centre gets."""

from __future__ import annotations

from lienthong.exchange.fhir.kinds import KINDS

# The types of R4 that are about a patient (the patient's compartment).
_ABOUT_PATIENTS = """
Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic BodyStructure CarePlan CareTeam
ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Composition Condition Consent
Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest DeviceUseStatement
DiagnosticReport DocumentManifest DocumentReference Encounter EnrollmentRequest EpisodeOfCare ExplanationOfBenefit
FamilyMemberHistory Flag Goal Group ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation Invoice
List MeasureReport Media MedicationAdministration MedicationDispense MedicationRequest MedicationStatement
MolecularSequence NutritionOrder Observation Patient Person Procedure Provenance QuestionnaireResponse RelatedPerson
RequestGroup ResearchSubject RiskAssessment Schedule ServiceRequest Specimen SupplyDelivery SupplyRequest
VisionPrescription
"""
PATIENT_COMPARTMENT = frozenset(_ABOUT_PATIENTS.split())
# What laboratories are judged by; each has a table in `pseudonyms` of what of it is told.
OVERSIGHT_KINDS = frozenset(
    ("DiagnosticReport", "Location", "Observation", "Organization", "Patient", "ServiceRequest", "Specimen")
)


def kinds_of(*, patients_only: bool, is_oversight: bool) -> tuple[str, ...]:
    """Return the types that an export may have, in the order in which they are written."""
    return tuple(
        one
        for one in KINDS
        if (one in PATIENT_COMPARTMENT or not patients_only) and (one in OVERSIGHT_KINDS or not is_oversight)
    )
