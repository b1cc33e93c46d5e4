"""Pages of one laboratory show its own time; pages of several, the time of the installation."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from django.utils import timezone

from lienthong.iqc.overview import Standing


def in_zone_of(found: Sequence[Standing]) -> contextlib.AbstractContextManager[object]:
    """Return a context in which instants are shown and read in the one zone of the systems, where they share it."""
    zones = {one.system.zone for one in found}
    return timezone.override(zones.pop()) if len(zones) == 1 else contextlib.nullcontext()
