"""What makes a new file last: the folder that names it is brought to the disk as well."""

from __future__ import annotations

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk; without it a crash may lose a file that was synced itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
