"""A witness: it keeps the newest checkpoint of each log that it watches, and cosigns only what goes on from there.

It needs no database. What it cosigned is on its disk before the cosignature leaves it, so that neither a race nor an
end at any instant lets it cosign two histories, or a smaller log after a larger one.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from lienthong.core.log.checkpoints import Checkpoint, NoCheckpoint, VerifierKey, is_signed, parts_of, read
from lienthong.core.log.cosignatures import cosign
from lienthong.core.log.merkle import EMPTY_ROOT, is_consistent
from lienthong.core.log.submissions import SIZE_FORM, NoSubmission, Submission
from lienthong.core.log.witness_state import StateBroken, WitnessState

log = logging.getLogger(__name__)

PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the text and its form, as HTTP gives them."""

    status: int
    text: str
    form: str = PLAIN


@dataclass(slots=True)
class Witness:
    """Answers add-checkpoint for the logs of these keys; a log may have several, as while it changes its key."""

    state: WitnessState
    logs: Iterable[VerifierKey]
    _keys: dict[str, list[VerifierKey]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.logs:
            self._keys.setdefault(one.name, []).append(one)

    def add_checkpoint(self, raw: bytes, *, at: dt.datetime) -> Answer:
        """Check what was handed over and cosign it, or say why not.

        Raises StateBroken where what the witness kept can't be read: it then cosigns nothing of that log.
        """
        try:
            given = Submission.parse(raw)
        except NoSubmission as error:
            return Answer(400, f"{error}\n")
        body, _lines = parts_of(given.note)
        origin = body.partition("\n")[0]
        if origin not in self._keys:
            return Answer(404, "this witness does not know a log of this origin\n")
        key = self._signer(given.note, origin)
        if key is None:
            return Answer(403, "none of the keys known of this log has signed the checkpoint\n")
        try:
            signed = read(given.note, key)
        except NoCheckpoint as error:
            return Answer(400, f"{error}\n")
        if given.old > signed.size:
            return Answer(400, f"the old size must be at most {signed.size}, that of the checkpoint\n")
        with self.state.locked():
            return self._judge(given, signed) or self._keep_and_cosign(given, signed, at=at)

    def _judge(self, given: Submission, signed: Checkpoint) -> Answer | None:
        """Return why a checkpoint is not cosigned; None where it goes on from what was cosigned last."""
        last = self._last(signed.origin)
        size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
        if given.old != size:
            return Answer(409, f"{size}\n", SIZE_FORM)
        if signed.size == size and signed.root != root:
            log.critical("two checkpoints of %d leaves are signed, and this is the second:\n%s", size, given.note)
            return Answer(409, f"{size}\n", SIZE_FORM)
        if not is_consistent(
            first=size, second=signed.size, first_root=root, second_root=signed.root, proof=given.proof
        ):
            log.error("not cosigned: no proof that this log begins with the %d leaves before:\n%s", size, given.note)
            return Answer(
                422, f"the proof does not lead from the {size} leaves that were cosigned to this checkpoint\n"
            )
        return None

    def _keep_and_cosign(self, given: Submission, signed: Checkpoint, *, at: dt.datetime) -> Answer:
        self.state.keep_head(signed.origin, given.note)
        return Answer(200, f"{cosign(given.note, self.state.key, name=self.state.name, at=at)}\n")

    def _last(self, origin: str) -> Checkpoint | None:
        """Return the checkpoint of a log that was cosigned last; None before the first; raises StateBroken."""
        kept = self.state.head(origin)
        if kept is None:
            return None
        key = self._signer(kept, origin)
        if key is None:
            raise StateBroken(f"what was kept of {origin} is signed by none of its keys; nothing of it is cosigned")
        return read(kept, key)

    def _signer(self, note: str, origin: str) -> VerifierKey | None:
        return next((key for key in self._keys[origin] if is_signed(note, key)), None)
