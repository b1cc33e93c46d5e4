"""The search behind the register and the page of rights."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from django.db.models import F, Min

from lienthong.core.packs import jurisdictions, pack
from lienthong.recognition.models import Grant
from lienthong.recognition.querysets import GrantQuerySet
from lienthong.recognition.wording import item_name, region_name
from lienthong.registry import reads as registry

NEVER_ENDS = F("valid_to").asc(nulls_last=True)


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """What is looked for; None and empty leave a question open."""

    on: dt.date
    text: str = ""
    laboratory_id: int | None = None
    region: str = ""
    state: str = ""
    sort: str = "item"


def search(rows: GrantQuerySet, query: RegisterQuery) -> GrantQuerySet:
    """Narrow rows that may be seen to those that held on the day and fit the query, in the order asked for."""
    rows = rows.held(query.on)
    if query.text:
        rows = rows.of_items(matching_items(query.text))
    if query.laboratory_id:
        rows = rows.of_laboratory(query.laboratory_id)
    if query.region:
        rows = rows.reaching(query.region)
    if query.state:
        rows = rows.filter(status=query.state)
    if query.sort == "laboratory":
        return rows.order_by("procedure__laboratory__code", "item", "mark", "id")
    if query.sort == "until":
        return rows.order_by(NEVER_ENDS, "item", "procedure__laboratory__code", "id")
    return rows.sorted_by_item(item_codes())


def matching_items(text: str) -> list[str]:
    """Return the codes of items whose code or a name in any language holds the text; marks of letters don't count."""
    wanted = fold(text)
    return [
        code for code, names in _item_names().items() if wanted in fold(code) or any(wanted in fold(n) for n in names)
    ]


def item_codes() -> list[str]:
    """Return every item's code, in the order of the names that the reader sees."""
    first = {code: jurisdiction for jurisdiction in reversed(jurisdictions()) for code in _codes(jurisdiction)}
    return sorted(first, key=lambda code: fold(item_name(code, jurisdiction=first[code])))


def laboratory_choices(rows: GrantQuerySet, *, on: dt.date) -> list[tuple[str, str]]:
    """Return the laboratories that have rows on a day, by name."""
    one_each = rows.held(on).order_by().values("procedure__laboratory_id").annotate(any_procedure=Min("procedure_id"))
    ids = one_each.values_list("any_procedure", flat=True)
    found = registry.procedures(list(ids), on=on).values()
    return sorted(((str(row.laboratory_id), row.laboratory_title) for row in found), key=lambda pair: fold(pair[1]))


def scope_choices() -> list[tuple[str, str]]:
    """Return the regions in which some mark of a pack stands."""
    codes: dict[str, None] = {}
    for jurisdiction in jurisdictions():
        for held in pack(jurisdiction).marks.regions.values():
            for timeline in held.values():
                for _since, mark in timeline.entries:
                    codes |= dict.fromkeys(sorted(getattr(mark, "scope", None) or ()))
    return [(code, region_name(code)) for code in codes]


def public_rights() -> GrantQuerySet:
    """Return what everyone may see."""
    return Grant.objects.public()


def own_rights(access: registry.Access) -> GrantQuerySet:
    """Return what a manager or officer may see of the laboratories in their charge."""
    return Grant.objects.visible_to(access)


def fold(text: str) -> str:
    """Return text without case and without the marks of its letters: Độ is do."""
    plain = unicodedata.normalize("NFD", text.strip().casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _codes(jurisdiction: str) -> list[str]:
    return [code for held in pack(jurisdiction).items.regions.values() for code in held]


def _item_names() -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for jurisdiction in jurisdictions():
        for held in pack(jurisdiction).items.regions.values():
            for code, timeline in held.items():
                found = (getattr(item, "names", None) or {} for _since, item in timeline.entries)
                names.setdefault(code, set()).update(name for one in found for name in one.values())
    return names
