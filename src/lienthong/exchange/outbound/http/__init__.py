"""Calls to receivers over HTTP: subscribers of resources, and witnesses of the log."""
