"""The newest checkpoint that this machine signed, in a file beside its key, where no SQL reaches it."""

from __future__ import annotations

import os
from pathlib import Path


def own_head() -> Path:
    """Return the file; it is there once something was signed."""
    from lienthong.core.embedded import data_folder

    return data_folder() / "log-head"


def keep_own_head(note: str) -> None:
    """Write a checkpoint to the file, whole or not at all."""
    path = own_head()
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(note, "utf-8")
    draft.replace(path)
