"""TLS of the listener and the client (RFC 8446), and the names in a client's certificate that a source may demand."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lienthong.errors import LienthongError


class BadCertificate(LienthongError):
    """Raised where a certificate, its key or the authority's certificate can't be read."""

    code = "bad-certificate"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Own certificate with its key, and the authority whose certificates the other side must have; all PEM files."""

    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """Return the listener's side of TLS 1.2 or later; with an authority, only its clients get in."""
    if files.certificate is None:
        raise BadCertificate("TLS needs a certificate of the listener; give --tls-cert and --tls-key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, files)
    if files.authority:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """Return the sender's side; without an authority the machine's own are trusted."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, files)
    return context


def names_in(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """Return every name of a checked certificate: subject alternative names and the subject's common name.

    Alternative names of DNS, URI, e-mail and address stand without their kind. `certificate` is as
    `ssl.SSLSocket.getpeercert` gives it; none or an unchecked one has no names.
    """
    if not certificate:
        return frozenset()
    alternative = {str(value) for kind, value in certificate.get("subjectAltName", ()) if kind != "DirName"}
    subject = {value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"}
    return frozenset(alternative | subject)


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    try:
        if files.certificate:
            context.load_cert_chain(files.certificate, files.key)
        if files.authority:
            context.load_verify_locations(files.authority)
    except (OSError, ssl.SSLError) as error:
        raise BadCertificate(
            f"certificate, key or authority can't be read ({type(error).__name__}); each must be a PEM file, and the "
            "key that of the certificate"
        ) from None
