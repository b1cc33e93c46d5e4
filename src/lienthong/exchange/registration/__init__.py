"""Registering the systems that send: by a form, from a refused message, and a message tried before it counts."""
