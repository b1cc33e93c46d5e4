"""The files of DICOM objects: named by the digest of their bytes, whole or not there, on the disk once told so."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lienthong.core.durable import sync_folder
from lienthong.core.embedded import data_folder

ENVIRONMENT = "LIENTHONG_IMAGES"


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """A folder of files named by content. What is written twice is the same file; nothing is ever overwritten."""

    folder: Path

    @classmethod
    def of_installation(cls) -> ImageFiles:
        """Return the files under LIENTHONG_IMAGES, else under the data folder."""
        return cls(Path(os.environ.get(ENVIRONMENT) or data_folder() / "images"))

    def keep(self, content: bytes) -> str:
        """Write the bytes to disk, unless they are there, and return their digest; raise OSError where that fails."""
        digest = sha256(content).hexdigest()
        self._write(self.path(digest), content)
        return digest

    def read(self, digest: str) -> bytes | None:
        """Return the bytes of a digest; None where they are gone or are not those any more."""
        try:
            content = self.path(digest).read_bytes()
        except OSError:
            return None
        return content if sha256(content).hexdigest() == digest else None

    def has(self, digest: str) -> bool:
        """Whether the file of a digest is there; its bytes are checked when it is read."""
        return self.path(digest).exists()

    def keep_picture(self, digest: str, longest: int, picture: bytes) -> None:
        """Keep a picture made of a file beside it; who can't be kept is made again."""
        with contextlib.suppress(OSError):
            self._write(self.picture_path(digest, longest), picture)

    def picture(self, digest: str, longest: int) -> bytes | None:
        """Return a picture that was made before."""
        try:
            return self.picture_path(digest, longest).read_bytes()
        except OSError:
            return None

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest[2:4] / f"{digest}.dcm"

    def picture_path(self, digest: str, longest: int) -> Path:
        return self.path(digest).with_suffix(f".{longest}.jpg")

    def _write(self, path: Path, content: bytes) -> None:
        """Write beside the file, flush to the disk, and rename: a reader sees all of it or nothing."""
        if path.exists():
            return
        self._make_folders(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        sync_folder(path.parent)

    def _make_folders(self, folder: Path) -> None:
        """Make the folders above a file, and let each of them be on disk before what lies in it."""
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)
            sync_folder(one.parent)
