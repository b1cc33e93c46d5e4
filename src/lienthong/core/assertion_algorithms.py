"""The signatures that are taken, by the kind of key (SMART App Launch 2: RS384 and ES384)."""

from __future__ import annotations

ALGORITHMS = {"RSA": "RS384", "EC": "ES384"}
