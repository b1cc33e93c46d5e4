"""What happened, as a short table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything that the demonstration counts, read back from the database.

    `received` counts messages by state, `reasons` those held or rejected by reason, `refusals` rights refused or
    suspended by the rule that says no. `orders` gives the outcome of each item of each sample order.
    """

    received: Mapping[str, int]
    reasons: Mapping[str, int]
    messages_by_reason: Mapping[tuple[str, str], tuple[int, int]]
    results_stored: int
    results_held: int
    iqc: Mapping[str, int]
    eqa_passed: int
    eqa_failed: int
    grants: Mapping[str, int]
    refusals: Mapping[str, int]
    orders: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, str]


def show(numbers: Numbers, console: Console) -> None:
    """Print the table."""
    table = Table("What", "How many", "Of which", title="What happened", title_justify="left")
    table.add_row("messages received", str(sum(numbers.received.values())), _listed(numbers.received))
    table.add_row("held or rejected", str(sum(numbers.reasons.values())), _listed(numbers.reasons))
    table.add_row("results stored", str(numbers.results_stored), f"{numbers.results_held} held for mapping")
    table.add_row("measuring systems with controls", str(sum(numbers.iqc.values())), _listed(numbers.iqc))
    table.add_row(
        "systems scored in the EQA round",
        str(numbers.eqa_passed + numbers.eqa_failed),
        f"passed {numbers.eqa_passed}, failed {numbers.eqa_failed}",
    )
    table.add_row("rights to the mark judged", str(sum(numbers.grants.values())), _listed(numbers.grants))
    table.add_row("refused, by rule that is not met", str(sum(numbers.refusals.values())), _listed(numbers.refusals))
    console.print(table)
    console.print(_orders(numbers))


def show_open(found: Mapping[str, Mapping[str, int]], console: Console) -> None:
    """Print what came by the open interfaces: DICOM, files, FHIR."""
    if not found:
        return
    table = Table("Sender", "What is stored of it", title="By the open interfaces", title_justify="left")
    for sender, numbers in found.items():
        table.add_row(sender, ", ".join(f"{what} {number}" for what, number in numbers.items()))
    console.print(table)


def show_further(before: Numbers, console: Console) -> None:
    """Print what became of the messages that came after those of the generated input."""
    from lienthong.exchange.reads import inbox_counts

    table = Table("State", "Reason", "Messages", "Results stored", title="Further messages", title_justify="left")
    counted = {(one.state, one.reason): one for one in inbox_counts()}
    for (state, reason), one in sorted(counted.items()):
        earlier = before.messages_by_reason.get((state, reason), (0, 0))
        messages, stored = one.messages - earlier[0], one.results_stored - earlier[1]
        if messages:
            table.add_row(state, reason, str(messages), str(stored))
    console.print(table)


def _orders(numbers: Numbers) -> Table:
    table = Table("Order", "About", "Decision", title="Decisions for ten sample orders", title_justify="left")
    for number, outcomes in numbers.orders.items():
        words = ", ".join(f"{item} {outcome.replace('_', ' ')}" for item, outcome in outcomes.items())
        table.add_row(number, numbers.titles.get(number, ""), words)
    return table


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in ordered) or "none"
