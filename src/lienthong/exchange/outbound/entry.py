"""What is said of an outlet when it is registered, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lienthong.findings import Finding

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletEntry:
    """An outlet: `facility` is the code of the facility to whom the data go, `client` the system that made it.

    `settings` are the channel's own; whoever registers has checked them.
    """

    code: str
    name: str
    channel: str
    facility: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    client: str = ""
    valid_to: dt.datetime | None = None


def faults(entry: OutletEntry, *, at: dt.datetime) -> list[Finding]:
    """Return what is wrong with an entry, by its fields."""
    found = []
    if not _CODE.fullmatch(entry.code):
        told = _("Give a code of letters, digits, full stops, hyphens and underscores, at most 60.")
        found.append(Finding("code", "code", told))
    if not entry.name.strip() or len(entry.name) > LONGEST_NAME:
        found.append(Finding("name", "name", _("Give a name of at most 200 signs.")))
    if entry.valid_to is not None and entry.valid_to <= at:
        found.append(Finding("valid_to", "past", _("The end must lie in the future.")))
    return found
