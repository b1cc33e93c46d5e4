"""Commands that are loaded when they are called: judging a file of controls doesn't start Django."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

# Name of each command, its module, and the Typer application or the function in it.
COMMANDS = {
    "db": ("database", "app"),
    "registry": ("registry", "app"),
    "exchange": ("exchange", "app"),
    "access": ("access", "app"),
    "log": ("log", "app"),
    "serve": ("serving", "serve"),
    "demo": ("demonstration", "demo"),
    "qc": ("qc", "app"),
    "eqa": ("eqa", "app"),
}


class LazyGroup(TyperGroup):
    """The commands of the table above, each loaded when it is asked for by name, or listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands' names, for the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command; None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found = getattr(import_module(f"lienthong.cli.{module}"), name)
        command = get_group(found) if isinstance(found, typer.Typer) else _single(found)
        command.name = cmd_name
        return command


def _single(function: Callable[..., None]) -> Any:
    app = typer.Typer(add_completion=False)
    app.command()(function)
    return get_command(app)
