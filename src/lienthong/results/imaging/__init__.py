"""Files and DICOM objects beside a report, and how objects find the report that they belong to."""
