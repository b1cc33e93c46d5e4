"""`lienthong registry`: tables and people from the command line: the first ones, and whom no page can help."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lienthong.cli.start import start

if TYPE_CHECKING:
    from lienthong.cli.acting import Acting
    from lienthong.core.models import User

app = typer.Typer(no_args_is_help=True, help="Tables and people: the first ones, and who leaves.")
Place = Annotated[str, typer.Option(help="Code of the place in which the role holds; give one of the three")]
Username = Annotated[str, typer.Argument(help="Name to sign in with")]
KINDS = ("region", "facility", "laboratory")
ROLES = "administrator, operator, officer, manager, technician, clinician"


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
    role: Annotated[str, typer.Option(help=ROLES)],
    full_name: Annotated[str, typer.Option(help="As pages show it")] = "",
    region: Place = "",
    facility: Place = "",
    laboratory: Place = "",
    language: Annotated[str, typer.Option(help="vi, zh-hans or en")] = "vi",
    reopen: Annotated[bool, typer.Option("--reopen", help="Open a closed account again; a password is asked")] = False,
) -> None:
    """Give somebody a role in one place from today on; of a new user the password is asked, or read from a pipe."""
    place = _one_place(region, facility, laboratory)
    start(needs_tables=True)
    from django.db import transaction

    from lienthong.registry.actions import bind_role

    _check_role(role)
    doing = _acting()
    with transaction.atomic():
        user = _account(username, full_name or username, language, reopen=reopen, doing=doing)
        bind_role(user=user, role=role, **place, **doing)
    typer.echo(f"{username}: {role} of {region or facility or laboratory}")


@app.command("dismiss")
def dismiss(
    username: Username,
    role: Annotated[str, typer.Option(help=f"End this role only: {ROLES}")] = "",
    region: Place = "",
    facility: Place = "",
    laboratory: Place = "",
    why: Annotated[str, typer.Option(help="Reason, for the audit log")] = "",
) -> None:
    """End all roles of somebody and close the account, at once; with --role and a place, only that role."""
    named = bool(role), any((region, facility, laboratory))
    if named[0] != named[1]:
        raise typer.BadParameter("give --role and its place, or neither to end all roles and close the account")
    place = _one_place(region, facility, laboratory) if role else {}
    start(needs_tables=True)
    from lienthong.registry import actions

    user = _person(username)
    if role:
        _check_role(role)
        actions.end_role(user=user, role=role, why=why, **place, **_acting())
        typer.echo(f"{username}: no longer {role} of {region or facility or laboratory}")
        return
    ended = actions.dismiss(user, why=why, **_acting())
    typer.echo(f"{username}: {ended} roles ended, account closed")


@app.command("password")
def password(username: Username) -> None:
    """Give somebody a new password, asked or read from a pipe; whoever is signed in under that name no longer is."""
    start(needs_tables=True)
    from lienthong.core.actions import check_is_open, set_password

    user = _person(username)
    check_is_open(user)
    set_password(user, password=_password(username), **_acting())
    typer.echo(f"{username}: new password, open sessions ended")


def _acting() -> Acting:
    """Return the system user in whose name an installation is set up, and the present instant."""
    from django.utils import timezone

    from lienthong.core.actions import system_user

    return {"by": system_user("setup"), "at": timezone.now()}


def _one_place(region: str, facility: str, laboratory: str) -> dict[str, str]:
    given = {kind: code for kind, code in zip(KINDS, (region, facility, laboratory), strict=True) if code}
    if len(given) != 1:
        raise typer.BadParameter("give one of --region, --facility and --laboratory")
    return given


def _check_role(role: str) -> None:
    from lienthong.registry.access import Role

    if role not in Role.values:
        raise typer.BadParameter(f"the roles are {', '.join(Role.values)}", param_hint="--role")


def _person(username: str) -> User:
    from lienthong.core.models import User
    from lienthong.errors import NotFound

    found = User.objects.filter(username=username, is_system=False).first()
    if found is None:
        raise NotFound(f"there is no account of the name {username}")
    return found


def _account(username: str, full_name: str, language: str, *, reopen: bool, doing: Acting) -> User:
    """Return the user of a name: who is known keeps the password, unless a closed account is opened again."""
    from lienthong.core.actions import create_user, open_account
    from lienthong.core.models import User

    known = User.objects.filter(username=username).first()
    if known is None:
        return create_user(username=username, full_name=full_name, password=_password(username), language=language)
    if not known.is_active:
        if not reopen:
            raise typer.BadParameter(
                f"the account of {username} is closed; --reopen opens it again, with a new password"
            )
        open_account(known, password=_password(username), **doing)
    return known


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
