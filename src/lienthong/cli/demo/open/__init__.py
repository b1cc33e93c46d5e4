"""The open interfaces in the demonstration: an ultrasound room, two hospitals with files, one that speaks FHIR."""
