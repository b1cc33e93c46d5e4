"""What others may ask of the sealed versions of reports: that they are in the log, and what a printed copy leads to."""

from __future__ import annotations

import datetime as dt
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from lienthong.core.log.checkpoints import NoCheckpoint, read
from lienthong.core.log.identity import log_key
from lienthong.core.log.reads import Inclusion, inclusion
from lienthong.core.log.sealing import seal
from lienthong.core.log.storage import Leaf, LogBroken, leaf_of
from lienthong.core.log.verification import Claim
from lienthong.errors import NotFound
from lienthong.results.models import Report
from lienthong.results.reports.checking import check_log, chunks_of_log, claim, claims, one_snapshot
from lienthong.results.reports.resealing import reseal

__all__ = [
    "Leaf",
    "ProvenReport",
    "check_log",
    "chunks_of_log",
    "claims",
    "one_snapshot",
    "proof_token",
    "proven_report",
    "versions_of_report",
]

KEY_BYTES, SECRET_BYTES = 8, 10
PURPOSE = b"lienthong proof page"


@dataclass(frozen=True, slots=True)
class ProvenReport:
    """One version of a report, as far as a page without an account needs it.

    `is_unchanged`: what is stored gives the digest that was entered; None while no checkpoint holds the version.
    `results` are the keys of the results that stood with it. `latest_status` is that of the newest version. What a
    version from before there was a log did not keep is None or empty.
    """

    facility_id: int
    issued_at: dt.datetime | None
    status: str
    results: tuple[int, ...]
    is_latest: bool
    latest_status: str
    leaf: Inclusion | None
    is_unchanged: bool | None


def proof_token(report_id: int) -> str | None:
    """Return the unguessable part of the address of the proof page of a report's latest version.

    It is made of the version's key and 80 bits of a digest of its salt, which nobody else knows. None where no version
    is sealed yet.
    """
    row = _one(
        "SELECT id, salt FROM results_report_version WHERE report_id = %s ORDER BY version DESC, id DESC LIMIT 1",
        report_id,
    )
    return _token(row[0], bytes(row[1])) if row else None


def proven_report(token: str) -> ProvenReport:
    """Return the version that an address names, with its proof; raises NotFound where it names none."""
    entry, said = _read(token)
    row = _one("SELECT salt FROM results_report_version WHERE id = %s", entry)
    if row is None or not compare_digest(_secret(bytes(row[0])), said):
        raise NotFound(_("There is no report with this address; compare it with the printed one."))
    return _proven(entry)


def versions_of_report(report_id: int) -> list[tuple[int, Claim]]:
    """Return the logged versions of a report, each as its entry and its leaf; those that wait are left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM results_report_version WHERE report_id = %s ORDER BY version, id", [report_id])
        entries = [row[0] for row in cursor.fetchall()]
    stored = reseal(entries)
    leaves = [leaf for entry in entries if (leaf := leaf_of(entry))]
    return [(leaf.entry, claim(leaf, stored.get(leaf.entry))) for leaf in leaves]


def _proven(entry: int) -> ProvenReport:
    with one_snapshot():
        version, (leaf, is_broken) = reseal([entry])[entry], _inclusion(entry)
        (head,) = _one("SELECT head FROM results_report_version WHERE id = %s", entry) or ("{}",)
        latest = Report.objects.filter(pk=version.report_id).values_list("status", flat=True).first()
    said = json.loads(head)
    issued = said["released_at"] or said["collected_at"]
    is_same = leaf and not version.problem and seal(version.statement, salt=version.salt) == leaf.digest
    is_unchanged = False if is_broken else None if leaf is None else bool(is_same) and _is_signed(leaf)
    return ProvenReport(
        facility_id=said["facility"],
        issued_at=dt.datetime.fromisoformat(issued) if issued else None,
        status=said["status"] or "",
        results=version.results if latest else (),  # of a report that is gone nothing is looked up
        is_latest=version.is_latest,
        latest_status=latest or "",
        leaf=leaf,
        is_unchanged=is_unchanged,
    )


def _inclusion(entry: int) -> tuple[Inclusion | None, bool]:
    """Return the proof of an entry, and whether there is none because a part of the tree is missing."""
    try:
        return inclusion(entry), False
    except LogBroken:
        return None, True


def _is_signed(leaf: Inclusion) -> bool:
    """Whether the proof leads to a root that the log's key has signed."""
    try:
        signed = read(leaf.checkpoint.note, log_key())
    except NoCheckpoint:
        return False
    return leaf.holds and (signed.size, signed.root) == (leaf.checkpoint.size, leaf.checkpoint.root)


def _token(entry: int, salt: bytes) -> str:
    return urlsafe_b64encode(entry.to_bytes(KEY_BYTES, "big") + _secret(salt)).decode()


def _secret(salt: bytes) -> bytes:
    return sha256(PURPOSE + salt).digest()[:SECRET_BYTES]


def _read(token: str) -> tuple[int, bytes]:
    """Return the key and the secret of a token; what is no token names nothing."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        return 0, b""
    if len(raw) != KEY_BYTES + SECRET_BYTES:
        return 0, b""
    return int.from_bytes(raw[:KEY_BYTES], "big", signed=True), raw[KEY_BYTES:]


def _one(statement: str, value: int) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
