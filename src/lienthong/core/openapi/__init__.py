"""Descriptions of the interfaces for programs (OpenAPI 3.1), made in one way and shown to people without a script."""
