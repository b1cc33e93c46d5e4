"""HL7 v2 messages from files and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lienthong.errors import NotFound
from lienthong.interop import hl7v2


def read_messages(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every message; a folder is searched for .hl7 files, a batch is taken apart."""
    for path in paths:
        if not path.exists():
            raise NotFound(f"{path} is not there; give a file or a folder of .hl7 files")
        for file in sorted(path.rglob("*.hl7")) if path.is_dir() else [path]:
            messages, _ = hl7v2.split_batch(file.read_bytes())
            yield from ((file.name, message) for message in messages)
