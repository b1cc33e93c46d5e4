"""`lienthong registry`: the first tables and the first people of an installation; later ones come by the pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.start import start

app = typer.Typer(no_args_is_help=True, help="The first tables and people of an installation.")
Place = Annotated[str, typer.Option(help="Code of the place in which the role holds; give one of the three")]


@app.command("import")
def import_file(
    kind: Annotated[str, typer.Argument(help="regions, facilities, laboratories, … as on the page *Import*")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Excel or CSV")],
) -> None:
    """Import a table; with a finding nothing is written, and the exit code is 1."""
    start(needs_tables=True)
    from django.utils import timezone, translation

    from lienthong.core.actions import system_user
    from lienthong.registry.actions import import_table

    with translation.override("en"):
        report = import_table(kind, file.read_bytes(), file.name, by=system_user("setup"), at=timezone.now())
    for finding in report.findings:
        typer.echo(f"{finding.where} {finding.code}: {finding.message}", err=True)
    typer.echo(f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged")
    sys.exit(0 if report.is_written else 1)


@app.command("appoint")
def appoint(
    username: Annotated[str, typer.Argument(help="Name to sign in with; a user who is known keeps the password")],
    role: Annotated[str, typer.Option(help="administrator, operator, officer, manager, technician, clinician")],
    full_name: Annotated[str, typer.Option(help="As pages show it")] = "",
    region: Place = "",
    facility: Place = "",
    laboratory: Place = "",
    language: Annotated[str, typer.Option(help="vi, zh-hans or en")] = "vi",
) -> None:
    """Give somebody a role in one place from today on; of a new user the password is asked, or read from a pipe."""
    if sum(map(bool, (region, facility, laboratory))) != 1:
        raise typer.BadParameter("give one of --region, --facility and --laboratory")
    start(needs_tables=True)
    from django.db import transaction
    from django.utils import timezone

    from lienthong.core.actions import create_user, system_user
    from lienthong.core.models import User
    from lienthong.registry.access import Role
    from lienthong.registry.actions import bind_role

    if role not in Role.values:
        raise typer.BadParameter(f"the roles are {', '.join(Role.values)}", param_hint="--role")
    known = User.objects.filter(username=username).exists()
    with transaction.atomic():
        user = create_user(
            username=username,
            full_name=full_name or username,
            password=None if known else _password(username),
            language=language,
        )
        bind_role(
            user=user,
            role=role,
            region=region,
            facility=facility,
            laboratory=laboratory,
            by=system_user("setup"),
            at=timezone.now(),
        )
    typer.echo(f"{username}: {role} of {region or facility or laboratory}")


def _password(username: str) -> str:
    """Ask for a password, or read the first line of a pipe; it must satisfy what pages ask of one."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from lienthong.core.models import User

    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, User(username=username))
    except ValidationError as refused:
        raise typer.BadParameter(" ".join(refused.messages), param_hint="password") from refused
    return password
