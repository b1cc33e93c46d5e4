"""Progress on long work: what is being done, how far it is, how long it took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Steps:
    """One bar for each step; where no terminal is, each step is a line when it is done."""

    bars: Progress
    console: Console

    def advance(self, words: str, total: int) -> Callable[[int], None]:
        """Begin a step; the function returned is called with how much more is done."""
        bar = self.bars.add_task(words, total=max(total, 1))

        def forward(count: int) -> None:
            self.bars.update(bar, advance=count)

        return forward

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Show one step that has no parts."""
        forward = self.advance(words, 1)
        yield
        forward(1)


@contextmanager
def steps(console: Console | None = None) -> Iterator[Steps]:
    """Show steps with their bars while the work goes on."""
    chosen = console or Console(stderr=True)
    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=chosen) as bars:
        yield Steps(bars, chosen)
