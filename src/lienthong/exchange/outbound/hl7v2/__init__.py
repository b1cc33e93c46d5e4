"""Reports as result messages of HL7 v2.5.1 (ORU^R01, chapter 7.3.1) over MLLP: what they say and how they go out."""
