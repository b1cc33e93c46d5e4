"""Imaging: reports of examinations, their files and key images, and the listener that takes DICOM objects."""
