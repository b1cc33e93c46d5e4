"""The form of an order as its page shows it: the region's list by groups, and what is asked about the visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.core.names import pick_name
from lienthong.policy import Policy
from lienthong.portal.forms import OrderForm
from lienthong.recognition.reads import item_name


@dataclass(frozen=True, slots=True)
class OfferedItem:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemGroup:
    code: str
    name: str
    items: tuple[OfferedItem, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button or checkbox."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OrderFormView:
    groups: tuple[tuple[str, tuple[tuple[Option, ...], ...]], ...]
    encounters: tuple[Option, ...]
    purpose: tuple[Option, ...]
    purposes: tuple[Option, ...]
    facilities: tuple[Option, ...]
    number: str
    faults: tuple[tuple[str, str], ...]


def item_groups(policy: Policy) -> list[ItemGroup]:
    """Return the items of the list in force by group, in the order of the pack."""
    code = policy.pack.code
    by_group: dict[str, list[OfferedItem]] = {}
    for item in policy.items:
        by_group.setdefault(item.group, []).append(OfferedItem(item.code, item_name(item.code, jurisdiction=code)))
    return [ItemGroup(group, _group_name(policy, group), tuple(items)) for group, items in by_group.items()]


def order_form_view(form: OrderForm, *, groups: Sequence[ItemGroup]) -> OrderFormView:
    """Return the form's fields with what was chosen and what is wrong."""
    chosen = set(_values(form, "items"))
    return OrderFormView(
        groups=tuple(
            (group.name, _halves([Option(one.code, one.name, one.code in chosen) for one in group.items]))
            for group in groups
        ),
        encounters=_options(form, "encounter_class"),
        purpose=_options(form, "purpose") if form.purpose_codes else (),
        purposes=_options(form, "purposes"),
        facilities=_options(form, "facility"),
        number=str(form["number"].value() or ""),
        faults=tuple((name, str(errors[0])) for name, errors in form.errors.items()),
    )


def _halves(options: Sequence[Option]) -> tuple[tuple[Option, ...], ...]:
    """Return options in two columns that are read one after the other."""
    middle = (len(options) + 1) // 2
    return tuple(options[:middle]), tuple(options[middle:])


def _options(form: OrderForm, name: str) -> tuple[Option, ...]:
    chosen = set(_values(form, name))
    choices = form.fields[name].choices  # type: ignore[attr-defined]  # a field of choices
    return tuple(Option(str(value), str(label), str(value) in chosen) for value, label in choices)


def _values(form: OrderForm, name: str) -> list[str]:
    value = form[name].value()
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value or "")]


def _group_name(policy: Policy, code: str) -> str:
    names = policy.pack.groups.get(code, {})
    return pick_name(vi=names.get("vi", ""), zh=names.get("zh_hans", ""), en=names.get("en", "")) or code
