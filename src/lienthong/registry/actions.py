"""What is done to the registry: tables are brought in, kept, and imported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.imports.run import ImportReport, preview, run
from lienthong.core.imports.spec import Importer, importer_of
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.registry.access import Role, administers_region, check_role
from lienthong.registry.models import Facility, Laboratory, Procedure, Region, RoleBinding, TableFile

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

    Raise NotAllowed unless an administrator reaches the place, ValueError unless exactly one place is named.
    """
    named = {"laboratory": laboratory, "facility": facility, "region": region}
    given = [(kind, code) for kind, code in named.items() if code]
    if len(given) != 1:
        raise ValueError(f"a role is bound to exactly one place, but {len(given)} are named")
    [(kind, code)] = given
    reached, day = _reached(by, at), timezone.localdate(at)
    place = _place(kind, code)
    if reached is not None and code not in reached[kind]:
        raise NotAllowed(_("This place is not one of yours."))
    bound = {"role": Role(role).value, f"{kind}_id": place}
    held = RoleBinding.objects.of(user.pk, day).filter(**bound).first()
    if held is not None:
        return held.pk
    audit.record(
        "bind-role", by=by, at=at, object_kind="user", object_key=user.username, detail={"role": role, "place": code}
    )
    return RoleBinding.objects.create(user=user, valid_from=day, recorded_at=at, **bound).pk


def _place(kind: str, code: str) -> int:
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
    """Return the codes of the places that an administrator reaches, by kind; None, everything, for a system user."""
    access = check_role(by, Role.ADMINISTRATOR, on=timezone.localdate(at))
    if by.is_system:
        return None
    role = Role.ADMINISTRATOR
    return _codes(access.regions.get(role, frozenset()), access.facilities_as(role), access.laboratories_as(role))


def _codes(regions: Keys, facilities: Keys, laboratories: Keys) -> dict[str, frozenset[str]]:
    codes = {
        "region": Region.objects.filter(pk__in=regions),
        "facility": Facility.objects.filter(pk__in=facilities),
        "laboratory": Laboratory.objects.filter(pk__in=laboratories),
        "procedure": Procedure.objects.filter(laboratory_id__in=laboratories),
    }
    return {kind: frozenset(rows.values_list("code", flat=True)) for kind, rows in codes.items()}
