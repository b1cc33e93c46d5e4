"""Names that packs hold, in the active language; a code without a name stands for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from lienthong.core.names import pick_name
from lienthong.core.packs import jurisdictions, pack
from lienthong.policy import ExceptionReason, Item, Names, Pack


@dataclass(frozen=True, slots=True)
class LawWords:
    """The text that a rule rests on, as it is cited; `is_seen` says that the text itself was read."""

    title: str
    article: str
    url: str
    is_seen: bool

    def __str__(self) -> str:
        return f"{self.title}, {self.article}" if self.article else self.title


def pick(names: Names) -> str:
    """Return the name in the active language, else the first there is."""
    return pick_name(vi=names.get("vi", ""), zh=names.get("zh_hans", ""), en=names.get("en", ""))


def item_name(code: str, *, jurisdiction: str) -> str:
    """Return an item's name, as the newest list that has it gives it."""
    dated = _items(pack(jurisdiction), code)
    return pick(max(dated, key=lambda entry: entry[0])[1].names) if dated else code


def exception_name(code: str, *, jurisdiction: str) -> str:
    """Return the name of an exception or reason."""
    dated = _exceptions(pack(jurisdiction), code)
    if dated:
        return pick(max(dated, key=lambda entry: entry[0])[1].names)
    return _("no reason was given") if code == "not_given" else code


def region_name(code: str) -> str:
    """Return a region's name, as the pack of its nation gives it."""
    for jurisdiction in jurisdictions():
        names = pack(jurisdiction).regions.get(code)
        if names:
            return pick(names)
    return code


def law_words(reference: str, *, jurisdiction: str) -> LawWords | None:
    """Return the text that a rule rests on; None where the policy names none."""
    found = pack(jurisdiction).references.get(reference)
    if found is None:
        return None
    url = found.url or ""
    return LawWords(
        title=found.title,
        article=found.article or "",
        url=url if not url or "://" in url else f"https://{url}",
        is_seen=found.checked,
    )


def _items(held: Pack, code: str) -> list[tuple[date, Item]]:
    lines = [table[code] for table in held.items.regions.values() if code in table]
    return [(since, one) for line in lines for since, one in line.entries if isinstance(one, Item)]


def _exceptions(held: Pack, code: str) -> list[tuple[date, ExceptionReason]]:
    lines = [table[code] for table in held.exceptions.regions.values() if code in table]
    return [(since, one) for line in lines for since, one in line.entries if isinstance(one, ExceptionReason)]
