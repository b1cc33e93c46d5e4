"""A resource as who asks sees it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from lienthong.interop.fhir import Element


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource as the caller sees it; `record_id` is the patient record that is read with it.

    With `is_standing` it has what the server says of it now, which changes without a new version.
    """

    kind: str
    id: str
    version: int
    changed_at: dt.datetime
    element: Element
    record_id: int | None = None
    facility_id: int | None = None
    is_deleted: bool = False
    name: UUID | None = None
    is_standing: bool = False

    @property
    def reference(self) -> str:
        """How the caller names it."""
        return f"{self.kind}/{self.id}"

    @property
    def target(self) -> str:
        """How references name it here: a resource as received by its name, a row by its id."""
        return f"{self.kind}/{self.name or self.id}"

    @property
    def is_of_other(self) -> bool:
        """Whether it is a resource as received, of another sender than the one that reads it."""
        return self.name is not None and str(self.name) == self.id
