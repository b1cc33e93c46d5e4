"""Opens the policy packs for `lienthong.policy`, which reads text only."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path

from lienthong import policy
from lienthong.errors import BadInput

FOLDER = Path(policy.__file__).parent / "packs"


@functools.cache
def pack(jurisdiction: str, folder: Path = FOLDER) -> policy.Pack:
    """Return the pack of a jurisdiction; raise BadInput with file, line and reason of each fault."""
    files = {f"{jurisdiction}/{path.name}": path.read_text() for path in sorted((folder / jurisdiction).glob("*.yaml"))}
    found, findings = policy.read_pack(files)
    if found is None:
        raise BadInput(findings)
    return found


def jurisdictions(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the codes of the jurisdictions that have a pack."""
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("_")))


def policy_for(region_path: tuple[str, ...], on: dt.date) -> policy.Policy:
    """Return the policy that holds in a region on a day; the path leads from the nation down to the region."""
    return pack(region_path[0].lower()).policy(region_path, on)
