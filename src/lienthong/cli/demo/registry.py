"""Registry files of the demonstration, in the form that the import pages take."""

from __future__ import annotations
