"""`lienthong log export`: the log as one file, or the leaves of one report with their proofs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lienthong.cli.acting import acting
from lienthong.cli.progress import steps
from lienthong.cli.start import start
from lienthong.errors import Conflict, NotFound

if TYPE_CHECKING:
    from lienthong.core.log.files import Line

Write = Callable[["Line"], None]


def export(
    path: Annotated[Path, typer.Argument(help="New file; packed where its name ends in .gz")],
    report: Annotated[
        int | None, typer.Option(help="Only this report (the number in its page's address), with its proofs")
    ] = None,
    without_statements: Annotated[
        bool, typer.Option("--without-statements", help="Leave out what was reported: for those who only keep watch")
    ] = False,
) -> None:
    """Write the log to a file that can be verified without the database; it holds results of patients."""
    start(needs_tables=True)
    from lienthong.core.log.files import writing
    from lienthong.core.log.identity import log_key

    if path.exists():
        raise Conflict(f"{path} exists; name a new file")
    proofs = [] if report is None else _proofs(report, without_statements=without_statements)
    with writing(path, log_key()) as write:
        for line in proofs:
            write(line)
        count = len(proofs) if proofs else _whole(write, without_statements=without_statements)
    _note(count, report, without_statements=without_statements)
    typer.echo(f"{count} leaves in {path}")


def _whole(write: Write, *, without_statements: bool) -> int:
    """Write all leaves that there are now, each checkpoint after the leaves that it signs."""
    from lienthong.core.log.files import CheckpointLine, leaf_line
    from lienthong.core.log.storage import checkpoints, size_of_log
    from lienthong.core.log.verification import Claim
    from lienthong.results.log_reads import chunks_of_log, claims

    count, kept = 0, checkpoints()
    signed = next(kept, None)
    with steps() as progress:
        forward = progress.advance("writing leaves", size_of_log())
        for leaves in chunks_of_log():
            bare = (Claim(leaf.position, leaf.digest) for leaf in leaves)
            for claim in bare if without_statements else claims(leaves):
                write(leaf_line(claim))
                while signed and signed.size == claim.position + 1:
                    write(CheckpointLine(signed.note))
                    signed = next(kept, None)
            count += len(leaves)
            forward(len(leaves))
    return count


def _proofs(report: int, *, without_statements: bool) -> list[Line]:
    """Return the leaves of a report's versions, each with the proof that the newest checkpoint holds it."""
    from lienthong.core.log.files import proof_line
    from lienthong.core.log.reads import inclusion
    from lienthong.core.log.verification import Claim, Proof
    from lienthong.results.log_reads import versions_of_report

    lines: list[Line] = []
    for entry, claim in versions_of_report(report):
        if found := inclusion(entry):
            said = Claim(claim.position, claim.digest) if without_statements else claim
            lines.append(proof_line(Proof(said, found.checkpoint.size, found.proof, found.checkpoint.note)))
    if not lines:
        raise NotFound("no version of this report is in a signed checkpoint yet")
    return lines


def _note(count: int, report: int | None, *, without_statements: bool) -> None:
    """Write to the audit log that results left the database."""
    from lienthong.core import audit

    detail: dict[str, str | int | float | bool | None] = {"leaves": count, "without_statements": without_statements}
    key = "all" if report is None else report
    audit.record("export", **acting(), object_kind="log", object_key=key, detail=detail)
