"""Secrets that an installation makes for itself and keeps beside its data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(folder: Path) -> str:
    """Return the installation's signing key; make it on first use, readable by its owner only."""
    return kept_secret(folder / "secret-key")


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file; make it on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # whoever is first wins; nobody overwrites
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
