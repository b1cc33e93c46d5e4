"""Links to a sender's own archive by DICOMweb (PS3.18): only to the address that was registered for it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from lienthong.exchange.models import Source

SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Archive:
    """Where a sender's images can be opened; `base` is empty where none is registered."""

    base: str

    def study(self, uid: str) -> str:
        """Return the address of a study (PS3.18, table 10.1.1-1); empty without an archive."""
        return f"{self.base}/studies/{uid}" if self.base and uid else ""

    def rendered(self, study: str, series: str, instance: str) -> str:
        """Return the address at which the archive shows an instance as a picture."""
        return f"{self.base}/studies/{study}/series/{series}/instances/{instance}/rendered" if self.base else ""

    def allowed(self, pointer: str) -> str:
        """Return a pointer (RP) that leads to the registered archive; empty where it leads anywhere else."""
        return pointer if self.base and origin_of(pointer) == origin_of(self.base) else ""


def archive_of(source: str) -> Archive:
    """Return the archive that is registered for a sender."""
    found = Source.objects.filter(code=source).values_list("dicomweb_url", flat=True).first()
    return Archive((found or "").rstrip("/"))


def origin_of(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a web address without a user's name in it; None of anything else."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    plain = parts.scheme in SCHEMES and parts.hostname and not (parts.username or parts.password)
    if not plain or any(sign <= " " or sign in "\\\x7f" for sign in address):
        return None
    return parts.scheme, str(parts.hostname), port or {"http": 80, "https": 443}[parts.scheme]
