"""What a reuse saves, by the fees of the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from lienthong.core.templatetags.numbers import fixed
from lienthong.policy import Policy

_SYMBOLS = {"VND": "₫", "CNY": "¥"}


@dataclass(frozen=True, slots=True)
class Saving:
    """A sum, and whether it rests on example fees; `missing` counts items without a fee."""

    text: str
    is_example: bool
    missing: int


def saving_of(items: Iterable[str], *, policy: Policy) -> Saving | None:
    """Return what measuring these items again would cost; None where the policy knows no fee of any."""
    codes = list(items)
    fees = [fee for fee in (policy.fee(code) for code in codes) if fee is not None]
    if not fees:
        return None
    currencies = {fee.currency for fee in fees}
    total = sum((fee.amount for fee in fees), Decimal())
    currency = currencies.pop()
    symbol = _SYMBOLS.get(currency, currency)
    decimals = 0 if total == total.to_integral_value() else 2
    return Saving(
        text=f"{fixed(total, decimals)} {symbol}",
        is_example=any(fee.source.example for fee in fees),
        missing=len(codes) - len(fees),
    )
