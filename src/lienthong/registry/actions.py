"""What is done to the registry: tables are brought in, kept, and imported; roles are given and ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import actions as core
from lienthong.core import audit
from lienthong.core.dated import end_period
from lienthong.core.imports.run import ImportReport, preview, run
from lienthong.core.imports.spec import Importer, importer_of
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.registry.access import Role, administers_region, check_place, check_role
from lienthong.registry.models import Facility, Laboratory, Procedure, Region, RoleBinding, TableFile
from lienthong.registry.permissions import check_may_dismiss, check_stays_administrator

Reached = dict[str, frozenset[str]] | None
Keys = Collection[int]


@transaction.atomic
def import_table(
    kind: str, data: bytes, name: str, *, good_rows_only: bool = False, by: User, at: dt.datetime
) -> ImportReport:
    """Import a table of a kind that an app offers; raise NotAllowed unless the user is an administrator, of a region
    where the kind is for that.

    With a finding nothing is written, unless only the good rows are wanted. The same file again changes nothing.
    """
    importer = _importer(kind)
    reached = _reached_for(importer, by, at)
    report = run(importer, data, name, good_rows_only=good_rows_only, at=at, reached=reached)
    if report.is_written:
        detail = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
        audit.record("import-table", by=by, at=at, object_kind=kind, object_key=name[-100:], detail=detail)
    return report


def preview_table(kind: str, data: bytes, name: str, *, by: User, at: dt.datetime) -> ImportReport:
    """Return what importing a table would do, without doing it."""
    importer = _importer(kind)
    return preview(importer, data, name, reached=_reached_for(importer, by, at))


@transaction.atomic
def keep_table(*, kind: str, data: bytes, name: str, by: User, at: dt.datetime) -> int:
    """Keep a file for a look at what it would do; what the same user kept before and never imported is dropped."""
    importer = _importer(kind)
    _reached_for(importer, by, at)
    TableFile.objects.filter(by=by, imported_at=None).delete()
    return TableFile.objects.create(kind=importer.kind, name=name[-200:], content=data, by=by, at=at).pk


@transaction.atomic
def import_kept_table(file_id: int, *, good_rows_only: bool, by: User, at: dt.datetime) -> ImportReport:
    """Import a file that the user kept, once."""
    file = TableFile.objects.select_for_update().filter(pk=file_id, by=by).first()
    if file is None:
        raise NotFound(_("This file is not here any more; choose it again."))
    if file.imported_at is not None:
        raise Conflict(_("This file has been imported already."))
    report = import_table(file.kind, bytes(file.content), file.name, good_rows_only=good_rows_only, by=by, at=at)
    if report.is_written:
        file.imported_at = at
        file.save(update_fields=["imported_at"])
    return report


@transaction.atomic
def bind_role(
    *, user: User, role: str, by: User, at: dt.datetime, laboratory: str = "", facility: str = "", region: str = ""
) -> int:
    """Give a user a role in one place, named by its code, from the day of `at` on; the same again changes nothing.

    Raise NotAllowed unless an administrator reaches the place, Conflict where the account is closed, ValueError unless
    exactly one place is named.
    """
    day = timezone.localdate(at)
    core.lock_users(by, user)
    kind, code = _named(laboratory=laboratory, facility=facility, region=region)
    bound = {"role": Role(role).value, f"{kind}_id": _place(kind, code, by=by, day=day)}
    core.check_is_open(user)
    held = RoleBinding.objects.of(user.pk, day).filter(**bound).first()
    if held is not None:
        return held.pk
    audit.record(
        "bind-role", by=by, at=at, object_kind="user", object_key=user.username, detail={"role": role, "place": code}
    )
    return RoleBinding.objects.create(user=user, valid_from=day, recorded_at=at, **bound).pk


@transaction.atomic
def add_person(
    *,
    username: str,
    full_name: str,
    language: str,
    role: str,
    by: User,
    at: dt.datetime,
    laboratory: str = "",
    facility: str = "",
    region: str = "",
) -> tuple[User, str]:
    """Make an account with a first role in one place; return it with its first password, which is kept nowhere.

    Raise what `bind_role` does, and Conflict where the user name is taken.
    """
    check_role(by, Role.ADMINISTRATOR, on=timezone.localdate(at))
    user, password = core.add_account(username=username, full_name=full_name, language=language, by=by, at=at)
    bind_role(user=user, role=role, laboratory=laboratory, facility=facility, region=region, by=by, at=at)
    return user, password


@transaction.atomic
def end_role(
    *,
    user: User,
    role: str,
    by: User,
    at: dt.datetime,
    laboratory: str = "",
    facility: str = "",
    region: str = "",
    why: str = "",
) -> None:
    """End a user's role in one place, named by its code: from now on it gives no right, also where it began today.

    Raise NotAllowed unless an administrator reaches the place, or where it is the own last role of administrator;
    NotFound where the user has no such role there; ValueError unless exactly one place is named.
    """
    day = timezone.localdate(at)
    core.lock_users(by, user)
    kind, code = _named(laboratory=laboratory, facility=facility, region=region)
    bound = {"role": Role(role).value, f"{kind}_id": _place(kind, code, by=by, day=day)}
    held = list(RoleBinding.objects.not_ended(day).filter(user=user, **bound).with_places())
    if not held:
        raise NotFound(_("There is no such role any more."))
    check_stays_administrator(by, held, on=day)
    _end(held, by=by, at=at, why=why)


@transaction.atomic
def dismiss(user: User, *, by: User, at: dt.datetime, why: str = "") -> int:
    """End all roles of a user and close the account; return how many roles ended. The same again changes nothing.

    Raise NotAllowed unless an administrator reaches the places of all these roles, and for one's own account.
    """
    day = timezone.localdate(at)
    core.lock_users(by, user)
    check_may_dismiss(user, by=by, on=day)
    held = list(RoleBinding.objects.not_ended(day).filter(user=user).with_places())
    _end(held, by=by, at=at, why=why)
    core.close_account(user, why=why, by=by, at=at)
    return len(held)


def _end(held: Iterable[RoleBinding], *, by: User, at: dt.datetime, why: str) -> None:
    for binding in held:
        detail = {"role": binding.role, "place": binding.place.code, "why": why}
        audit.record("end-role", by=by, at=at, object_kind="user", object_key=binding.user.username, detail=detail)
        end_period(binding, on=timezone.localdate(at), at=at)


def _named(**places: str) -> tuple[str, str]:
    """Return kind and code of the one place that is named."""
    given = [(kind, code) for kind, code in places.items() if code]
    if len(given) != 1:
        raise ValueError(f"a role is bound to exactly one place, but {len(given)} are named")
    return given[0]


def _place(kind: str, code: str, *, by: User, day: dt.date) -> int:
    """Return the key of a place; raise NotAllowed unless an administrator reaches all of it."""
    check_role(by, Role.ADMINISTRATOR, on=day)
    key = _key(kind, code)
    check_place(by, kind, key, Role.ADMINISTRATOR, on=day)
    return key


def _key(kind: str, code: str) -> int:
    found = {
        "laboratory": Laboratory.objects.filter(code=code).values_list("pk", flat=True),
        "facility": Facility.objects.filter(code=code).values_list("pk", flat=True),
        "region": Region.objects.filter(code=code).values_list("pk", flat=True),
    }[kind].first()
    if found is None:
        raise NotFound(_("There is no place under the code %(code)s.") % {"code": code})
    return found


def _importer(kind: str) -> Importer:
    found = importer_of(kind)
    if found is None:
        raise NotFound(_("There is no such kind of table."))
    return found


def _reached_for(importer: Importer, by: User, at: dt.datetime) -> Reached:
    """Return what an administrator reaches with a kind of table; raise NotAllowed where it takes one of a region."""
    access = check_role(by, Role.ADMINISTRATOR, on=timezone.localdate(at))
    if not importer.is_of_region or by.is_system:
        return _reached(by, at)
    if not administers_region(access):
        raise NotAllowed(_("This judges facilities, or holds for all of them: who administers a region brings it in."))
    regions = access.regions[Role.ADMINISTRATOR]
    facilities = Facility.objects.in_regions(set(regions)).values_list("pk", flat=True)
    laboratories = Laboratory.objects.filter(facility__in=facilities).values_list("pk", flat=True)
    return _codes(regions, {*facilities}, {*laboratories})


def _reached(by: User, at: dt.datetime) -> Reached:
    """Return the codes of the places that an administrator reaches whole, by kind; None, all, for a system user."""
    access = check_role(by, Role.ADMINISTRATOR, on=timezone.localdate(at))
    if by.is_system:
        return None
    whole = access.whole_places_as(Role.ADMINISTRATOR)
    return _codes(whole["region"], whole["facility"], whole["laboratory"])


def _codes(regions: Keys, facilities: Keys, laboratories: Keys) -> dict[str, frozenset[str]]:
    codes = {
        "region": Region.objects.filter(pk__in=regions),
        "facility": Facility.objects.filter(pk__in=facilities),
        "laboratory": Laboratory.objects.filter(pk__in=laboratories),
        "procedure": Procedure.objects.filter(laboratory_id__in=laboratories),
    }
    return {kind: frozenset(rows.values_list("code", flat=True)) for kind, rows in codes.items()}
