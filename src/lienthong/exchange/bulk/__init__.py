"""Everything at once: resources as files of NDJSON, made in the background (HL7 FHIR Bulk Data Access, STU 2)."""
